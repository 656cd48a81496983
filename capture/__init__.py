"""All intake from the hall: sources, recording, the tap and queue systems."""
