"""The times of a stream, and the wall time that they mean."""
