"""Listening: from packets of sound to levels and speech."""
