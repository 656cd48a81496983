"""What is known of recordings: on the disks beside them, and in the catalogue."""
