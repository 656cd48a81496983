"""The tables of how cameras are watched."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, LargeBinary, String, Table, Text

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

# How long each state lasted within every hour and day (`store.lasting`). Empty: of none.
lasting = Table(
    "lasting",
    metadata,
    Column("camera", String(63), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("hall", String(63), primary_key=True),
    Column("window", String(63), primary_key=True),
    Column("unit_us", BigInteger, primary_key=True),
    Column("start_us", BigInteger, primary_key=True),
    Column("zone", String(63), primary_key=True),
    Column("state", String(16), primary_key=True),
    Column("lasting_us", BigInteger, nullable=False),
    Column("energy", Float, nullable=False),
    Column("highest", Float),
    sqlite_with_rowid=False,
)
