"""Searching: from what was typed to rows of the store, and from rows to what is shown of them."""
