"""The tables of who is told about alerts, how far, and with what success. Times as in store.tables."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from store.metadata import metadata

# How far each notifier has been told the journal's flips.
notifier_cursors = Table(
    "notifier_cursors",
    metadata,
    Column("notifier", String(63), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    # When its receiver took something last; since when and why nothing can be told, while that is so.
    Column("told_us", BigInteger),
    Column("failing_us", BigInteger),
    Column("failure", Text),
    Column("failure_zh", Text),
)

# The latest trial message of each notifier: who asked for it, and what became of it.
notifier_trials = Table(
    "notifier_trials",
    metadata,
    Column("notifier", String(63), primary_key=True),
    Column("asked_us", BigInteger, nullable=False),
    Column("asked_by", String(63), nullable=False),
    Column("done_us", BigInteger),
    Column("failure", Text),
    Column("failure_zh", Text),
)

# Flips that a notifier's receiver will never take, with the reason.
failed_deliveries = Table(
    "failed_deliveries",
    metadata,
    Column("notifier", String(63), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("alert", String(63), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reason_zh", Text),
)
