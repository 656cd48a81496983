"""Replay: playlists over byte ranges of the recorded files, and the files themselves."""
