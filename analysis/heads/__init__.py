"""Heads in pictures: where they are, whose they are, and how they move, for covering them."""
