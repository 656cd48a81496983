"""Who put a configuration in force and from where, what it changed, and which file it says the same as."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NOTHING = sa.text("''")


def upgrade() -> None:
    origin = sa.Column("origin", sa.String(16), nullable=False, server_default=sa.text("'file'"))
    op.add_column("configurations", origin)
    for name in ("who", "note", "changed"):
        op.add_column("configurations", sa.Column(name, sa.Text(), nullable=False, server_default=NOTHING))
    op.add_column("configurations", sa.Column("file_sha256", sa.String(64), nullable=True))
    op.add_column("configurations", sa.Column("other_file_us", sa.BigInteger(), nullable=True))
    # What was applied until now came from files, whichever they were.
    op.execute("UPDATE configurations SET file_sha256 = sha256")
