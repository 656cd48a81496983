"""Looking: from key frames to who is at which window, and how many wait."""
