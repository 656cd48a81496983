"""The tables of the calendar: which years are known, and the days of each that differ from the week."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from store.metadata import metadata

calendar_years = Table(
    "calendar_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("completeness", String(16), nullable=False),
    Column("source", String(120), nullable=False),
    Column("entered_by", String(63), nullable=False),
    Column("changed_us", BigInteger, nullable=False),
)

# `date` as 2026-10-01.
calendar_days = Table(
    "calendar_days",
    metadata,
    Column("date", String(10), primary_key=True),
    Column("year", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", String(80), nullable=False),
    # Where this day is written, when not where the whole year is.
    Column("basis", String(120), nullable=False, server_default=""),
    Index("ix_calendar_days_year", "year"),
)
