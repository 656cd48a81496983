"""Second factors, and who logs in by single sign-on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("second_factor_us", sa.BigInteger(), nullable=True))
    op.add_column("users", sa.Column("subject_sha256", sa.String(64), nullable=True))
    op.create_index("ix_users_subject_sha256", "users", ["subject_sha256"], unique=True)
    op.create_table(
        "second_factors",
        sa.Column("user", sa.String(63), sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user", sa.String(63), sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("code_sha256", sa.String(64), primary_key=True),
    )
    op.create_table(
        "second_steps",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("user", sa.String(63), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
    )
