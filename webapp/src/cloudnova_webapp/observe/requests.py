"""Measures and logs every request, from its first line to the last byte handed to the server."""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from flask import Flask, g, request

from cloudnova_webapp.observe import metrics

UNMATCHED = "(unmatched)"
"""Route of requests that no rule matches: raw paths would let anybody create series."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = frozenset({"/healthz", "/readyz"})
_log = logging.getLogger("webapp.access")


# prometheus_client takes a lock and builds a key on each labels(); the routes are few, so the children are kept.
_count = lru_cache(maxsize=1024)(metrics.http_requests.labels)
_duration = lru_cache(maxsize=1024)(metrics.http_duration.labels)
_progress = lru_cache(maxsize=512)(metrics.http_in_progress.labels)


class _Measured:
    """The body of a response; its end, however it comes, is the end of the request."""

    def __init__(self, body: Iterable[bytes], finish: Callable[[], None]):
        self._body, self._finish = body, finish

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            if close := getattr(self._body, "close", None):
                close()
        finally:
            self._finish()


class ObservedRequests:
    """WSGI middleware that gives each request an id, and counts, times and logs it.

    The id of a proxy in front (X-Request-Id) is kept when it is harmless, else a new one is made. It is in
    `g.request_id`, in the response's X-Request-Id and in every log line.
    """

    def __init__(self, app: Flask):
        self._wsgi = app.wsgi_app
        app.wsgi_app = self  # type: ignore[method-assign]
        # First of all, so that a request refused by a later check (CSRF) has its id and route too.
        app.before_request_funcs.setdefault(None, []).insert(0, _remember_route)
        metrics.start_at_zero()
        for rule in app.url_map.iter_rules():
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                _count(rule.rule, method, "5xx")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        started = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        environ["webapp.request_id"] = request_id
        status = "500"

        def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status
            status = line[:3]
            headers.append(("X-Request-Id", request_id))
            return start_response(line, headers, exc_info)

        def finish() -> None:
            _finish(environ, status, time.perf_counter() - started)

        try:
            body = self._wsgi(environ, start)
        except BaseException:
            finish()
            raise
        return _Measured(body, finish)


def _remember_route() -> None:
    environ = request.environ
    g.request_id = environ["webapp.request_id"]
    route = request.url_rule.rule if request.url_rule else UNMATCHED
    method = request.method if request.method in _METHODS else "OTHER"
    progress = _progress(route, method)
    progress.inc()
    environ["webapp.route"] = (route, method, progress)
    environ["webapp.client"] = request.remote_addr


def _finish(environ: dict[str, Any], status: str, seconds: float) -> None:
    route, method, progress = environ.get("webapp.route", (UNMATCHED, "OTHER", None))
    if progress:
        progress.dec()
    status_class = f"{status[0]}xx"
    _count(route, method, status_class).inc()
    _duration(route, method, status_class).observe(seconds)
    level = logging.DEBUG if route in _QUIET and status == "200" else logging.INFO
    if _log.isEnabledFor(level):
        _log.log(level, "request", extra={
            "request_id": environ["webapp.request_id"],
            "method": method,
            "path": environ.get("PATH_INFO", ""),  # without the query string: searches hold names of persons
            "route": route,
            "status": int(status),
            "duration_ms": round(seconds * 1000, 2),
            "client": environ.get("webapp.client", environ.get("REMOTE_ADDR", "")),
            "user_agent": environ.get("HTTP_USER_AGENT", "")[:200],
        })
