"""Redacting clips of a package: heads covered, sound left out, by a process of its own."""
