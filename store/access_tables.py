"""The tables of who may do what, and of what was done. Times as in store.tables."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, Text, text

from store.metadata import SERIAL, metadata

EMPTY = text("'[]'")
"""Lists of names are kept as JSON; an empty one stands for all, or for nothing withheld."""

users = Table(
    "users",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("created_us", BigInteger, nullable=False),
    Column("halls", Text, nullable=False, server_default=EMPTY),
    Column("cameras", Text, nullable=False, server_default=EMPTY),
    Column("withheld", Text, nullable=False, server_default=EMPTY),
    # Since when a second factor is in force; its secret stands in second_factors.
    Column("second_factor_us", BigInteger),
    # Of who logs in by single sign-on: hash of issuer and subject.
    Column("subject_sha256", String(64)),
    Index("ix_users_subject_sha256", "subject_sha256", unique=True),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("user", String(63), ForeignKey("users.id"), primary_key=True),
    # Which key opens it (store.keyring).
    Column("key_id", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False, server_default=text("0")),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user", String(63), ForeignKey("users.id"), primary_key=True),
    Column("code_sha256", String(64), primary_key=True),
)

# Log-ins whose password was right and whose code is awaited.
second_steps = Table(
    "second_steps",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("user", String(63), ForeignKey("users.id"), nullable=False),
    Column("expires_us", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("user", String(63), ForeignKey("users.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("opened_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("address", String(64), nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("reason_us", BigInteger),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_sha256", String(64), primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("created_us", BigInteger, nullable=False),
    Column("halls", Text, nullable=False, server_default=EMPTY),
    Column("scopes", Text, nullable=False, server_default=EMPTY),
)

# Failed log-ins per user and address, for the lock-out.
failed_logins = Table(
    "failed_logins",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("user_name", String(63), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Index("ix_failed_logins_at", "user_name", "address", "at_us"),
    Index("ix_failed_logins_address", "address", "at_us"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("at_us", BigInteger, nullable=False),
    Column("who", String(63), nullable=False),
    Column("action", String(63), nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("address", String(64), nullable=False),
    Column("previous_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Index("ix_audit_entries_at", "at_us"),
    Index("ix_audit_entries_who", "who", "seq"),
    Index("ix_audit_entries_action", "action", "seq"),
    sqlite_autoincrement=True,
)
