"""Damaged media: recorded files, packets and RTSP conversations with bits flipped, parts cut and shuffled."""
