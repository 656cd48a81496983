"""Judging recorded facts again: under the rules in force, or under others that are thought of."""
