"""The database: opening it, migrating it, and the two kinds of transaction.

SQLite by default: write-ahead log, foreign keys, a busy timeout, every write transaction begun with
BEGIN IMMEDIATE (a transaction that first reads and then writes would otherwise fail instead of waiting),
and synchronous=FULL, so that a committed fact survives a power cut.

PostgreSQL by URL, with the same promises: a reading transaction sees one state (REPEATABLE READ), and
writers take turns by an advisory lock. That makes the order of the journal the order of commits, and what
a writer has read stays true until it commits.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from sqlalchemy import Connection, Engine, FromClause, create_engine, event, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from hall.errors import StoreBusy

BUSY_TIMEOUT_MS = 5000
WRITER_LOCK = 0x48414C4C
"""Key of PostgreSQL's advisory lock that every writer holds until it commits."""
LONGEST_PAUSE_MS = 8000
"""PostgreSQL ends a writer that says nothing for so long: its machine has died, or it was stopped.

All others wait for it meanwhile, and the server would not miss a dead machine for hours.
"""

_TAKE_TURN = text(
    "SELECT pg_advisory_xact_lock(:key), set_config('idle_in_transaction_session_timeout', :pause, true)"
)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Read:
    """An open transaction that only reads: one consistent state of the store."""

    connection: Connection


@dataclass(slots=True)
class Write(Read):
    """An open transaction that may write. `last_seq` is the newest journal entry it appended."""

    last_seq: int | None = field(default=None)


class Database:
    """One database, shared by the threads of a process; every process opens its own.

    `on_commit` callbacks run in the thread that committed, after the commit, and must not block.
    """

    def __init__(self, url: str) -> None:
        """Open `url` (SQLAlchemy form). Nothing is read or created before the first transaction."""
        self.url = url
        self._engine = _engine(url)
        self._callbacks: list[Callable[[int], None]] = []
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        self._writing = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Read]:
        """A transaction that only reads. Raises StoreBusy when the database cannot be reached."""
        with _as_store_errors(), self._engine.connect() as connection:
            if self._is_sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield Read(connection)
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Write]:
        """A transaction that commits at the end, or leaves nothing behind when the block raises.

        Not to be nested: a thread that writes holds the file until it is done.

        Raises StoreBusy when another process holds the database for longer than the busy timeout, and, on
        PostgreSQL, when the block itself says nothing to the server for LONGEST_PAUSE_MS.
        """
        with _as_store_errors(), self._engine.connect() as connection:
            if self._is_sqlite:
                # One writer a file: a lock is fair and prompt, SQLite's own busy handler polls.
                with self._writing:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    transaction = yield from _committed(connection)
            else:
                connection.execute(_TAKE_TURN, {"key": WRITER_LOCK, "pause": str(LONGEST_PAUSE_MS)})
                transaction = yield from _committed(connection)
        if transaction.last_seq is not None:
            for callback in self._callbacks:
                callback(transaction.last_seq)

    def on_commit(self, callback: Callable[[int], None]) -> None:
        """Call back with the newest seq after each commit that appended to the journal."""
        self._callbacks.append(callback)

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema up to date, or to an earlier `revision`.

        Safe to call at every start and from several processes in turn.
        """
        if self._is_sqlite and self._engine.url.database:
            Path(self._engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        from alembic import command  # noqa: PLC0415 - only who migrates waits for its import
        from alembic.config import Config as AlembicConfig  # noqa: PLC0415

        configuration = AlembicConfig()
        configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with _as_store_errors(), self._engine.connect() as connection:
            if self._is_sqlite:
                # DDL must be able to open its own transactions; wait for a migration of another process.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, revision)
            connection.commit()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


@contextmanager
def savepoint(tx: Write) -> Iterator[None]:
    """What the block writes stays only when it ends well; the transaction around it goes on either way."""
    before = tx.last_seq
    try:
        with tx.connection.begin_nested():
            yield
    except BaseException:
        tx.last_seq = before
        raise


def _committed(connection: Connection) -> Generator[Write, None, Write]:
    transaction = Write(connection)
    try:
        yield transaction
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
    return transaction


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=20,
            # Compiling a statement takes a hundred times as long as any of these takes to execute.
            connect_args={"options": "-c jit=off"},
        )
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}, pool_size=20
    )
    engine.dialect.statement_compiler = _Hinting

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions by itself: read() and write() say BEGIN as they need it.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    return engine


class _Hinting(SQLiteCompiler):
    """Writes `with_hint(table, "INDEXED BY …", "sqlite")` behind the table, which SQLAlchemy itself does not.

    Without statistics, which nobody makes while a hall runs, SQLite takes an index over all rows for one over
    a few. An index that is named and not there is an error, and so found out.
    """

    def get_from_hint_text(self, _table: FromClause, hint: str | None) -> str | None:
        return hint


@contextmanager
def _as_store_errors() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StoreBusy(f"the database cannot be used now: {error.orig}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreBusy(f"the connection to the database was lost: {error.orig}") from error
        raise
