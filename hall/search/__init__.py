"""Searching: what somebody who typed a few words may have meant. Pure: who asks is elsewhere."""
