"""What was recorded analysed again on every core: what is to be done, done pieces kept, workers."""
