"""The tables of alerts. Times are integers as in store.tables: microseconds since 1970, UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, text

from store.long_rows import LONG, LONG_US
from store.metadata import metadata

# What an officer has to know of: few of many, and asked for often; queries must say STANDING word for word.
STANDING = text("status IN ('open', 'acknowledged')")

# What was found more than four hours after it began, or before; queries must say LATE word for word.
LATE = text(f"(opened_us - start_us > {LONG_US} OR opened_us - start_us < 0)")

# Few are about a ticket: without the others the index says of how few.
OF_TICKET = text("ticket IS NOT NULL")

# What is wrong with a camera itself.
OF_CAMERA = text("camera IS NOT NULL")

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("hall", String(63), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("rule", String(63), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("window", String(63)),
    Column("camera", String(63)),
    Column("ticket", String(160)),
    Column("status", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger),
    Column("opened_us", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    # Lists go by the moment at which something was found.
    Index("ix_alerts_opened", "hall", "opened_us"),
    Index("ix_alerts_opened_us", "opened_us"),
    Index("ix_alerts_window_opened", "window", "opened_us"),
    Index("ix_alerts_kind_opened", "kind", "opened_us"),
    Index("ix_alerts_status_opened", "status", "opened_us"),
    Index("ix_alerts_late", "opened_us", sqlite_where=LATE, postgresql_where=LATE),
    # Whole, so that counting does not read rows.
    Index("ix_alerts_window", "window", "start_us", "hall", "status"),
    Index("ix_alerts_ticket", "ticket", sqlite_where=OF_TICKET, postgresql_where=OF_TICKET),
    Index("ix_alerts_long_window", "window", "start_us", sqlite_where=LONG, postgresql_where=LONG),
    Index("ix_alerts_subject", "subject"),
    Index("ix_alerts_start", "start_us"),
    Index("ix_alerts_kind", "kind", "start_us"),
    Index("ix_alerts_long", "start_us", sqlite_where=LONG, postgresql_where=LONG),
    Index("ix_alerts_camera", "camera", "start_us", sqlite_where=OF_CAMERA, postgresql_where=OF_CAMERA),
    Index("ix_alerts_standing", "hall", "opened_us", sqlite_where=STANDING, postgresql_where=STANDING),
    # One rule finds one thing of one subject at a time, whoever evaluates.
    Index(
        "uq_alerts_lasting",
        "rule",
        "subject",
        unique=True,
        sqlite_where=text("end_us IS NULL"),
        postgresql_where=text("end_us IS NULL"),
    ),
)

# The cameras that show an alert's subject, for counting false alarms per camera.
alert_cameras = Table(
    "alert_cameras",
    metadata,
    Column("alert", String(63), ForeignKey("alerts.id"), primary_key=True),
    Column("camera", String(63), primary_key=True),
)

# How many alerts were opened within each hour and day, and how many of these were dismissed
# (`store.alert_counts`).
alert_counts = Table(
    "alert_counts",
    metadata,
    Column("hall", String(63), primary_key=True),
    Column("unit_us", BigInteger, primary_key=True),
    Column("start_us", BigInteger, primary_key=True),
    Column("rule", String(63), primary_key=True),
    Column("kind", String(32), primary_key=True),
    # Empty: of the rule itself.
    Column("camera", String(63), primary_key=True),
    Column("opened", BigInteger, nullable=False),
    Column("dismissed", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The words by which an alert is found: what people wrote about it, and the numbers that it names. `start_us`
# is the alert's, so that those of a word come in order of time.
alert_words = Table(
    "alert_words",
    metadata,
    Column("word", String(64), primary_key=True),
    Column("start_us", BigInteger, primary_key=True),
    Column("alert", String(63), primary_key=True),
    Index("ix_alert_words_alert", "alert"),
    sqlite_with_rowid=False,
)

flips = Table(
    "flips",
    metadata,
    Column("alert", String(63), ForeignKey("alerts.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

# What is not told, from when to when, by whom and why; `matcher` is JSON. Ended early: at `ended_us`.
silences = Table(
    "silences",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("hall", String(63), nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Column("matcher", Text, nullable=False),
    Column("author", String(63), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("ended_by", String(63)),
    Index("ix_silences_end", "hall", "end_us"),
)
