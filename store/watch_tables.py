"""The tables of how cameras are watched."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from store.metadata import metadata

# What a camera is used to showing: learnt, overwritten, and no fact of its own.
reference_views = Table(
    "reference_views",
    metadata,
    Column("camera", String(63), primary_key=True),
    Column("view", LargeBinary),
    Column("begun_us", BigInteger),
    Column("reset_us", BigInteger),
)

# How each camera is watched, as JSON; overwritten, and no fact.
watch_health = Table(
    "watch_health",
    metadata,
    Column("camera", String(63), primary_key=True),
    Column("health", Text, nullable=False),
)
