"""Analysis of what was recorded: the same judges as live, fed from segments; time is that of the media."""
