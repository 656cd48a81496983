"""The tables of the roster: shifts at windows, and approved leave."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table

from store.metadata import metadata

shifts = Table(
    "shifts",
    metadata,
    Column("hall", String(63), primary_key=True),
    Column("staff", String(63), primary_key=True),
    Column("start_us", BigInteger, primary_key=True),
    Column("window", String(63), nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Column("cover", Boolean, nullable=False),
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
    Index("ix_leaves_end", "hall", "end_us"),
)
