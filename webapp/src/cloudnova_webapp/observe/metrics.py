"""Every metric of the application, declared once.

Under gunicorn each worker writes its values into files of its own (PROMETHEUS_MULTIPROC_DIR) and the master adds them
up for /metrics. Gauges therefore say how they add up: `livesum` counts only processes that are alive.
"""

from prometheus_client import Counter, Gauge, Histogram

_HTTP = ("route", "method", "status")
# Steps around the goals of README.md: 100 ms for p99 of a page, 2 s for the answer while the database is away.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
# A prefix search takes 0.3 ms in the database, a substring search up to 25 ms, the time limit is 1 s.
_QUERY_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)

http_requests = Counter(
    "webapp_http_requests_total", "Requests answered, by route template and status class (2xx, 3xx, 4xx, 5xx).", _HTTP
)
http_duration = Histogram(
    "webapp_http_request_duration_seconds", "From the request's first line to the last byte handed over.", _HTTP,
    buckets=_SECONDS,
)
http_in_progress = Gauge(
    "webapp_http_requests_in_progress", "Requests being answered now.", ("route", "method"), multiprocess_mode="livesum"
)
pool_size = Gauge(
    "webapp_database_pool_size", "Connections that the workers may hold together.", multiprocess_mode="livesum"
)
pool_in_use = Gauge(
    "webapp_database_pool_in_use", "Connections that are answering a query now.", multiprocess_mode="livesum"
)
pool_wait = Histogram(
    "webapp_database_pool_wait_seconds", "Wait for a free connection.", buckets=_QUERY_SECONDS
)
query_duration = Histogram(
    "webapp_database_query_duration_seconds", "Time of a query by operation, connecting included.", ("operation",),
    buckets=_QUERY_SECONDS,
)
database_errors = Counter(
    "webapp_database_errors_total", "Queries that failed: unreachable, overloaded, timeout, schema, readonly, other.",
    ("kind",),
)
readiness_failures = Counter(
    "webapp_readiness_failures_total", "Answers of /readyz that were not ready, by reason.", ("reason",)
)
user_operations = Counter(
    "webapp_user_operations_total",
    "Changes of users: what was asked (create, update, delete, restore, export), what came of it "
    "(ok, invalid, duplicate, conflict, not_found) and by which way (page, api).",
    ("operation", "outcome", "source"),
)
logins = Counter("webapp_logins_total", "Attempts to log in: ok, wrong, limited.", ("outcome",))
faults = Counter("webapp_faults_injected_total", "Faults made on purpose through /debug/*.", ("kind",))


def start_at_zero() -> None:
    """Create the series that alerts are made of, so that the first event is an increase from 0 and not a birth."""
    for kind in ("unreachable", "overloaded", "timeout", "schema", "readonly", "other"):
        database_errors.labels(kind)
    for reason in ("unreachable", "overloaded", "timeout", "schema", "other", "draining"):
        readiness_failures.labels(reason)
    for outcome in ("ok", "wrong", "limited"):
        logins.labels(outcome)
    for operation in ("create", "update", "delete", "restore"):
        for source in ("page", "api"):
            user_operations.labels(operation, "ok", source)
