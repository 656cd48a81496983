"""Campaigns against recording: kills, a full disk, a locked database, no bus, damaged media.

`python -m tests.torture` runs them at length, `test_samples.py` a little of each with the other tests.
"""
