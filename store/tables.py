"""The tables. Times are integers: microseconds since 1970, UTC. Intervals are half-open; NULL end: open."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

# They belong to the same database.
import store.access_tables
import store.alert_tables
import store.announcement_tables
import store.calendar_tables
import store.case_tables
import store.judged_table
import store.live_tables
import store.notifier_tables
import store.roster_tables
import store.secret_tables
import store.watch_tables  # noqa: F401
from store.long_rows import LONG
from store.metadata import SERIAL, metadata

journal = Table(
    "journal",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("hall", String(63)),
    Column("at_us", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)

configurations = Table(
    "configurations",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("applied_us", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("origin", String(16), nullable=False, server_default="file"),
    Column("who", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("changed", Text, nullable=False, server_default=""),
    # Of the file that says the same; NULL for what was changed on the console.
    Column("file_sha256", String(64)),
    # When a hall was started with a file that says otherwise, and this was kept.
    Column("other_file_us", BigInteger),
)

# Which camera shows which window: the middle of the join that tags every second.
camera_windows = Table(
    "camera_windows",
    metadata,
    Column("window", String(63), primary_key=True),
    Column("camera", String(63), primary_key=True),
    Column("hall", String(63), nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("hall", String(63), nullable=False),
    Column("camera", String(63), nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger),
    Column("ended_because", Text, nullable=False, server_default=""),
    Column("tracks", Text, nullable=False),
    Index("ix_runs_camera_start", "camera", "start_us"),
)

segments = Table(
    "segments",
    metadata,
    Column("camera", String(63), primary_key=True),
    Column("start_us", BigInteger, primary_key=True),
    Column("end_us", BigInteger, nullable=False),
    Column("id", String(160), nullable=False),
    Column("run", String(128), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("media_duration", Float, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("key", Text, nullable=False),
    Column("header_size", Integer, nullable=False),
    Column("fragments", Text, nullable=False),
    Column("has_audio", Boolean, nullable=False),
    Column("has_picture", Boolean, nullable=False, server_default=text("true")),
    Column("is_local", Boolean, nullable=False, server_default=text("true")),
    UniqueConstraint("id"),
    sqlite_with_rowid=False,
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("hall", String(63), nullable=False),
    Column("camera", String(63), nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Index("ix_gaps_camera_start", "camera", "start_us"),
    Index("ix_gaps_long", "camera", "start_us", sqlite_where=LONG, postgresql_where=LONG),
    Index(
        "uq_gaps_open",
        "camera",
        unique=True,
        sqlite_where=text("end_us IS NULL"),
        postgresql_where=text("end_us IS NULL"),
    ),
)

# What retention must not touch: time of certain cameras, for a reason, until it expires or is released.
locks = Table(
    "locks",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("hall", String(63), nullable=False),
    Column("owner", String(63), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reference", String(200), nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Column("released_us", BigInteger),
    Column("released_by", String(63)),
    Column("release_reason", Text, nullable=False, server_default=""),
)

lock_cameras = Table(
    "lock_cameras",
    metadata,
    Column("camera", String(63), primary_key=True),
    Column("lock", String(63), ForeignKey("locks.id"), primary_key=True),
)

# Copies of segments in the archive. An empty hash: begun, or on its way out, and not to be counted on.
copies = Table(
    "copies",
    metadata,
    Column("segment", String(160), primary_key=True),
    Column("archive", String(200), primary_key=True),
    Column("key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("verified_us", BigInteger, nullable=False),
)

# How far each archive has followed the journal's segments; overwritten, and no fact of its own.
archive_cursors = Table(
    "archive_cursors",
    metadata,
    Column("archive", String(200), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

# The newest measurement of each disk of recordings; overwritten. Changes of `state` are facts in the journal.
disks = Table(
    "disks",
    metadata,
    Column("path", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
    Column("free", BigInteger, nullable=False),
    Column("bytes_per_second", Float),
    # When footage would have to go before its promised age; NULL: not to be foreseen.
    Column("short_us", BigInteger),
    Column("state", String(16), nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("at_us", BigInteger, nullable=False),
)

OF_CASE = text("case_serial IS NOT NULL")
queue_events = Table(
    "queue_events",
    metadata,
    Column("hall", String(63), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("window", String(63)),
    Column("ticket", String(64)),
    Column("body", Text, nullable=False),
    # The id of the event in whose place this one stands. An event that is named here is superseded.
    Column("corrects", String(64)),
    # The serial number in events about a case; NULL in all others.
    Column("case_serial", String(64)),
    Index("ix_queue_events_case", "hall", "case_serial", sqlite_where=OF_CASE, postgresql_where=OF_CASE),
    Index(
        "ix_queue_events_corrects",
        "hall",
        "corrects",
        sqlite_where=text("corrects IS NOT NULL"),
        postgresql_where=text("corrects IS NOT NULL"),
    ),
    Index("ix_queue_events_ticket", "hall", "ticket", "at_us"),
    Index("ix_queue_events_window", "hall", "window", "at_us"),
    Index("ix_queue_events_at", "hall", "at_us"),
)

# How far each queue that is asked was read; overwritten, and no fact of its own.
queue_cursors = Table(
    "queue_cursors",
    metadata,
    Column("hall", String(63), primary_key=True),
    Column("queue", String(63), primary_key=True),
    Column("value", Text, nullable=False),
    Column("moved_us", BigInteger, nullable=False),
)

refused_events = Table(
    "refused_events",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("hall", String(63)),
    Column("received_us", BigInteger, nullable=False),
    Column("field", String(64), nullable=False),
    Column("message", Text, nullable=False),
    Column("raw", Text, nullable=False),
    # Longer than what is kept: such an event cannot be tried again from here.
    Column("is_cut", Boolean, nullable=False, server_default=text("false")),
    Column("settled_us", BigInteger),
    Column("settled_by", String(63)),
    # `replayed` or `discarded`, once an operator settled it; `accepted`, when it came again and was taken.
    Column("settlement", String(16)),
    # Why it was discarded.
    Column("note", Text),
    # Of the whole event as it came: the same one that comes again and again is one row.
    Column("sha256", LargeBinary(32)),
    Column("times", Integer, nullable=False, server_default=text("1")),
    Index("ix_refused_events_settled", "settled_us", "id"),
    Index("ix_refused_events_sha256", "sha256"),
)

# Of a ticket that was never served, or not yet; queries must say UNSERVED word for word.
UNSERVED = text("(started_us IS NULL AND status IN ('waiting', 'called', 'no_show', 'on_hold'))")
tickets = Table(
    "tickets",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("hall", String(63), nullable=False),
    Column("number", String(64), nullable=False),
    Column("item", String(64)),
    Column("status", String(16), nullable=False),
    Column("taken_us", BigInteger, nullable=False),
    Column("waiting_us", BigInteger, nullable=False),
    Column("called_us", BigInteger),
    Column("started_us", BigInteger),
    Column("finished_us", BigInteger),
    Column("window", String(63)),
    # The last call; NULL for who was never called, and for tickets from before it was kept.
    Column("calling_us", BigInteger),
    Column("calling_end_us", BigInteger),
    Column("past", Text),
    Index("ix_tickets_number", "hall", "number", "taken_us"),
    Index("ix_tickets_taken", "hall", "taken_us"),
    Index("ix_tickets_status", "hall", "status", "taken_us"),
    Index("ix_tickets_unserved", "taken_us", sqlite_where=UNSERVED, postgresql_where=UNSERVED),
    *(
        Index(f"ix_tickets_unserved_{by}", by, "taken_us", sqlite_where=UNSERVED, postgresql_where=UNSERVED)
        for by in ("number", "window", "item")
    ),
)

transactions = Table(
    "transactions",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("hall", String(63), nullable=False),
    Column("ticket", String(160), nullable=False),
    Column("ticket_number", String(64), nullable=False),
    Column("serial", String(64)),
    Column("item", String(64)),
    Column("window", String(63), nullable=False),
    Column("staff", String(63)),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger),
    Index("ix_transactions_ticket_number", "ticket_number", "start_us"),
    Index("ix_transactions_serial", "serial"),
    # Whole, so that counting does not read rows.
    Index("ix_transactions_window", "window", "start_us", "hall", "end_us"),
    Index("ix_transactions_staff", "staff", "start_us"),
    Index("ix_transactions_start", "start_us"),
    Index("ix_transactions_item", "item", "start_us"),
    Index("ix_transactions_item_window", "item", "window", "start_us"),
    Index("ix_transactions_long", "start_us", sqlite_where=LONG, postgresql_where=LONG),
)

# Append-only: a correction adds rows and marks those it replaces.
periods = Table(
    "periods",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("transaction", String(160), nullable=False),
    Column("window", String(63), nullable=False),
    Column("staff", String(63)),
    Column("step", String(16), nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger),
    Column("superseded_us", BigInteger),
    Index("ix_periods_transaction", "transaction", "start_us"),
    Index("ix_periods_window", "window", "start_us"),
    Index(
        "ix_periods_long",
        "window",
        "start_us",
        sqlite_where=LONG,
        postgresql_where=LONG,
    ),
)

window_statuses = Table(
    "window_statuses",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("hall", String(63), nullable=False),
    Column("window", String(63), nullable=False),
    Column("state", String(16), nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger),
    Column("staff", String(63)),
    Column("reason", String(16)),
    Column("ticket", String(64)),
    Column("transaction", String(160)),
    Column("step", String(16)),
    Column("superseded_us", BigInteger),
    Index("ix_window_statuses_window", "hall", "window", "start_us"),
    Index(
        "ix_window_statuses_open",
        "hall",
        sqlite_where=text("end_us IS NULL AND superseded_us IS NULL"),
        postgresql_where=text("end_us IS NULL AND superseded_us IS NULL"),
    ),
)

# As LONG, for what was observed.
LONG_OBSERVATION_US = 4 * 3600 * 1_000_000
LONG_OBSERVATION = text(f"(end_us IS NULL OR end_us - start_us > {LONG_OBSERVATION_US})")

observations = Table(
    "observations",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("hall", String(63), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("camera", String(63), nullable=False),
    Column("zone", String(63), nullable=False, server_default=""),
    Column("window", String(63)),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger),
    Column("state", String(16), nullable=False),
    Column("measure", Float),
    Column("confidence", Float),
    Column("source", String(63), nullable=False, server_default=""),
    Index("ix_observations_camera", "camera", "start_us"),
    Index("ix_observations_window", "window", "start_us"),
    # What reaches up to the present is found by its end: its beginning may lie anywhere.
    Index("ix_observations_camera_end", "camera", "end_us"),
    Index("ix_observations_window_end", "window", "end_us"),
    Index(
        "ix_observations_long",
        "camera",
        "start_us",
        sqlite_where=LONG_OBSERVATION,
        postgresql_where=LONG_OBSERVATION,
    ),
    Index(
        "ix_observations_long_camera_end",
        "camera",
        "end_us",
        sqlite_where=LONG_OBSERVATION,
        postgresql_where=LONG_OBSERVATION,
    ),
    Index(
        "ix_observations_long_window_end",
        "window",
        "end_us",
        sqlite_where=LONG_OBSERVATION,
        postgresql_where=LONG_OBSERVATION,
    ),
    Index(
        "uq_observations_open",
        "kind",
        "camera",
        "zone",
        unique=True,
        sqlite_where=text("end_us IS NULL"),
        postgresql_where=text("end_us IS NULL"),
    ),
)

# The last moment at which analysis saw a picture of a camera; overwritten, and no fact of its own.
watermarks = Table(
    "watermarks",
    metadata,
    Column("camera", String(63), primary_key=True),
    Column("seen_us", BigInteger, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("holder", String(128), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
)

exports = Table(
    "exports",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("hall", String(63), nullable=False),
    Column("state", String(16), nullable=False),
    Column("ordered_us", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_exports_ordered", "ordered_us"),
    Index("ix_exports_state", "state", "ordered_us"),
)
