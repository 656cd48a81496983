"""The tables of the roster: shifts at windows, approved leave, and what was changed of both, to be undone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from store.metadata import SERIAL, metadata

shifts = Table(
    "shifts",
    metadata,
    Column("hall", String(63), primary_key=True),
    Column("staff", String(63), primary_key=True),
    Column("start_us", BigInteger, primary_key=True),
    Column("window", String(63), nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Column("cover", Boolean, nullable=False),
    Column("entered_by", String(63), nullable=False, server_default=""),
    # NULL for what was entered before this was kept.
    Column("entered_us", BigInteger),
    Index("ix_shifts_window", "hall", "window", "start_us"),
    Index("ix_shifts_start", "hall", "start_us"),
)

leaves = Table(
    "leaves",
    metadata,
    Column("hall", String(63), primary_key=True),
    Column("staff", String(63), primary_key=True),
    Column("start_us", BigInteger, primary_key=True),
    Column("end_us", BigInteger, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("entered_by", String(63), nullable=False, server_default=""),
    Column("entered_us", BigInteger),
    Index("ix_leaves_end", "hall", "end_us"),
)

# `difference` is JSON: what was taken out and what was put in.
roster_changes = Table(
    "roster_changes",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("hall", String(63), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("who", String(63), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("note", String(200), nullable=False),
    Column("difference", Text, nullable=False),
    Column("undone_by", BigInteger),
    Index("ix_roster_changes_hall", "hall", "id"),
    sqlite_autoincrement=True,
)
