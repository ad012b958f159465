"""The application behind the real Traefik with the shipped arguments and middlewares, as visitors reach it."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from cloudnova_webapp.security import CONTENT_SECURITY_POLICY
from tests.ingress import Ingress, SlowEnds, idle_seconds, keep_alive_seconds
from tests.live_server import LiveServer
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def replica(mysql, migrated):
    """A replica of this file's own: others must not see its database go away."""
    with LiveServer(mysql.environment(migrated)) as server:
        wait_until(lambda: requests.get(f"{server.url}/readyz", timeout=5).status_code == 200, 5)
        yield server


@pytest.fixture(scope="module")
def ingress(replica):
    """Traefik in front of it."""
    with Ingress(replica.url) as traefik:
        yield traefik


def test_while_mysql_is_away_visitors_read_the_applications_own_page(mysql, ingress):
    assert ingress.get("/users").status_code == 200
    mysql.stop()
    try:
        for _ in range(20):  # for longer than it takes the health check to put a replica out of service
            page = ingress.get("/users")
            assert (page.status_code, page.headers.get("Retry-After")) == (503, "2"), page.text[:200]
            assert page.headers["Content-Type"].startswith("text/html") and "Volvemos en un momento" in page.text
            time.sleep(0.1)
        home = ingress.get("/")
        assert (home.status_code, home.headers["Retry-After"]) == (503, "2") and "webapp-test-1" in home.text
        problem = ingress.get("/api/v1/users")
        assert (problem.status_code, problem.headers["Content-Type"]) == (503, "application/problem+json")
    finally:
        mysql.start()
    wait_until(lambda: ingress.get("/users").status_code == 200, 5)


def test_a_restart_of_mysql_shows_the_page_and_never_a_bare_503(mysql, ingress):
    """What an upgrade of MySQL does; the pages between are read as fast as the rate limit allows."""
    with ThreadPoolExecutor(1) as operator:
        restart = operator.submit(lambda: (mysql.stop(), time.sleep(1), mysql.start()))
        pages = []
        while not restart.done():
            pages.append(ingress.get("/users"))
            time.sleep(0.1)
    failed = [page for page in pages if page.status_code != 200]
    assert failed and {page.status_code for page in failed} == {503}
    assert all("Volvemos en un momento" in page.text for page in failed)


@pytest.mark.parametrize("path", ["/users", "/users/new", "/no-such-page", "/api/v1/users", "/static/app.css"])
def test_each_security_header_comes_once_with_its_owners_value(ingress, path):
    raw = ingress.get(path).raw.headers
    seen = Counter(name.lower() for name, _ in raw.iteritems())
    owned = {
        # The Ingress: the same for every application; on localhost HSTS is short.
        "strict-transport-security": "max-age=300", "x-content-type-options": "nosniff",
        # The application.
        "content-security-policy": CONTENT_SECURITY_POLICY, "x-frame-options": "DENY", "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
    }
    assert {name: (seen[name], raw.get(name)) for name in owned} == {name: (1, value) for name, value in owned.items()}
    assert "server" not in seen


# The shipped numbers, five times as fast.
FASTER = 5
KEPT = keep_alive_seconds() // FASTER
DELAY = 3.0


@pytest.mark.parametrize(("idle", "status"), [
    pytest.param(idle_seconds(), 201, id="shipped"), pytest.param(90, 502, id="Traefik's default, longer than the application's"),
])
def test_a_post_on_an_idle_connection_is_lost_unless_traefik_closes_first(mysql, migrated, database, idle, status):
    """gunicorn looks for expired connections once a second, so it closes at KEPT to KEPT + 1 seconds."""
    with LiveServer(mysql.environment(migrated), KEEP_ALIVE_SECONDS=str(KEPT), WEB_WORKERS="1") as server, \
            SlowEnds(server.url, DELAY) as relay, Ingress(relay.url, idle=idle / FASTER) as ingress:
        def add(email: str) -> int:
            return ingress.post("/api/v1/users", {"name": "Idle", "email": email}).status_code

        assert add(f"first-{idle}@example.com") == 201
        time.sleep(KEPT + 1.5)
        assert add(f"second-{idle}@example.com") == status
