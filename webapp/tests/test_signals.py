"""Metrics, logs and fault injection of the application under gunicorn."""

import os
import re
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from cloudnova_webapp import VERSION
from tests.live_server import LiveServer
from tests.waiting import wait_until

REQUESTS = 'webapp_http_requests_total{method="GET",route="/users",status="2xx"}'
TOKEN = {"X-Fault-Token": "t" * 16}


def test_counts_are_right_across_workers_and_never_fall(live):
    """The fault of most Flask projects: each worker answers /metrics with its own figures."""
    before = live.metrics().get(REQUESTS, 0)
    with ThreadPoolExecutor(16) as pool:
        assert all(answer.ok for answer in pool.map(lambda _: requests.get(f"{live.url}/users", timeout=5), range(200)))
    seen = [live.metrics()[REQUESTS] for _ in range(10)]
    assert seen == [before + 200] * 10
    assert live.metrics()["webapp_workers"] == 2


def test_histogram_agrees_with_the_counter(live):
    requests.get(f"{live.url}/users", timeout=5)
    metrics = live.metrics()
    assert metrics['webapp_http_request_duration_seconds_count{method="GET",route="/users",status="2xx"}'] == metrics[REQUESTS]
    assert metrics['webapp_http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/users",status="2xx"}'] \
        == metrics[REQUESTS]


def test_routes_are_templates_and_unknown_paths_share_one_series(live):
    for number in range(20):
        requests.get(f"{live.url}/nothing/{number}", timeout=5)
        requests.get(f"{live.url}/users/{10**9 + number}/edit", timeout=5)
    requests.request("BREW", f"{live.url}/pot", timeout=5)
    routes = {route for name in live.metrics() for route in re.findall(r'route="([^"]*)"', name)}
    assert "/users/<int:user_id>/edit" in routes and "(unmatched)" in routes
    assert not any(re.search(r"\d{3}", route) for route in routes)
    assert 'webapp_http_requests_total{method="OTHER",route="(unmatched)",status="4xx"}' in live.metrics()


def test_gauges_return_to_zero_and_tell_the_pool(live):
    metrics = live.metrics()
    assert metrics["webapp_database_pool_size"] == 6
    assert metrics["webapp_database_pool_in_use"] == 0
    assert {value for name, value in metrics.items() if name.startswith("webapp_http_requests_in_progress")} == {0.0}
    build = [name for name in metrics if name.startswith("webapp_build_info")]
    assert len(build) == 1 and f'version="{VERSION}"' in build[0]


def test_a_dead_workers_gauges_go_and_its_counts_stay(mysql, migrated):
    with LiveServer(mysql.environment(migrated)) as server:
        for _ in range(40):
            requests.get(f"{server.url}/users", timeout=5)
        assert server.metrics()[REQUESTS] == 40
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        time.sleep(1)  # the master notices, forgets the worker's gauges, and starts another one
        wait_until(lambda: server.metrics()["webapp_database_pool_size"] == 6, 10)
        metrics = server.metrics()
        assert metrics["webapp_database_pool_size"] == 6 and metrics["webapp_workers"] == 2
        assert metrics[REQUESTS] == 40


def test_stale_files_of_an_earlier_container_are_not_counted(mysql, migrated, tmp_path):
    folder = tmp_path / "values"
    with LiveServer(mysql.environment(migrated), PROMETHEUS_MULTIPROC_DIR=str(folder)) as server:
        requests.get(f"{server.url}/users", timeout=5)
        saved = {path.name: path.read_bytes() for path in folder.glob("*.db")}
    assert saved and not folder.exists(), "the folder goes with the process"
    folder.mkdir()
    for name, content in saved.items():
        (folder / name.replace(".db", "9.db")).write_bytes(content)
    with LiveServer(mysql.environment(migrated), PROMETHEUS_MULTIPROC_DIR=str(folder)) as server:
        wait_until(lambda: server.metrics()["webapp_workers"] == 2, 5)
        wait_until(lambda: server.metrics()["webapp_database_pool_size"] >= 6, 5)
        assert server.metrics()["webapp_database_pool_size"] == 6
        assert REQUESTS not in server.metrics()


def test_metrics_are_not_on_the_public_port_nor_pages_on_the_other(live):
    assert requests.get(f"{live.url}/metrics", timeout=5).status_code == 404
    assert "webapp_http_requests_total" in requests.get(live.metrics_url, timeout=5).text
    assert "CloudNova" not in requests.get(live.metrics_url.replace("/metrics", "/users"), timeout=5).text


def test_logs_are_json_with_the_requests_id(live):
    answer = requests.get(f"{live.url}/users?q=secret", headers={"X-Request-Id": "from-the-proxy.1"}, timeout=5)
    assert answer.headers["X-Request-Id"] == "from-the-proxy.1"

    def lines() -> list:
        return [line for line in live.log_lines() if line.get("request_id") == "from-the-proxy.1"]

    wait_until(lambda: bool(lines()), 5)  # it is written after the answer was sent
    line, = lines()
    assert (line["route"], line["status"], line["method"], line["level"]) == ("/users", 200, "GET", "info")
    assert line["duration_ms"] > 0
    assert "secret" not in str(live.log_lines()), "searches hold names of persons"
    assert not [line for line in live.log_lines() if line["logger"] == "gunicorn.access"], "one line a request"


@pytest.mark.parametrize("forged", ["a b", "x" * 65, "<script>", "a;b"])
def test_harmful_request_ids_are_replaced(live, forged):
    assert re.fullmatch("[0-9a-f]{16}", requests.get(live.url, headers={"X-Request-Id": forged}, timeout=5).headers["X-Request-Id"])


def test_probes_are_not_logged_while_all_is_well(live):
    requests.get(f"{live.url}/healthz", timeout=5)
    assert requests.get(f"{live.url}/readyz", timeout=5).json() == {"status": "ready"}
    assert not [line for line in live.log_lines() if line.get("route") in ("/healthz", "/readyz")]


@pytest.mark.parametrize("path", ["error", "latency", "cpu", "memory"])
def test_faults_do_not_exist_unless_switched_on(client, live, path):
    page = client.get(f"/debug/{path}", headers=TOKEN)
    assert page.status_code == 404 and "Página no encontrada" in page.text
    assert requests.get(f"{live.url}/debug/{path}", timeout=5).status_code == 403
    assert requests.get(f"{live.url}/debug/{path}", headers={"X-Fault-Token": "wrong"}, timeout=5).status_code == 403


def test_faults_do_what_they_say(live):
    def fault(path: str):
        return requests.post(f"{live.url}/debug/{path}", headers=TOKEN, timeout=10)

    assert fault("error").status_code == 500 and fault("error?status=418").status_code == 418
    assert fault("latency?seconds=0.3").elapsed.total_seconds() >= 0.3
    assert fault("cpu?seconds=0.3").json()["rounds"] > 1000
    assert fault("memory?mebibytes=32&seconds=0").json()["mebibytes"] == 32
    for wrong in ("error?status=200", "error?status=x", "latency?seconds=61", "latency?seconds=nan", "memory?mebibytes=0"):
        assert fault(wrong).status_code == 400
    counts = Counter({name: value for name, value in live.metrics().items() if "faults_injected" in name})
    assert counts['webapp_faults_injected_total{kind="error"}'] >= 2
    assert live.metrics()['webapp_http_requests_total{method="POST",route="/debug/error",status="5xx"}'] >= 1


def test_user_operations_are_counted_by_outcome_and_way(live, database):
    def count(outcome: str) -> float:
        return live.metrics().get(
            f'webapp_user_operations_total{{operation="create",outcome="{outcome}",source="api"}}', 0)

    before = [count(outcome) for outcome in ("ok", "duplicate", "invalid")]
    for body in ({"name": "A", "email": "a@example.com"}, {"name": "A", "email": "a@example.com"}, {"name": ""}):
        requests.post(f"{live.url}/api/v1/users", json=body, timeout=5)
    assert [count(outcome) for outcome in ("ok", "duplicate", "invalid")] == [value + 1 for value in before]
