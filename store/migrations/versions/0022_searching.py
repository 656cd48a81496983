"""What is sought is found by an index: by item and time, tickets never served, cases, words about alerts."""

from __future__ import annotations

import json
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from hall.search.words import words_of

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

LONG = sa.text("(end_us IS NULL OR end_us - start_us > 14400000000)")
UNSERVED = sa.text("(started_us IS NULL AND status IN ('waiting', 'called', 'no_show', 'on_hold'))")
BATCH = 1000
WRITTEN = ("who", "text", "assignee")


def upgrade() -> None:
    op.create_index("ix_transactions_item", "transactions", ["item", "start_us"])
    for table in ("transactions", "alerts"):
        op.create_index(f"ix_{table}_long", table, ["start_us"], sqlite_where=LONG, postgresql_where=LONG)
    for name, columns in (
        ("ix_tickets_unserved", ["taken_us"]),
        ("ix_tickets_unserved_number", ["number", "taken_us"]),
        ("ix_tickets_unserved_window", ["window", "taken_us"]),
        ("ix_tickets_unserved_item", ["item", "taken_us"]),
    ):
        op.create_index(name, "tickets", columns, sqlite_where=UNSERVED, postgresql_where=UNSERVED)
    op.create_index("ix_cases_accepted", "cases", ["accepted_us"])
    for by in ("window", "staff", "item"):
        op.create_index(f"ix_cases_{by}", "cases", [by, "accepted_us"])
    op.create_index("ix_alerts_start", "alerts", ["start_us"])
    op.create_index("ix_alerts_kind", "alerts", ["kind", "start_us"])
    op.create_table(
        "alert_words",
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("alert", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("word", "start_us", "alert", name=op.f("pk_alert_words")),
        sqlite_with_rowid=False,
    )
    _enter_words()
    op.create_index("ix_alert_words_alert", "alert_words", ["alert"])


def _enter_words() -> None:
    """The words of the alerts that are there already, a thousand alerts at a time."""
    connection = op.get_bind()
    alerts = sa.table(
        "alerts", sa.column("id", sa.String), sa.column("start_us", sa.BigInteger), sa.column("body", sa.Text)
    )
    flips = sa.table("flips", sa.column("alert", sa.String), sa.column("body", sa.Text))
    words = sa.table("alert_words", sa.column("word"), sa.column("start_us"), sa.column("alert"))
    after = ""
    while True:
        query = sa.select(alerts).where(alerts.c.id > after).order_by(alerts.c.id).limit(BATCH)
        rows = connection.execute(query).all()
        if not rows:
            return
        found = {row.id: set(_of_alert(row.body)) for row in rows}
        acts = sa.select(flips).where(flips.c.alert >= rows[0].id, flips.c.alert <= rows[-1].id)
        for act in connection.execute(acts):
            if act.alert in found:
                found[act.alert].update(_of_flip(act.body))
        starts = {row.id: row.start_us for row in rows}
        entered = [
            {"word": word, "start_us": starts[alert], "alert": alert}
            for alert, of_alert in found.items()
            for word in sorted(of_alert)
        ]
        if entered:
            connection.execute(sa.insert(words), entered)
        after = rows[-1].id


def _of_alert(body: str) -> Iterable[str]:
    subject = json.loads(body).get("subject", {})
    for member in ("ticket_number", "serial"):
        yield from words_of(subject.get(member) or "")


def _of_flip(body: str) -> Iterable[str]:
    flip = json.loads(body)
    if flip.get("actor") == "officer":
        for member in WRITTEN:
            yield from words_of(flip["reason"]["values"].get(member) or "")
