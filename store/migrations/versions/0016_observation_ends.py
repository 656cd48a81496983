"""Observations by their ends: what still holds is found without reading all that came before."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_observations_camera_end", "observations", ["camera", "end_us"])
    op.create_index("ix_observations_window_end", "observations", ["window", "end_us"])
