"""The table of the live wall: how an officer arranged cameras, and what that officer saw last."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text, text

from store.metadata import metadata

# Without a name: what the officer has on the wall. `cameras` is JSON, a name or null for each pane.
live_layouts = Table(
    "live_layouts",
    metadata,
    Column("user", String(63), ForeignKey("users.id"), primary_key=True),
    Column("hall", String(63), primary_key=True),
    Column("name", String(63), primary_key=True),
    Column("panes", Integer, nullable=False),
    Column("cameras", Text, nullable=False),
    Column("shown_as", String(63), nullable=False, server_default=text("''")),
    Column("changed_us", BigInteger, nullable=False),
)
