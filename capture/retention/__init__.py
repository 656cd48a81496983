"""How long recordings stay: what goes when, what it leaves behind, and how long the disks will last.

See docs/design/0009-retention.md.
"""
