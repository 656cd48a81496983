"""What narrows a user and a key of a machine, and the reason of an audit entry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

EMPTY = sa.text("'[]'")


def upgrade() -> None:
    for name in ("halls", "cameras", "withheld"):
        op.add_column("users", sa.Column(name, sa.Text(), nullable=False, server_default=EMPTY))
    for name in ("halls", "scopes"):
        op.add_column("api_keys", sa.Column(name, sa.Text(), nullable=False, server_default=EMPTY))
    op.execute("""UPDATE api_keys SET scopes = '["' || scope || '"]'""")
    op.drop_column("api_keys", "scope")
    for name in ("audit_entries", "sessions"):
        reason = sa.Column("reason", sa.Text(), nullable=False, server_default=sa.text("''"))
        op.add_column(name, reason)
    op.add_column("sessions", sa.Column("reason_us", sa.BigInteger(), nullable=True))
    op.create_index("ix_failed_logins_address", "failed_logins", ["address", "at_us"])
    op.create_index("ix_audit_entries_at", "audit_entries", ["at_us"])
    op.create_index("ix_audit_entries_who", "audit_entries", ["who", "seq"])
