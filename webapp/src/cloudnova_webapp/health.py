"""What probes ask: does the process live, may it get visitors."""

import mmap
import threading
import time
from dataclasses import replace

from flask import Blueprint, current_app, jsonify

from cloudnova_webapp import drain
from cloudnova_webapp.database import Database, DatabaseUnavailable
from cloudnova_webapp.observe import metrics
from cloudnova_webapp.schema import SchemaState, read_state
from cloudnova_webapp.settings import DatabaseSettings

REUSE_SECONDS = 0.5
"""Age up to which "not ready" is given again, so that probes of many kinds cost one query."""
probes = Blueprint("health", __name__)


class Readiness:
    """Whether this replica may get visitors: from the moment when it has seen a schema that fits and its pool is open.

    A visitor must not pay for the first connection: one that takes longer than a second is answered with 503, and so are
    those of the next half second (database.COOL_DOWN_SECONDS). The worker that is asked has opened its own pool; others
    open theirs before they take requests.

    After that the database is not asked again. All replicas share it: a readiness that followed it would take all of
    them out of service at once, and visitors would get the proxy's bare 503 instead of this application's page. Pages,
    metrics and alerts report the state of the database.

    The question has a connection of its own, so that a busy pool cannot delay it, and takes at most 1 s for connecting
    and 1 s for the query (database.CONNECT_SECONDS, READ_SECONDS).
    """

    def __init__(self, settings: DatabaseSettings, pool: Database):
        self._pool = pool
        self._database = Database(replace(settings, pool_size=1))
        # Anonymous shared memory: what one worker has seen holds for all, also for those that are forked later.
        self._seen = mmap.mmap(-1, 1)
        self._lock = threading.Lock()
        self._until = 0.0
        self._answer: tuple[bool, str] = (False, "")

    def check(self) -> tuple[bool, str]:
        """Whether this replica may get visitors; if not, the reason: empty, older, unreachable, timeout …"""
        if self._seen[0]:
            return True, ""
        if not self._lock.acquire(timeout=0.1):
            return self._answer  # another thread is asking right now
        try:
            if time.monotonic() >= self._until:
                self._answer = self._ask()
                self._until = time.monotonic() + REUSE_SECONDS
            return self._answer
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def _ask(self) -> tuple[bool, str]:
        try:
            state: SchemaState = read_state(self._database)
        except DatabaseUnavailable as error:
            return False, error.kind
        if not state.is_usable:
            return False, state.value
        if not self._pool.open():
            return False, "unreachable"
        self._seen[0] = 1
        self.close()
        return True, ""


@probes.get("/healthz")
def healthz() -> tuple[str, int, dict[str, str]]:
    """200 while the process answers; asks nothing else, so that a database failure restarts no pod."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@probes.get("/readyz")
def readyz() -> tuple[object, int]:
    """200 once a schema that fits was seen, until SIGTERM; else 503. `reason` says why not."""
    ready, reason = (False, "draining") if drain.has_begun() else current_app.extensions["readiness"].check()
    if ready:
        return jsonify(status="ready"), 200
    metrics.readiness_failures.labels("schema" if reason in ("empty", "older") else reason).inc()
    return jsonify(status="not ready", reason=reason), 503
