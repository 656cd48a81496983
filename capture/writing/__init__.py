"""Packets of one connection become segment files."""
