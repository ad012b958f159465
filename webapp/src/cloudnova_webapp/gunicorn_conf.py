"""gunicorn's configuration: `gunicorn --config python:cloudnova_webapp.gunicorn_conf cloudnova_webapp.wsgi:app`."""

import contextlib
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading

from cloudnova_webapp.settings import SettingsError, load

try:
    _settings = load()
except SettingsError as error:
    sys.exit(f"cloudnova-webapp: {error}")  # one line on standard error, exit code 1

# prometheus_client decides at its import, so this stands before anything that declares a metric.
_METRICS_FOLDER = os.environ.setdefault(
    "PROMETHEUS_MULTIPROC_DIR", os.path.join(tempfile.gettempdir(), f"webapp-metrics-{_settings.http_port}"))

from cloudnova_webapp import drain  # noqa: E402
from cloudnova_webapp.observe import logs, server  # noqa: E402

server.prepare_folder(_METRICS_FOLDER)
logs.configure(_settings.log_level)

bind = f"0.0.0.0:{_settings.http_port}"
worker_class = "cloudnova_webapp.worker.Worker"
workers = _settings.workers
threads = _settings.threads
preload_app = True  # workers share the code's memory, and a broken application stops the start, not each worker
keepalive = _settings.keep_alive_seconds
graceful_timeout = 20  # the longest request, a CSV export of 100,000 rows, takes 3 s
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat; a disk that hangs must not look like a dead worker
control_socket_disable = True
logger_class = "cloudnova_webapp.observe.gunicorn_logger.JsonLogger"
_BODY = {"CONTENT-LENGTH", "TRANSFER-ENCODING"}  # headers of a request that has a body
# X-Forwarded-* is judged by TRUSTED_PROXY_HOPS alone; gunicorn would believe any peer on loopback.
secure_scheme_headers: dict[str, str] = {}
forwarded_allow_ips = ""


def when_ready(arbiter) -> None:
    """The listeners are open: serve metrics, and let SIGTERM drain first."""
    try:
        server.serve(_settings.metrics_port, lambda: len(arbiter.WORKERS))
    except OSError as error:
        sys.exit(f"cloudnova-webapp: METRICS_PORT is {_settings.metrics_port}: it cannot be opened ({error.strerror})")
    stop = signal.getsignal(signal.SIGTERM)

    def begin(number: int, frame: object) -> None:
        if drain.has_begun():
            return
        drain.begin()
        threading.Timer(_settings.drain_seconds, stop, (number, frame)).start()

    signal.signal(signal.SIGTERM, begin)


def post_fork(arbiter, worker) -> None:
    """A worker begins: announce its share of the gauges."""
    if database := arbiter.app.wsgi().extensions.get("database"):  # the benchmark's constant route has none
        database.announce()


def post_worker_init(worker) -> None:
    """It takes its first request after this: connect now. A database that does not answer delays it by a second."""
    if database := worker.app.wsgi().extensions.get("database"):
        database.open()


def worker_exit(arbiter, worker) -> None:
    """A worker ends, and is still itself: its connections are closed."""
    for part in ("database", "readiness"):
        if opened := arbiter.app.wsgi().extensions.get(part):
            opened.close()


def pre_request(worker, request) -> None:
    """While draining, answer with Connection: close, so that clients move to another replica.

    Each answer announces its own end. Setting keepalive to 0 instead would close connections whose last answer had
    promised the contrary, under the client's next request.

    So does a page that is asked for with a body, which nobody reads: before the connection's next request gunicorn would
    wait 5 s for that body, in one of its few threads.
    """
    if drain.has_begun() or _brings_a_body_to_a_page(request):
        request.force_close()


def post_request(worker, request, environ, response) -> None:
    """Read no more where nobody reads the body: gunicorn would wait 2 s for its end, and accept no connection meanwhile."""
    if _brings_a_body_to_a_page(request):
        with contextlib.suppress(OSError, KeyError):
            environ["gunicorn.socket"].shutdown(socket.SHUT_RD)


def _brings_a_body_to_a_page(request) -> bool:
    return request.method in ("GET", "HEAD") and any(name in _BODY for name, _ in request.headers)


def child_exit(arbiter, worker) -> None:
    """A worker ended: its live gauges end with it."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def on_exit(arbiter) -> None:
    """The master ends: nobody will read the values again."""
    shutil.rmtree(_METRICS_FOLDER, ignore_errors=True)
    logging.shutdown()
