"""The database away, slow, back; TLS refused; SIGTERM under load."""

import contextlib
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from cloudnova_webapp import health
from cloudnova_webapp.database import Database, DatabaseUnavailable
from cloudnova_webapp.settings import load_database
from tests.conftest import https, make_app
from tests.live_server import LiveServer
from tests.mysql_server import free_port
from tests.tunnel import Tunnel
from tests.waiting import wait_until

PAGES = ("/", "/users", "/users/1/edit", "/users/export.csv", "/api/v1/users")


@pytest.fixture(scope="module")
def server(mysql, migrated):
    """A server of this file's own: others must not see its database go away."""
    with LiveServer(mysql.environment(migrated)) as live:
        yield live


@pytest.fixture
def stack():
    """Ends what a test has started, also when it fails."""
    with ExitStack() as stack:
        yield stack


def get(server: LiveServer, path: str) -> requests.Response:
    return requests.get(server.url + path, timeout=10)


def test_database_stopped_and_back(mysql, server):
    wait_until(lambda: get(server, "/readyz").status_code == 200, 5)
    for path in PAGES:
        get(server, path)
    mysql.stop()
    try:
        for path in PAGES:
            answer = get(server, path)
            assert answer.status_code == 503 and answer.elapsed.total_seconds() < 2, path
            assert "base de datos" in answer.text.lower() or "No disponible" in answer.text or "database" in answer.text
            assert answer.headers["Retry-After"] == "2", path
        assert {get(server, "/readyz").status_code for _ in range(20)} == {200}, "it keeps its visitors, to tell them"
        assert get(server, "/healthz").status_code == 200
        assert server.metrics()['webapp_database_errors_total{kind="unreachable"}'] > 0
    finally:
        mysql.start()
    wait_until(lambda: get(server, "/users").status_code == 200, 2)
    assert [get(server, path).status_code for path in ("/", "/users") for _ in range(10)] == [200] * 20
    assert server.process.poll() is None


def test_database_read_only(mysql, server):
    """Its disk is nearly full: pages and lists answer, a change is refused in words, and is possible again afterwards."""
    wait_until(lambda: get(server, "/readyz").status_code == 200, 5)
    add = lambda: requests.post(f"{server.url}/api/v1/users", json={"name": "R", "email": "readonly@example.com"}, timeout=5)  # noqa: E731
    mysql.query("SET GLOBAL read_only = ON")
    try:
        assert {get(server, path).status_code for path in PAGES if "1/edit" not in path} == {200}
        refused = add()
        assert refused.status_code == 503 and refused.headers["Retry-After"] == "30"
        assert refused.json()["detail"] == "The database accepts reads only."
        assert server.metrics()['webapp_database_errors_total{kind="readonly"}'] == 1
        assert get(server, "/readyz").status_code == 200
    finally:
        mysql.query("SET GLOBAL read_only = OFF")
    assert add().status_code == 201


@pytest.mark.parametrize("first", ["reads", "writes"])
def test_database_restarted_unnoticed_loses_no_request(mysql, server, first):
    """Pooled connections are dead after a restart; reads are repeated and writes check first."""

    def burst() -> list[requests.Response]:
        with ThreadPoolExecutor(12) as visitors:  # so that every pool holds several connections
            return list(visitors.map(lambda _: get(server, "/users"), range(60)))

    burst()
    mysql.stop()
    mysql.start()
    reads = burst() if first == "reads" else []
    writes = [requests.post(f"{server.url}/api/v1/users", json={"name": "R", "email": f"{first}{number}@example.com"}, timeout=5)
              for number in range(4)]
    reads += [get(server, "/users") for _ in range(20)]
    assert {answer.status_code for answer in reads} == {200}
    assert [answer.status_code for answer in writes] == [201] * 4


def test_frozen_database_does_not_hold_the_threads(mysql, server):
    """40 visitors at once on 8 threads: pages fail fast, probes go on answering."""
    for _ in range(20):
        get(server, "/users")
    mysql.freeze()
    try:
        with ThreadPoolExecutor(40) as visitors:
            pages = [visitors.submit(get, server, "/users") for _ in range(120)]
            time.sleep(0.5)
            probes = []
            for _ in range(10):
                probe = get(server, "/healthz")
                probes.append(probe.elapsed.total_seconds())
                assert probe.status_code == 200
                time.sleep(0.2)
            answers = [page.result() for page in pages]
        assert {answer.status_code for answer in answers} == {503}
        assert max(probes) < 1, probes
        assert max(answer.elapsed.total_seconds() for answer in answers) < 2
        ready = get(server, "/readyz")
        assert ready.status_code == 200 and ready.elapsed.total_seconds() < 1
    finally:
        mysql.thaw()
    wait_until(lambda: get(server, "/users").status_code == 200, 5)


def test_a_slow_query_is_ended_by_the_server_too(app, mysql):
    started = time.monotonic()
    with pytest.raises(DatabaseUnavailable) as caught:
        app.extensions["database"].rows("slow", "SELECT COUNT(*) FROM users a WHERE SLEEP(30) = 0 OR 1 = 0 UNION SELECT SLEEP(30)")
    assert caught.value.kind in ("timeout", "unreachable") and time.monotonic() - started < 1.5
    wait_until(lambda: not mysql.query("SELECT 1 FROM information_schema.processlist WHERE info LIKE '%%SLEEP(30)%%' "
                                       "AND info NOT LIKE '%%processlist%%'"), 5)


def test_an_address_that_swallows_everything_fails_within_the_limit(mysql, migrated):
    """A listener that never says a word, like a firewall that drops packets after the handshake."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as hole:
        app = make_app(mysql, migrated, DATABASE_PORT=str(hole.getsockname()[1]))
        for path in ("/users", "/readyz"):
            started = time.monotonic()
            assert https(app).get(path).status_code == 503
            assert time.monotonic() - started < 2


@pytest.mark.parametrize(("variables", "reason"), [
    ({"DATABASE_PASSWORD": "wrong"}, "denied"), ({"DATABASE_CA_FILE": "other-ca.pem"}, "certificate"),
])
def test_wrong_password_and_foreign_certificate_are_refused(mysql, migrated, caplog, variables, reason):
    if "DATABASE_CA_FILE" in variables:
        variables = {"DATABASE_CA_FILE": str(mysql.folder / variables["DATABASE_CA_FILE"])}
    client = https(make_app(mysql, migrated, **variables))
    with caplog.at_level("WARNING"):
        assert client.get("/users").status_code == 503
    assert client.get("/readyz").json["reason"] == "unreachable"
    assert reason in " ".join(str(record.__dict__.get("detail")) for record in caplog.records).lower()


def test_a_name_that_the_certificate_does_not_carry_is_refused(mysql, migrated):
    """127.0.0.2 is the same machine, but not in the certificate."""
    with Tunnel("127.0.0.2", mysql.port) as tunnel:
        settings = {"DATABASE_HOST": "127.0.0.2", "DATABASE_PORT": str(tunnel.port)}
        assert https(make_app(mysql, migrated, **settings)).get("/users").status_code == 503
        assert https(make_app(mysql, migrated, **settings, DATABASE_CA_FILE="")).get("/users").status_code == 200


def test_a_server_without_tls_is_refused(mysql, migrated):
    with Tunnel("127.0.0.1", mysql.port, strip_tls=True) as tunnel:
        for ca in (mysql.ca_file, ""):
            app = make_app(mysql, migrated, DATABASE_PORT=str(tunnel.port), DATABASE_CA_FILE=ca)
            assert https(app).get("/users").status_code == 503
        assert tunnel.connections >= 2


@pytest.mark.parametrize("header", ["Content-Length: 1000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\n{"])
def test_slow_bodies_that_no_page_reads_hold_no_thread(server, stack, header):
    """Of requests that change something Traefik waits for the body; of a GET, too, one may come."""
    wait_until(lambda: get(server, "/users").status_code == 200, 5)
    port = int(server.url.rsplit(":", 1)[1])
    for _ in range(40):
        connection = stack.enter_context(socket.create_connection(("localhost", port)))
        connection.sendall(f"GET /users HTTP/1.1\r\nHost: localhost\r\n{header}".encode())
    assert get(server, "/users").elapsed.total_seconds() < 2


def test_connections_without_a_request_hold_no_thread(server, stack):
    """Traefik leaves them behind when a visitor goes while it connects: it keeps them for a later request."""
    wait_until(lambda: get(server, "/users").status_code == 200, 5)
    port = int(server.url.rsplit(":", 1)[1])
    kept = [stack.enter_context(socket.create_connection(("localhost", port))) for _ in range(60)]
    assert get(server, "/users").elapsed.total_seconds() < 2
    kept[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    kept[0].settimeout(5)
    assert kept[0].recv(100).startswith(b"HTTP/1.1 200")


def test_a_connection_whose_client_probed_it_is_answered(server, stack):
    """Traefik asks an idle connection every 15 s whether it lives, and uses it afterwards."""
    port = int(server.url.rsplit(":", 1)[1])
    idle = stack.enter_context(socket.create_connection(("localhost", port)))
    for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1)):
        idle.setsockopt(socket.IPPROTO_TCP, option, value)
    idle.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    time.sleep(2.5)
    idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    idle.settimeout(5)
    assert idle.recv(100).startswith(b"HTTP/1.1 200")


def test_connections_without_a_request_do_not_delay_the_end(mysql, migrated, stack):
    """A worker would wait 20 s for a request that was begun."""
    with LiveServer(mysql.environment(migrated), DRAIN_SECONDS="0") as server:
        wait_until(lambda: get(server, "/users").status_code == 200, 5)
        for _ in range(8):
            stack.enter_context(socket.create_connection(("localhost", int(server.url.rsplit(":", 1)[1]))))
        wait_until(lambda: get(server, "/healthz").status_code == 200, 5)
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 15


def test_sigterm_under_load_loses_no_request(mysql, migrated):
    """Two replicas behind a balancer that looks at /readyz every 0.2 s; one of them is told to stop."""
    environment = mysql.environment(migrated)
    with LiveServer(environment, DRAIN_SECONDS="2") as first, LiveServer(environment, DRAIN_SECONDS="2") as second:
        ready, stop = {first.url, second.url}, threading.Event()
        outcomes: list[object] = []

        def watch() -> None:
            while not stop.is_set():
                for replica in (first, second):
                    try:
                        good = requests.get(f"{replica.url}/readyz", timeout=1).status_code == 200
                    except requests.RequestException:
                        good = False
                    (ready.add if good else ready.discard)(replica.url)
                time.sleep(0.2)

        def load(number: int) -> None:
            session = requests.Session()  # kept-alive connections are the ones that get lost
            while not stop.is_set():
                targets = sorted(ready) or [second.url]
                url = targets[number % len(targets)]
                try:
                    outcomes.append(session.get(f"{url}/users?q=a", timeout=10).status_code)
                except requests.RequestException as error:
                    outcomes.append(error)

        threads = [threading.Thread(target=watch)] + [threading.Thread(target=load, args=(n,)) for n in range(12)]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        before = len(outcomes)
        started = time.monotonic()
        assert first.stop() == 0
        took = time.monotonic() - started
        time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join()
        assert before > 50 and len(outcomes) - before > 50
        assert set(outcomes) == {200}
        assert 2 <= took < 8


def test_a_connection_refused_does_not_stop_those_who_have_one(mysql, migrated):
    mysql.query("CREATE USER 'lone'@'%' IDENTIFIED BY 'lone-password' WITH MAX_USER_CONNECTIONS 1")
    try:
        environment = {**mysql.environment(migrated), "DATABASE_USER": "lone", "DATABASE_PASSWORD": "lone-password",
                       "DATABASE_NAME": "information_schema", "DATABASE_POOL_SIZE": "2"}
        database = Database(load_database(environment))
        slow = threading.Thread(target=lambda: database.rows("slow", "SELECT SLEEP(0.3)"))
        slow.start()
        time.sleep(0.1)
        with pytest.raises(DatabaseUnavailable, match="1226"):
            database.rows("second", "SELECT 1")
        slow.join()
        assert database.rows("third", "SELECT 1")
        database.close()
    finally:
        mysql.query("DROP USER 'lone'@'%'")


@pytest.mark.parametrize("answers", range(1, 9))
def test_a_connection_that_breaks_off_at_any_point_is_an_unreachable_database(mysql, migrated, answers):
    """An error of another class would end the worker that starts just then, and gunicorn's master with it."""
    with Tunnel("127.0.0.1", mysql.port, answers=answers) as tunnel:
        settings = replace(load_database(mysql.environment(migrated)), port=tunnel.port)
        starting, asked = Database(settings), Database(settings)
        opened = starting.open()  # a connection that breaks off later is open
        with contextlib.suppress(DatabaseUnavailable):  # and so is one that has been answered
            asked.rows("test", "SELECT 1")
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable, match="unreachable"):
                for _ in range(answers):
                    asked.rows("test", "SELECT 1")
        assert tunnel.broken >= (1 if opened else 2)
        starting.close()
        asked.close()


def test_an_error_says_whether_it_was_connecting_and_how_long_it_waited(mysql, migrated):
    """The driver reports a server that stops answering with the same words in both."""
    environment = load_database(mysql.environment(migrated))
    connected, new = Database(environment), Database(environment)
    connected.rows("test", "SELECT 1")
    mysql.freeze()
    try:
        with pytest.raises(DatabaseUnavailable, match=r" in a statement, after 1\.\d+ s$"):
            connected.rows("test", "SELECT 1")
        with pytest.raises(DatabaseUnavailable, match=r" connecting, after 1\.\d+ s$"):
            new.rows("test", "SELECT 1")
    finally:
        mysql.thaw()
        connected.close()
        new.close()


def test_at_its_end_it_takes_leave_of_the_database(mysql, migrated):
    def broken_off() -> int:
        """Connections that ended without a word; an alert counts them."""
        return int(mysql.query("SHOW GLOBAL STATUS LIKE 'Aborted_clients'")[0][1])

    def connected() -> int:
        return mysql.query("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'webapp'")[0][0]

    others, before = connected(), broken_off()
    with LiveServer(mysql.environment(migrated), WEB_WORKERS="1", DATABASE_POOL_SIZE="3") as live:
        wait_until(lambda: connected() == others + 3, 10)  # before anybody asks
        assert requests.get(f"{live.url}/readyz", timeout=5).status_code == 200
        wait_until(lambda: connected() == others + 3, 2)  # the question's own connection is closed with its answer
    wait_until(lambda: connected() == others, 10)
    assert broken_off() == before


def test_sigterm_lets_a_long_request_finish(mysql, migrated):
    with LiveServer(mysql.environment(migrated), FAULT_INJECTION="on", FAULT_TOKEN="t" * 16) as server:
        answers = []
        slow = threading.Thread(target=lambda: answers.append(requests.get(
            f"{server.url}/debug/latency?seconds=2", headers={"X-Fault-Token": "t" * 16}, timeout=10).status_code))
        slow.start()
        time.sleep(0.5)
        assert server.stop() == 0
        slow.join()
        assert answers == [200]


def test_it_starts_without_a_database(mysql, migrated):
    environment = {**mysql.environment(migrated), "DATABASE_PORT": str(free_port())}
    with LiveServer(environment) as server:
        assert get(server, "/healthz").status_code == 200
        assert get(server, "/readyz").status_code == 503
        assert get(server, "/users").status_code == 503


def test_a_replica_is_ready_once_it_has_seen_the_schema_and_stays_so(mysql, migrated):
    """Also a worker that is started while the database is away: it is the replica that has seen it."""
    with LiveServer(mysql.environment(migrated)) as server:
        wait_until(lambda: get(server, "/readyz").status_code == 200, 5)
        mysql.stop()
        try:
            for child in Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
            wait_until(lambda: server.metrics()["webapp_workers"] == 2, 10)
            assert [get(server, "/readyz").status_code for _ in range(10)] == [200] * 10
            assert get(server, "/users").status_code == 503
        finally:
            mysql.start()


def test_a_replica_is_not_ready_before_its_pool_is_open(mysql, migrated):
    """Its first visitors would wait for connections, and be answered with 503 when one takes a second."""
    settings = load_database(mysql.environment(migrated))
    shut = Database(replace(settings, port=free_port()))
    readiness, shut_out = (health.Readiness(settings, pool) for pool in (Database(settings), shut))
    assert shut_out.check() == (False, "unreachable")
    assert readiness.check() == (True, "")


def test_a_replica_that_starts_without_its_database_is_not_ready_until_it_comes(mysql, migrated, stack):
    mysql.stop()
    try:
        server = stack.enter_context(LiveServer(mysql.environment(migrated)))
        ready = get(server, "/readyz")
        assert ready.status_code == 503 and ready.json()["reason"] == "unreachable"
        assert server.metrics()['webapp_readiness_failures_total{reason="unreachable"}'] > 0
    finally:
        mysql.start()
    wait_until(lambda: get(server, "/readyz").status_code == 200, 5)
