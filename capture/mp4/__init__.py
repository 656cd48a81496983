"""Fragmented MP4: written from coded packets without re-encoding them, read back after a power cut.

An own writer, because FFmpeg's needs an open input stream to copy from, invents the duration of the last
picture before a cut, and refuses a whole file for one packet out of order. See docs/design/0002-recording.md.
"""
