"""From packets to observations: frames, detectors, presence, counting and sound."""
