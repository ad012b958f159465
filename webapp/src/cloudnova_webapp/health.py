"""What probes ask: does the process live, can it serve."""

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
"""Age up to which an answer is given again, so that probes of many kinds cost one query."""
probes = Blueprint("health", __name__)


class Readiness:
    """Asks the database on a connection of its own, so that a busy pool does not make a working replica unready.

    An answer takes at most 1 s for connecting and 1 s for the query (database.CONNECT_SECONDS, READ_SECONDS).
    """

    def __init__(self, settings: DatabaseSettings):
        self._database = Database(replace(settings, pool_size=1))
        self._lock = threading.Lock()
        self._until = 0.0
        self._answer: tuple[bool, str] = (False, "")

    def check(self) -> tuple[bool, str]:
        """Whether this replica can serve, and the state or the reason: current, newer, empty, older, unreachable …"""
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
        return state.is_usable, state.value


@probes.get("/healthz")
def healthz() -> tuple[str, int, dict[str, str]]:
    """200 while the process answers; asks nothing else, so that a database failure restarts no pod."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@probes.get("/readyz")
def readyz() -> tuple[object, int]:
    """200 when the database answers and its schema fits; else 503. `reason` says which."""
    ready, reason = (False, "draining") if drain.has_begun() else current_app.extensions["readiness"].check()
    if ready:
        return jsonify(status="ready", schema=reason), 200
    metrics.readiness_failures.labels("schema" if reason in ("empty", "older") else reason).inc()
    return jsonify(status="not ready", reason=reason), 503
