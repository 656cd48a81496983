"""Push: one follower of the journal a process, and every open screen fed from it."""
