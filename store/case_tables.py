"""The table of cases: what a serial number stands for, from its acceptance to its close."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, text

from store.metadata import metadata

# Told anew by every event about a case; the journal keeps every version. `suspended` is JSON: a list of
# pairs of microseconds, the last one with null while it lasts. `extensions` is JSON, too: a list of pairs of
# microseconds and working days; null for what was told before that was kept.
cases = Table(
    "cases",
    metadata,
    Column("hall", String(63), primary_key=True),
    Column("serial", String(64), primary_key=True),
    Column("item", String(64)),
    Column("window", String(63)),
    Column("staff", String(63)),
    Column("accepted_us", BigInteger, nullable=False),
    Column("suspended", Text, nullable=False),
    Column("extended_days", Integer, nullable=False),
    Column("closed_us", BigInteger),
    Column("withdrawn", Boolean, nullable=False, server_default=text("false")),
    Column("extensions", Text),
    Index(
        "ix_cases_open",
        "hall",
        "accepted_us",
        sqlite_where=text("closed_us IS NULL"),
        postgresql_where=text("closed_us IS NULL"),
    ),
    Index("ix_cases_closed", "hall", "closed_us"),
    Index("ix_cases_accepted", "accepted_us"),
    Index("ix_cases_window", "window", "accepted_us"),
    Index("ix_cases_staff", "staff", "accepted_us"),
    Index("ix_cases_item", "item", "accepted_us"),
    Index("ix_cases_item_window", "item", "window", "accepted_us"),
)
