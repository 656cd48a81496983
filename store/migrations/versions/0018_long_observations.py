"""Indexes that bound a timeline of any time: observations that last long, and alerts about cameras."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LONG_OBSERVATION = sa.text("(end_us IS NULL OR end_us - start_us > 14400000000)")
OF_CAMERA = sa.text("camera IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_observations_long",
        "observations",
        ["camera", "start_us"],
        sqlite_where=LONG_OBSERVATION,
        postgresql_where=LONG_OBSERVATION,
    )
    op.create_index(
        "ix_alerts_camera",
        "alerts",
        ["camera", "start_us"],
        sqlite_where=OF_CAMERA,
        postgresql_where=OF_CAMERA,
    )
