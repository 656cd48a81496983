"""Rows that last longer than nearly all of their kind: what overlaps a moment is not looked for by a scan.

What overlaps a moment is looked for this far back among all rows, and further back among those alone that are
longer or have no end yet. Queries must say LONG word for word: it is the condition of partial indexes.
"""

from __future__ import annotations

from sqlalchemy import text

LONG_US = 4 * 3600 * 1_000_000
LONG = text(f"(end_us IS NULL OR end_us - start_us > {LONG_US})")


def long_of(table: str) -> str:
    """LONG for a statement in which several tables have such columns."""
    return f"({table}.end_us IS NULL OR {table}.end_us - {table}.start_us > {LONG_US})"
