"""Connections to MySQL, over TLS and with a limit on every wait, and the idle ones that are kept for the next request.

A pool of our own: SQLAlchemy, of which nothing but its pool was used, took 14 MiB of each replica (README.md, "Choices by
measurement"). How many connections there may be at once is the caller's business.
"""

import contextlib
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import MySQLdb
from MySQLdb.constants import CLIENT, FIELD_TYPE
from MySQLdb.converters import conversions

from cloudnova_webapp.settings import DatabaseSettings

# A page has to answer in under 2 s whatever the database does: a wait of 0.8 s and one step of 1 s fit.
CONNECT_SECONDS = 1
READ_SECONDS = 1
STATEMENT_MILLISECONDS = 900
"""Limit that the server itself enforces on a SELECT, a little before the socket's, so that no query is orphaned."""
RECYCLE_SECONDS = 1800
"""Age at which an idle connection is renewed, well below MySQL's wait_timeout of 8 h."""

# The driver's own parser of times is Python code; this one is C, and a list has fifty of them.
_CONVERTERS = {**conversions, FIELD_TYPE.DATETIME: datetime.fromisoformat}


def connect(settings: DatabaseSettings, *, read_seconds: int = READ_SECONDS,
            statement_milliseconds: int = STATEMENT_MILLISECONDS) -> Any:
    """A connection that demands TLS and, with a CA file, verified the server's certificate and name; in autocommit.

    `read_seconds` bounds each wait for the socket; `statement_milliseconds` is the server's limit for a SELECT, 0 for
    none. Raises MySQLdb.MySQLError.
    """
    tls: dict[str, Any] = {"ssl_mode": "REQUIRED"}
    if settings.ca_file:
        tls = {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": settings.ca_file}}
    return MySQLdb.connect(
        host=settings.host, port=settings.port, user=settings.user, password=settings.password, database=settings.name,
        charset="utf8mb4", conv=_CONVERTERS, autocommit=True, connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds, write_timeout=read_seconds,
        client_flag=CLIENT.FOUND_ROWS,  # an update counts what it found, also what was as it should be
        init_command=f"SET SESSION max_execution_time={statement_milliseconds}, innodb_lock_wait_timeout=1, "
                     "time_zone='+00:00', sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
        **tls)


@dataclass(slots=True)
class Lent:
    """A connection that one thread has until it gives or throws it away."""

    raw: Any
    """The driver's own."""
    born: float
    generation: int


class Pool:
    """Lends connections and keeps those that come back; safe to share between threads."""

    def __init__(self, settings: DatabaseSettings):
        self._settings = settings
        # Who came back last goes first, so that no more stay in use than are needed. A deque's ends need no lock.
        self._idle: deque[Lent] = deque()
        self._generation = 0

    def take(self) -> Lent:
        """An idle connection younger than RECYCLE_SECONDS, else a fresh one. Raises MySQLdb.MySQLError."""
        while lent := self._pop():
            if time.monotonic() - lent.born < RECYCLE_SECONDS:
                return lent
            self.discard(lent)
        return self.fresh()

    def fresh(self) -> Lent:
        """A connection that is made now. Raises MySQLdb.MySQLError."""
        generation = self._generation  # read first: what `expire` is called for meanwhile may have happened to this one
        return Lent(connect(self._settings), time.monotonic(), generation)

    def give(self, lent: Lent) -> None:
        """Take back a connection that works."""
        if lent.generation == self._generation:
            self._idle.append(lent)
        else:
            self.discard(lent)

    def discard(self, lent: Lent) -> None:
        """Close a connection that is not to be used again."""
        with contextlib.suppress(MySQLdb.MySQLError):
            lent.raw.close()

    def expire(self) -> None:
        """Use none again of the connections that there are: what one of them met has happened to the others too."""
        self._generation += 1
        while lent := self._pop():
            self.discard(lent)

    def _pop(self) -> Lent | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None
