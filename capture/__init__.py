"""All intake from the hall: sources, recording, retention and queue systems."""
