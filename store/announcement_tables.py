"""The table of announcements: what excuses a hall, or windows of it, for a while."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from store.metadata import metadata

# `windows` is JSON, an empty list means all. Ended early: at `ended_us`.
announcements = Table(
    "announcements",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("hall", String(63), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Column("windows", Text, nullable=False),
    Column("author", String(63), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("ended_by", String(63)),
    Index("ix_announcements_end", "hall", "end_us"),
)
