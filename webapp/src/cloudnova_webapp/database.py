"""The way to MySQL: a bounded pool over TLS, time limits on every step, and errors that a page can act on.

Every operation of this application is one statement, so connections stay in autocommit and no transaction, and no
COMMIT or ROLLBACK round trip, is needed. Statements go through the pool straight to the driver: SQLAlchemy's execution
layer would cost 55 to 110 microseconds more per query (README.md, "Choices by measurement").
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import MySQLdb
from MySQLdb.constants import CLIENT, FIELD_TYPE
from MySQLdb.converters import conversions
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from cloudnova_webapp.observe import metrics
from cloudnova_webapp.settings import DatabaseSettings

_log = logging.getLogger("webapp.database")

# A page has to answer in under 2 s whatever the database does: a wait of 0.8 s and one step of 1 s fit.
CONNECT_SECONDS = 1
READ_SECONDS = 1
QUEUE_SECONDS = 0.8
STATEMENT_MILLISECONDS = 900
"""Limit that the server itself enforces on a SELECT, a little before the socket's, so that no query is orphaned."""
COOL_DOWN_SECONDS = 0.5
"""After a failure to get through, how long others without a connection fail at once instead of queueing for the same."""
AT_ONCE_SECONDS = 0.25
"""A loss found sooner than this is a connection that the server had closed; later, a read has used its time already."""
RECYCLE_SECONDS = 1800
"""Age at which an idle connection is renewed, well below MySQL's wait_timeout of 8 h."""

# Error numbers of MySQL's client (2xxx) and server, by what they mean for a request.
_UNREACHABLE = frozenset({1040, 1044, 1045, 1049, 1053, 1129, 1130, 1203, 1226, 2000, 2002, 2003, 2005, 2006, 2012,
                          2013, 2026, 2027, 2055, 3159, 4031})
_TIMEOUT = frozenset({1205, 1213, 1317, 3024})
_SCHEMA = frozenset({1054, 1146})
_READ_ONLY = frozenset({1290, 1836})
# 2026, an error of TLS, is what a connection that had worked says first when the server has ended it.
_CONNECTION_LOST = frozenset({1053, 2006, 2013, 2026, 2027, 2055, 4031})

# The driver's own parser of times is Python code; this one is C, and a list has fifty of them.
_CONVERTERS = {**conversions, FIELD_TYPE.DATETIME: datetime.fromisoformat}


class DatabaseUnavailable(Exception):
    """The database cannot answer now. `kind`: unreachable, overloaded, timeout, schema, readonly or other."""

    def __init__(self, kind: str, detail: str):
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


class DuplicateKey(Exception):
    """A unique index refused the row."""


def connector(settings: DatabaseSettings, *, read_seconds: int = READ_SECONDS,
              statement_milliseconds: int = STATEMENT_MILLISECONDS) -> Callable[[], Any]:
    """What opens a connection that demands TLS and, with a CA file, verifies the server's certificate and name.

    `read_seconds` bounds each wait for the socket; `statement_milliseconds` is the server's limit for a SELECT, 0 for
    none. Nothing is connected yet.
    """
    tls: dict[str, Any] = {"ssl_mode": "REQUIRED"}
    if settings.ca_file:
        tls = {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": settings.ca_file}}
    return partial(
        MySQLdb.connect, host=settings.host, port=settings.port, user=settings.user, password=settings.password,
        database=settings.name, charset="utf8mb4", conv=_CONVERTERS, client_flag=CLIENT.FOUND_ROWS, autocommit=True,
        connect_timeout=CONNECT_SECONDS, read_timeout=read_seconds, write_timeout=read_seconds,
        init_command=f"SET SESSION max_execution_time={statement_milliseconds}, innodb_lock_wait_timeout=1, "
                     "time_zone='+00:00', sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
        **tls,
    )


class Database:
    """Runs statements with bounded waiting; safe to share between threads.

    At most `pool_size` threads are in the database. Others wait QUEUE_SECONDS; once one waited in vain, the next ones
    are refused at once for COOL_DOWN_SECONDS, so that a slow database cannot hold all threads of the worker.
    """

    def __init__(self, settings: DatabaseSettings):
        # SQLAlchemy's pool without its engine: at its first connection an engine asks the server several questions, and
        # raises errors of another class when one of them fails.
        self._pool = QueuePool(connector(settings), pool_size=settings.pool_size, max_overflow=0, recycle=RECYCLE_SECONDS,
                               timeout=QUEUE_SECONDS, reset_on_return=None)  # nothing to roll back in autocommit
        self._slots = threading.BoundedSemaphore(settings.pool_size)
        self._refuse_until = 0.0
        self._unreachable_until = 0.0
        self._size = settings.pool_size
        self._opened = False

    def announce(self) -> None:
        """Set the gauges of this process; called in each worker after the fork."""
        metrics.pool_size.set(self._size)
        metrics.pool_in_use.set(0)

    def open(self) -> bool:
        """Connect as often as the pool allows, so that no request waits for it; whether all connections were open once."""
        if self._opened:
            return True
        connections = []
        try:
            for _ in range(self._size):
                connections.append(self._pool.connect())
            self._opened = True
        except (MySQLdb.MySQLError, PoolTimeout) as error:
            _log.info("not all connections are open yet", extra={"detail": str(error)})
        for connection in connections:
            connection.close()
        return self._opened

    def close(self) -> None:
        """Take leave of the server: it counts connections that merely break off as aborted clients."""
        self._renew()

    def _renew(self) -> None:
        """Close the idle connections; those in use are closed when they come back."""
        self._pool.dispose()
        self._pool = self._pool.recreate()

    def rows(self, operation: str, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a SELECT and return its rows. Tried again once if the pooled connection had died meanwhile.

        `operation` names the query in metrics; `statement` has %s for each of `values`. Raises DatabaseUnavailable.
        """
        for attempt in (1, 2):
            try:
                with self._connection(operation) as connection:
                    cursor = connection.cursor()
                    cursor.execute(statement, values)
                    return list(cursor.fetchall())
            except _Lost as lost:
                if attempt == 2 or lost.seconds > AT_ONCE_SECONDS:
                    raise DatabaseUnavailable("unreachable", str(lost)) from lost
        raise AssertionError("unreachable code")

    def change(self, operation: str, statement: str, values: Sequence[Any] = ()) -> tuple[int, int]:
        """Run one INSERT, UPDATE or DELETE; return the count of rows found and the new row's id (0 without one).

        Never repeated: the connection is checked first instead. Raises DatabaseUnavailable and DuplicateKey.
        """
        try:
            with self._connection(operation, check=True) as connection:
                cursor = connection.cursor()
                cursor.execute(statement, values)
                return cursor.rowcount, cursor.lastrowid or 0
        except _Lost as lost:
            raise DatabaseUnavailable("unreachable", str(lost)) from lost

    @contextmanager
    def _connection(self, operation: str, check: bool = False) -> Iterator[Any]:
        self._enter()
        metrics.pool_in_use.inc()
        started = time.perf_counter()
        connection, step, asked = None, "connecting", started
        try:
            connection = self._pool.connect()
            if check:
                connection = self._checked(connection)
            step, asked = "in a statement", time.perf_counter()
            yield connection.dbapi_connection
        except MySQLdb.MySQLError as error:
            number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
            if number == 1062:
                raise DuplicateKey(str(error)) from error
            # The driver's words are the same wherever it waited in vain.
            seconds = time.perf_counter() - asked
            detail = f"{error} {step}, after {seconds:.2f} s"
            if connection is not None and (number in _UNREACHABLE or number == 0):
                connection.invalidate()
                if number in _CONNECTION_LOST:
                    self._renew()  # what one connection met has happened to the idle ones too
                    metrics.database_errors.labels("unreachable").inc()
                    raise _Lost(detail, seconds) from error
            raise self._unavailable(number, detail) from error
        finally:
            if connection is not None:
                connection.close()
            self._slots.release()
            metrics.pool_in_use.dec()
            metrics.query_duration.labels(operation).observe(time.perf_counter() - started)

    def _enter(self) -> None:
        now = time.monotonic()
        if now < self._unreachable_until and self._pool.checkedin() == 0:  # those who need a new one only
            raise self._unavailable(2003, "no connection a moment ago", cool_down=False)
        if not self._slots.acquire(timeout=0 if now < self._refuse_until else QUEUE_SECONDS):
            self._refuse_until = time.monotonic() + COOL_DOWN_SECONDS
            metrics.database_errors.labels("overloaded").inc()
            raise DatabaseUnavailable("overloaded", "all connections are busy")
        metrics.pool_wait.observe(time.monotonic() - now)

    def _checked(self, connection: Any) -> Any:
        """The same connection if it still works, else a fresh one."""
        try:
            connection.dbapi_connection.ping()
        except MySQLdb.MySQLError:
            connection.invalidate()
            self._renew()
            return self._pool.connect()
        return connection

    def _unavailable(self, number: int, detail: str, cool_down: bool = True) -> DatabaseUnavailable:
        kind = ("unreachable" if number in _UNREACHABLE else "timeout" if number in _TIMEOUT
                else "schema" if number in _SCHEMA else "readonly" if number in _READ_ONLY else "other")
        if kind == "unreachable" and cool_down:
            self._unreachable_until = time.monotonic() + COOL_DOWN_SECONDS
        metrics.database_errors.labels(kind).inc()
        return DatabaseUnavailable(kind, detail)


class _Lost(Exception):
    """A connection that had worked before is gone, as it turned out after `seconds`."""

    def __init__(self, detail: str, seconds: float):
        super().__init__(detail)
        self.seconds = seconds
