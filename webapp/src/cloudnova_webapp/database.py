"""The way to MySQL: a bounded pool over TLS, time limits on every step, and errors that a page can act on.

Every operation of this application is one statement, so connections stay in autocommit and no transaction, and no
COMMIT or ROLLBACK round trip, is needed. Statements go straight to the driver: SQLAlchemy's execution layer would cost
55 to 110 microseconds more per query (README.md, "Choices by measurement").
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import MySQLdb

from cloudnova_webapp.connections import Lent, Pool
from cloudnova_webapp.observe import metrics
from cloudnova_webapp.settings import DatabaseSettings

QUEUE_SECONDS = 0.8
COOL_DOWN_SECONDS = 0.5
"""After a failure to get through, how long others fail at once instead of queueing for the same failure."""
AT_ONCE_SECONDS = 0.25
"""A loss found sooner than this is a connection that the server had closed; later, a read has used its time already."""

# Error numbers of MySQL's client (2xxx) and server, by what they mean for a request.
_UNREACHABLE = frozenset({1040, 1044, 1045, 1049, 1053, 1129, 1130, 1203, 1226, 2000, 2002, 2003, 2005, 2006, 2012,
                          2013, 2026, 2027, 2055, 3159, 4031})
_TIMEOUT = frozenset({1205, 1213, 1317, 3024})
_SCHEMA = frozenset({1054, 1146})
# 2026, an error of TLS, is what a connection that had worked says first when the server has ended it.
_CONNECTION_LOST = frozenset({1053, 2006, 2013, 2026, 2027, 2055, 4031})


class DatabaseUnavailable(Exception):
    """The database cannot answer now. `kind`: unreachable, overloaded, timeout, schema or other."""

    def __init__(self, kind: str, detail: str):
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


class DuplicateKey(Exception):
    """A unique index refused the row."""


class Database:
    """Runs statements with bounded waiting; safe to share between threads.

    At most `pool_size` threads are in the database. Others wait QUEUE_SECONDS; once one waited in vain, the next ones
    are refused at once for COOL_DOWN_SECONDS, so that a slow database cannot hold all threads of the worker.
    """

    def __init__(self, settings: DatabaseSettings):
        self._pool = Pool(settings)
        self._slots = threading.BoundedSemaphore(settings.pool_size)
        self._refuse_until = 0.0
        self._unreachable_until = 0.0
        self._size = settings.pool_size

    def announce(self) -> None:
        """Set the gauges of this process; called in each worker after the fork."""
        metrics.pool_size.set(self._size)
        metrics.pool_in_use.set(0)

    def rows(self, operation: str, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a SELECT and return its rows. Tried again once if the pooled connection had died meanwhile.

        `operation` names the query in metrics; `statement` has %s for each of `values`. Raises DatabaseUnavailable.
        """
        for attempt in (1, 2):
            try:
                with self._connection(operation) as connection:
                    # Below the driver's cursor, which asks for further results and gives up the GIL twice more: 60 µs.
                    connection.query(statement.encode() % tuple(map(connection.literal, values)))
                    return connection.store_result().fetch_row(0)
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
        lent, asked = None, started
        try:
            lent = self._pool.take()
            if check and not _works(lent):
                dead, lent = lent, None
                self._pool.discard(dead)
                self._pool.expire()
                lent = self._pool.fresh()
            asked = time.perf_counter()
            yield lent.raw
        except MySQLdb.MySQLError as error:
            number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
            if number == 1062:
                raise DuplicateKey(str(error)) from error
            if lent is not None and (number in _UNREACHABLE or number == 0):
                dead, lent = lent, None
                self._pool.discard(dead)
                if number in _CONNECTION_LOST:
                    self._pool.expire()
                    metrics.database_errors.labels("unreachable").inc()
                    raise _Lost(str(error), time.perf_counter() - asked) from error
            raise self._unavailable(number, error) from error
        finally:
            if lent is not None:
                self._pool.give(lent)
            self._slots.release()
            metrics.pool_in_use.dec()
            metrics.query_duration.labels(operation).observe(time.perf_counter() - started)

    def _enter(self) -> None:
        now = time.monotonic()
        if now < self._unreachable_until:
            raise self._unavailable(2003, "no connection a moment ago", cool_down=False)
        if not self._slots.acquire(timeout=0 if now < self._refuse_until else QUEUE_SECONDS):
            self._refuse_until = time.monotonic() + COOL_DOWN_SECONDS
            metrics.database_errors.labels("overloaded").inc()
            raise DatabaseUnavailable("overloaded", "all connections are busy")
        metrics.pool_wait.observe(time.monotonic() - now)

    def _unavailable(self, number: int, error: object, cool_down: bool = True) -> DatabaseUnavailable:
        kind = ("unreachable" if number in _UNREACHABLE else "timeout" if number in _TIMEOUT
                else "schema" if number in _SCHEMA else "other")
        if kind == "unreachable" and cool_down:
            self._unreachable_until = time.monotonic() + COOL_DOWN_SECONDS
        metrics.database_errors.labels(kind).inc()
        return DatabaseUnavailable(kind, str(error))


def _works(lent: Lent) -> bool:
    try:
        lent.raw.ping()
    except MySQLdb.MySQLError:
        return False
    return True


class _Lost(Exception):
    """A connection that had worked before is gone, as it turned out after `seconds`."""

    def __init__(self, detail: str, seconds: float):
        super().__init__(detail)
        self.seconds = seconds
