"""Alerts are followed up: what stands is found at once, false alarms are counted per camera, silences."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STANDING = sa.text("status IN ('open', 'acknowledged')")
BATCH = 1000


def upgrade() -> None:
    op.create_index(
        "ix_alerts_standing",
        "alerts",
        ["hall", "opened_us"],
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "alert_cameras",
        sa.Column("alert", sa.String(length=63), nullable=False),
        sa.Column("camera", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name=op.f("fk_alert_cameras_alert")),
        sa.PrimaryKeyConstraint("alert", "camera", name=op.f("pk_alert_cameras")),
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("hall", sa.String(length=63), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("matcher", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=63), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger()),
        sa.Column("ended_by", sa.String(length=63)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
    op.create_index("ix_silences_end", "silences", ["hall", "end_us"])
    _enter_cameras()


def _enter_cameras() -> None:
    """The cameras of the alerts that are there already."""
    connection = op.get_bind()
    alerts = sa.table("alerts", sa.column("id", sa.String), sa.column("body", sa.Text))
    cameras = sa.table("alert_cameras", sa.column("alert", sa.String), sa.column("camera", sa.String))
    after = ""
    while True:
        query = sa.select(alerts).where(alerts.c.id > after).order_by(alerts.c.id).limit(BATCH)
        rows = connection.execute(query).all()
        shown = [
            {"alert": row.id, "camera": camera}
            for row in rows
            for camera in dict.fromkeys(json.loads(row.body).get("cameras", ()))
        ]
        if shown:
            connection.execute(sa.insert(cameras), shown)
        if len(rows) < BATCH:
            return
        after = rows[-1].id
