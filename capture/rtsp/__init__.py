"""RTSP cameras over TCP, read without a media library: docs/design/0007-own-rtsp-source.md.

`source` opens a camera: `session` is the dialogue over a `connection`, `description` what the camera says it
sends, `formats` what of it is spoken here. `stream` reads: `interleaved` cuts what came into RTP packets,
`h264`, `h265` and `sound` make coded pictures and blocks of sound of them, `media_time` their times.
"""
