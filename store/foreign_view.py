"""Reading a query on a database that is not ours: read-only, bounded in time and rows, closed at once.

The rows are fetched before the first is handed on: nothing is held open in somebody else's database while
we write into our own. SQLite and PostgreSQL come with Hallwatch; the driver of any other is the user's own.
The bounds of the other drivers are set as their documentation says; they do not run in our tests.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from hall.errors import QueueError

PACKAGES = {
    "MySQLdb": "mysqlclient",
    "pymysql": "PyMySQL",
    "pyodbc": "pyodbc",
    "pymssql": "pymssql",
    "oracledb": "oracledb",
    "cx_Oracle": "oracledb (and oracle+oracledb in the URL)",
    "psycopg2": "none: write postgresql+psycopg, which is installed",
}
"""The package that brings a driver's module."""
CONNECT_SECONDS = 10
MOST_CHARACTERS = 32 * 1024 * 1024
"""Of all texts of one answer: what a query gives is held in memory."""

Row = Mapping[str, object]


class ForeignView:
    """One query with the parameter `:after`. Nothing is connected before it is read."""

    def __init__(self, url: str, query: str, timeout_seconds: float) -> None:
        self._engine = _engine(url, timeout_seconds)
        self._query = query
        self._timeout = timeout_seconds

    def read(self, after: object, wanted: Callable[[Row], bool], limit: int) -> list[Row]:
        """The first `limit` rows that are wanted, column names to values. Raises QueueError."""
        try:
            with self._engine.connect() as connection:
                return self._read(_read_only(connection), after, wanted, limit)
        except DBAPIError as error:
            raise QueueError(f"the database of the queue cannot be read: {error.orig}") from error
        except SQLAlchemyError as error:
            raise QueueError(f"the query cannot be asked: {type(error).__name__}: {error}") from error

    def _read(
        self, connection: Connection, after: object, wanted: Callable[[Row], bool], limit: int
    ) -> list[Row]:
        deadline = time.monotonic() + self._timeout
        if isinstance(raw := connection.connection.driver_connection, sqlite3.Connection):
            raw.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
        found: list[Row] = []
        characters = 0
        result = connection.execution_options(stream_results=True, max_row_buffer=500).execute(
            text(self._query), {"after": after}
        )
        with closing(result.mappings()) as rows:
            for row in rows:
                if time.monotonic() > deadline:
                    raise QueueError(f"the query took longer than {self._timeout:g} s")
                known = dict(row)
                if not wanted(known):
                    continue
                found.append({str(name): value for name, value in known.items()})
                characters += sum(len(value) for value in known.values() if isinstance(value, str | bytes))
                if len(found) == limit or characters > MOST_CHARACTERS:
                    break
        connection.rollback()
        return found


def _engine(url: str, timeout_seconds: float) -> Engine:
    try:
        known = make_url(url)
    except ArgumentError as error:
        raise QueueError("the url of the queue's database is none that SQLAlchemy reads") from error
    try:
        if known.get_backend_name() == "sqlite":
            return _sqlite(known, timeout_seconds)
        engine = create_engine(
            known, poolclass=NullPool, hide_parameters=True, connect_args=_arguments(known, timeout_seconds)
        )
    except NoSuchModuleError as error:
        raise QueueError(f"SQLAlchemy knows no database '{known.drivername}'") from error
    except ModuleNotFoundError as error:
        package = PACKAGES.get(error.name or "", error.name)
        raise QueueError(
            f"'{known.drivername}' needs a package that is not installed beside Hallwatch: {package}"
        ) from error
    if known.get_driver_name() in ("pyodbc", "oracledb"):
        event.listen(engine, "connect", lambda raw, _: _bound(raw, timeout_seconds))
    return engine


def _sqlite(url: URL, timeout_seconds: float) -> Engine:
    """The file opened for reading only: one that is missing is not made."""

    def connect() -> sqlite3.Connection:
        address = f"file:{quote(url.database or '')}?mode=ro"
        connection = sqlite3.connect(
            address, uri=True, timeout=min(5.0, timeout_seconds), check_same_thread=False
        )
        connection.execute("PRAGMA query_only=ON")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)


def _arguments(url: URL, timeout_seconds: float) -> dict[str, object]:
    """What bounds the waiting, by driver."""
    seconds = max(1, round(timeout_seconds))
    match url.get_backend_name(), url.get_driver_name():
        case "postgresql", "psycopg" | "psycopg2":
            options = (
                f"-c statement_timeout={round(timeout_seconds * 1000)} -c default_transaction_read_only=on"
            )
            return {"connect_timeout": CONNECT_SECONDS, "options": options}
        case "mysql" | "mariadb", "pymysql" | "mysqldb":
            return {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds}
        case "mssql", "pyodbc":
            return {"timeout": CONNECT_SECONDS}
        case "mssql", "pymssql":
            return {"login_timeout": CONNECT_SECONDS, "timeout": seconds}
        case _:
            return {}


def _bound(raw: object, timeout_seconds: float) -> None:
    """Drivers whose limit to a statement is set on the connection."""
    if hasattr(raw, "call_timeout"):
        raw.call_timeout = round(timeout_seconds * 1000)
    elif hasattr(raw, "timeout"):
        raw.timeout = max(1, round(timeout_seconds))


def _read_only(connection: Connection) -> Connection:
    backend = connection.dialect.name
    if backend == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    if backend in ("mysql", "mariadb"):
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        connection.rollback()
    elif backend == "oracle":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    return connection
