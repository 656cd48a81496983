"""The archive: verified copies of recordings in an S3-compatible store."""
