"""The table of how far facts have been judged."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from store.metadata import metadata

judged = Table(
    "judged",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("began_us", BigInteger, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
)
