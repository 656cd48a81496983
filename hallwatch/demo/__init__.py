"""The demo hall: the whole system on simulated cameras and a simulated queue, with a story that repeats."""
