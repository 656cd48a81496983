"""Locks, copies in an archive, disks; what a segment still holds; refused events that were settled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("has_picture", "is_local"):
        op.add_column(
            "segments", sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.text("true"))
        )
    op.add_column(
        "refused_events", sa.Column("is_cut", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.add_column("refused_events", sa.Column("settled_us", sa.BigInteger()))
    op.add_column("refused_events", sa.Column("settled_by", sa.String(length=63)))
    op.add_column("refused_events", sa.Column("settlement", sa.String(length=16)))
    op.add_column("refused_events", sa.Column("note", sa.Text()))
    op.add_column("refused_events", sa.Column("sha256", sa.LargeBinary(length=32)))
    op.add_column(
        "refused_events", sa.Column("times", sa.Integer(), nullable=False, server_default=sa.text("1"))
    )
    op.create_index("ix_refused_events_settled", "refused_events", ["settled_us", "id"])
    op.create_index("ix_refused_events_sha256", "refused_events", ["sha256"])
    op.add_column("queue_events", sa.Column("corrects", sa.String(length=64)))
    op.create_index(
        "ix_queue_events_corrects",
        "queue_events",
        ["hall", "corrects"],
        sqlite_where=sa.text("corrects IS NOT NULL"),
        postgresql_where=sa.text("corrects IS NOT NULL"),
    )
    op.create_table(
        "locks",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("hall", sa.String(length=63), nullable=False),
        sa.Column("owner", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger()),
        sa.Column("released_us", sa.BigInteger()),
        sa.Column("released_by", sa.String(length=63)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locks")),
    )
    op.create_table(
        "lock_cameras",
        sa.Column("camera", sa.String(length=63), nullable=False),
        sa.Column("lock", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(["lock"], ["locks.id"], name=op.f("fk_lock_cameras_lock")),
        sa.PrimaryKeyConstraint("camera", "lock", name=op.f("pk_lock_cameras")),
    )
    op.create_table(
        "copies",
        sa.Column("segment", sa.String(length=160), nullable=False),
        sa.Column("archive", sa.String(length=200), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("verified_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("segment", "archive", name=op.f("pk_copies")),
    )
    op.create_table(
        "archive_cursors",
        sa.Column("archive", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("archive", name=op.f("pk_archive_cursors")),
    )
    op.create_table(
        "disks",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("free", sa.BigInteger(), nullable=False),
        sa.Column("bytes_per_second", sa.Float()),
        sa.Column("short_us", sa.BigInteger()),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_disks")),
    )
