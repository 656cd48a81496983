"""The table of passwords that are kept encrypted. Times as in store.tables."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from store.metadata import metadata

camera_secrets = Table(
    "camera_secrets",
    metadata,
    Column("camera", String(63), primary_key=True),
    # Which of the camera's secrets: a place of its address, as `password`.
    Column("name", String(32), primary_key=True),
    # The only host that may be sent it.
    Column("host", Text, nullable=False),
    # Which key opens it (store.keyring).
    Column("key_id", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("changed_us", BigInteger, nullable=False),
)
