"""Login mode: who may write, and how often one may guess."""

import base64
import threading

import pytest

from cloudnova_webapp import access
from cloudnova_webapp.access import ATTEMPTS, TOTAL_ATTEMPTS
from tests.conftest import https, make_app
from tests.test_pages import form

PASSWORD = "correct horse battery"
USERS = "/api/v1/users"


@pytest.fixture
def guarded(mysql, database):
    """The application in login mode."""
    return make_app(mysql, database, WRITE_ACCESS="login", ADMIN_PASSWORD=PASSWORD)


def log_in(client, password: str, path: str = "/login"):
    """Send the login form."""
    return client.post(path, data={**form(client, "/login"), "user": "admin", "password": password})


def basic(password: str) -> dict[str, str]:
    """The header of an API client."""
    return {"Authorization": "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()}


def test_readers_read_and_writers_log_in_first(guarded, mysql, database):
    mysql.query(f"INSERT INTO {database}.users (id, name, email) VALUES (1, 'Ana', 'ana@example.com')")
    client = https(guarded)
    page = client.get("/users")
    assert "Ana" in page.text and "/users/1/edit" not in page.text and "Iniciar sesión" in page.text
    assert client.get("/users/new").location == "/login?next=/users/new?"
    assert log_in(client, "wrong password").status_code == 401
    assert log_in(client, PASSWORD, "/login?next=/users/new").location == "/users/new"
    assert "/users/1/edit" in client.get("/users").text
    assert client.get("/users/new").status_code == 200
    client.post("/logout", data=form(client, "/users"))
    assert client.get("/users/new").status_code == 303


def test_every_writing_page_is_guarded(guarded, mysql, database):
    mysql.query(f"INSERT INTO {database}.users (id, name, email) VALUES (1, 'Ana', 'ana@example.com')")
    client = https(guarded)
    token = form(client, "/login")
    for path in ("/users/new", "/users/1/edit", "/users/1/delete", "/users/restore"):
        answer = client.post(path, data={**token, "name": "x", "email": "x@example.com"})
        assert answer.status_code == 303 and answer.location.startswith("/login"), path
    assert mysql.query(f"SELECT name FROM {database}.users") == (("Ana",),)


def test_the_api_asks_for_basic_credentials(guarded):
    client = https(guarded)
    person = {"name": "Ana", "email": "ana@example.com"}
    refused = client.post(USERS, json=person)
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"].startswith("Basic")
    assert client.post(USERS, json=person, headers=basic("wrong password")).status_code == 401
    created = client.post(USERS, json=person, headers=basic(PASSWORD))
    assert created.status_code == 201
    assert client.delete(created.location).status_code == 401
    assert client.delete(created.location, headers=basic(PASSWORD)).status_code == 204
    log_in(client, PASSWORD)
    assert client.post(USERS, json=person).status_code == 401, "the API must not act on a cookie"


def test_guessing_is_limited_across_replicas_and_even_in_parallel(guarded, mysql, database):
    replicas = [guarded, make_app(mysql, database, WRITE_ACCESS="login", ADMIN_PASSWORD=PASSWORD)]
    outcomes: list[int] = []

    def guess(number: int) -> None:
        client = https(replicas[number % 2])
        outcomes.append(client.post(USERS, json={}, headers=basic(f"guess number {number}")).status_code)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    judged = outcomes.count(401)
    assert judged <= ATTEMPTS and outcomes.count(429) == 12 - judged, outcomes
    page = log_in(https(guarded), PASSWORD)
    assert page.status_code == 429 and page.headers["Retry-After"] == "900", "even the right password waits"
    other = https(guarded)
    other.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert log_in(other, PASSWORD).status_code == 303, "another address may"


def guess_from(application, address: str) -> int:
    """Send one wrong password from an address; return the answer's status."""
    client = https(application)
    client.environ_base["REMOTE_ADDR"] = address
    return client.post(USERS, json={}, headers=basic("wrong password")).status_code


def test_one_address_cannot_lock_the_others_out(guarded):
    answers = [guess_from(guarded, "192.0.2.1") for _ in range(TOTAL_ATTEMPTS + 1)]
    assert answers == [401] * ATTEMPTS + [429] * (TOTAL_ATTEMPTS + 1 - ATTEMPTS)
    assert log_in(https(guarded), PASSWORD).status_code == 303


def test_guesses_spread_over_many_addresses_are_limited_together(guarded, monkeypatch):
    monkeypatch.setattr(access, "TOTAL_ATTEMPTS", 8)  # each judged attempt costs 0.2 s of PBKDF2
    answers = [guess_from(guarded, f"192.0.2.{number % 4}") for number in range(9)]
    assert answers == [401] * 8 + [429]


def test_a_good_login_is_not_counted(guarded):
    for _ in range(ATTEMPTS + 2):
        assert log_in(https(guarded), PASSWORD).status_code == 303


def test_the_session_is_new_after_login_and_passwords_are_not_shown(guarded):
    client = https(guarded)
    page = log_in(client, "wrong password")
    assert "wrong password" not in page.text
    before = client.get_cookie("__Host-session").value
    log_in(client, PASSWORD)
    assert client.get_cookie("__Host-session").value != before


def test_there_is_no_login_where_everybody_may_write(client):
    assert client.get("/login").status_code == 404
