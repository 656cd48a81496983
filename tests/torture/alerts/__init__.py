"""Campaigns against the alerts role: kills, cut connections to the database, a leader that stops and goes on.

`python -m tests.torture.alerts` runs them at length, `test_samples.py` a little of each with the other tests.
"""
