"""Login mode: who may write, and how often one may guess."""

import base64
import ipaddress
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudnova_webapp import login_limit
from cloudnova_webapp.login_limit import (
    ALARM,
    ALARM_ATTEMPTS,
    ATTEMPTS,
    SITE_FACTOR,
    LoginLimit,
    TooManyAttempts,
    networks,
)
from tests.conftest import https, make_app
from tests.test_pages import form

PASSWORD = "correct horse battery"
WRONG = "wrong password"
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


OLD, NEW = "o" * 32, "n" * 32


def after(client, app):
    """The client with its cookies at another application: a pod with other Secrets."""
    other = https(app)
    other._cookies = client._cookies
    return other


def test_sessions_and_forms_survive_a_change_of_the_key(mysql, database, tmp_path):
    def app(key: str, other: str = ""):
        file = tmp_path / f"other-{key[0]}{other[:1]}"
        if other:
            file.write_text(other)
        return make_app(mysql, database, WRITE_ACCESS="login", ADMIN_PASSWORD=PASSWORD, SECRET_KEY=key,
                        OTHER_SECRET_KEY_FILE=str(file))

    def works(client) -> bool:
        return client.get("/users/new").status_code == 200

    before, accepting, changed = app(OLD), app(OLD, NEW), app(NEW, f"{OLD} {int(time.time()) + 3600}")
    client = https(before)
    log_in(client, PASSWORD)
    sent = {**form(client, "/users/new"), "name": "Ana", "email": "ana@example.com"}
    # Each form is answered by a pod of the next step, and what that signed by one of the step before: both run at once.
    for number, (one, other) in enumerate([(accepting, before), (changed, accepting), (accepting, changed)]):
        ana = after(client, one).post("/users/new", data={**sent, "email": f"ana{number}@example.com"})
        assert ana.status_code == 303
        client = after(client, one)
        client.get("/users/new")
        assert works(after(client, other))
        sent = {**form(after(client, one), "/users/new"), "name": "Ana"}
        eva = after(client, other).post("/users/new", data={**sent, "email": f"eva{number}@example.com"})
        assert eva.status_code == 303
    # Past its time the key before is refused, without a restart.
    held = https(before)
    log_in(held, PASSWORD)
    assert works(after(held, changed))
    assert not works(after(held, app(NEW, f"{OLD} {int(time.time()) - 1}")))
    assert not works(after(held, app(NEW)))


def test_another_password_ends_the_logins_with_the_one_before(guarded, mysql, database):
    client = https(guarded)
    log_in(client, PASSWORD)
    assert client.get("/users/new").status_code == 200
    changed = after(client, make_app(mysql, database, WRITE_ACCESS="login", ADMIN_PASSWORD="another password"))
    assert changed.get("/users/new").location == "/login?next=/users/new?"
    assert log_in(changed, "another password").status_code == 303
    assert changed.get("/users/new").status_code == 200


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


def guess_from(application, address: str, password: str = WRONG) -> int:
    """Send a password to the API from an address; return the answer's status. 422 is what the right one gets here."""
    client = https(application)
    client.environ_base["REMOTE_ADDR"] = address
    return client.post(USERS, json={}, headers=basic(password)).status_code


def counted(mysql, database) -> dict[str, int]:
    """What the table of limits holds."""
    return dict(mysql.query(f"SELECT source, attempts FROM {database}.login_limits"))


def test_parallel_guesses_across_replicas_get_the_attempts_and_no_more(guarded, mysql, database):
    replicas = [guarded, make_app(mysql, database, WRITE_ACCESS="login", ADMIN_PASSWORD=PASSWORD)]
    outcomes: list[int] = []
    threads = [threading.Thread(target=lambda number=number: outcomes.append(guess_from(replicas[number % 2], "192.0.2.1")))
               for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [401] * ATTEMPTS + [429] * (12 - ATTEMPTS)
    assert counted(mysql, database) == {"192.0.2.1": ATTEMPTS, "*": ATTEMPTS}


def test_a_refused_attempt_says_when_to_come_again_and_changes_nothing(guarded, mysql, database):
    for _ in range(ATTEMPTS):
        guess_from(guarded, "127.0.0.1")
    before = counted(mysql, database)
    page = log_in(https(guarded), PASSWORD)
    assert page.status_code == 429 and page.headers["Retry-After"] == "900", "even the right password waits"
    assert {guess_from(guarded, "127.0.0.1") for _ in range(50)} == {429}
    assert counted(mysql, database) == before
    mysql.query(f"UPDATE {database}.login_limits SET until = NOW(6)")
    assert log_in(https(guarded), PASSWORD).status_code == 303, "the window is over"


def test_many_addresses_of_one_ipv6_network_are_one_client(guarded, mysql, database):
    answers = [guess_from(guarded, f"2001:db8:1:2::{number:x}") for number in range(1, 21)]
    assert answers == [401] * ATTEMPTS + [429] * (20 - ATTEMPTS)
    assert counted(mysql, database).keys() == {"2001:db8:1:2::/64", "2001:db8:1::/48", "*"}
    assert guess_from(guarded, "2001:db8:ffff::1", PASSWORD) == 422, "another network may"


@pytest.mark.parametrize(("address", "sources"), [
    ("198.51.100.7", ["198.51.100.7"]), ("::ffff:198.51.100.7", ["198.51.100.7"]),
    ("2001:DB8:1:2:ffff::9", ["2001:db8:1:2::/64", "2001:db8:1::/48"]),
    ("fe80::1%eth0", ["fe80::/64", "fe80::/48"]), ("", [""]), ("no address", ["no address"]), ("x" * 99, ["x" * 45]),
])
def test_what_an_address_is_counted_as(address, sources):
    assert networks(address) == sources


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_addresses_of_one_64_are_one_source(address, host):
    other = ipaddress.IPv6Address(int(address) >> 64 << 64 | host)
    if not (address.ipv4_mapped or other.ipv4_mapped):
        assert networks(str(address)) == networks(str(other))


@pytest.fixture
def limit(guarded):
    """The limit alone: no password is hashed."""
    return LoginLimit(guarded.extensions["database"])


def fail(limit: LoginLimit, client: str, device: str | None = None) -> bool:
    """One wrong password; whether it was judged."""
    try:
        limit.take(client, device)
    except TooManyAttempts:
        return False
    limit.failed(device)
    return True


def test_a_site_with_thousands_of_networks_has_four_times_the_attempts_of_one(limit):
    judged = [fail(limit, f"2001:db8:1:{number:x}::1") for number in range(100)]
    assert judged == [True] * (ATTEMPTS * SITE_FACTOR) + [False] * (100 - ATTEMPTS * SITE_FACTOR)


def test_many_addresses_cannot_lock_the_administrator_out(guarded, limit):
    """Twenty addresses did: they used up an allowance that all clients shared."""
    judged = [fail(limit, f"198.51.100.{number}") for number in range(40) for _ in range(ATTEMPTS)]
    before_alarm = ALARM // ATTEMPTS
    assert sum(judged) == ALARM + (40 - before_alarm) * ALARM_ATTEMPTS, "under attack each further network has one attempt"
    administrator = https(guarded)
    administrator.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert log_in(administrator, PASSWORD).status_code == 303
    assert guess_from(guarded, "203.0.113.10", PASSWORD) == 422, "so may an API client"


def test_a_known_browser_logs_in_although_its_network_is_locked(guarded, limit):
    """Behind one address with attackers: an office, or k3s with --node-external-ip."""
    known = https(guarded)
    assert log_in(known, PASSWORD).status_code == 303
    known.post("/logout", data=form(known, "/users"))
    while fail(limit, "127.0.0.1"):
        pass
    for number in range(ALARM):
        fail(limit, f"198.51.100.{number}")
    assert log_in(https(guarded), PASSWORD).status_code == 429
    assert log_in(known, PASSWORD).status_code == 303


def test_a_known_browser_has_attempts_of_its_own_and_no_more(guarded):
    known = https(guarded)
    log_in(known, PASSWORD)
    assert [log_in(known, "wrong password").status_code for _ in range(7)] == [401] * ATTEMPTS + [429] * 2
    assert log_in(https(guarded), PASSWORD).status_code == 303, "and takes none from its network"


def test_a_device_cookie_is_bound_and_cannot_be_made_up(guarded, limit):
    cookie = log_in(https(guarded), PASSWORD).headers.getlist("Set-Cookie")
    cookie = next(one for one in cookie if one.startswith("__Host-device="))
    for flag in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=15552000"):
        assert flag in cookie
    while fail(limit, "127.0.0.1"):
        pass
    for value in ("", "x", "0123456789abcdef", cookie.split("=", 1)[1].split(";")[0][:-1] + "_"):
        client = https(guarded)
        client.set_cookie("__Host-device", value, secure=True)
        assert log_in(client, PASSWORD).status_code == 429, value


def test_what_is_remembered_of_api_clients_tells_others_nothing(guarded):
    """A right guess passed in spite of the limit once the API had been used, so that guesses had no limit."""
    assert guess_from(guarded, "203.0.113.1", PASSWORD) == 422
    for _ in range(ATTEMPTS):
        assert guess_from(guarded, "192.0.2.1") == 401
    assert guess_from(guarded, "192.0.2.1", PASSWORD) == 429
    assert guess_from(guarded, "203.0.113.1", PASSWORD) == 422
    for _ in range(ATTEMPTS):
        assert guess_from(guarded, "203.0.113.1") == 401
    assert guess_from(guarded, "203.0.113.1", PASSWORD) == 429, "from its own network too"


def test_the_table_is_bounded_and_forgets_what_is_over(limit, mysql, database, monkeypatch):
    monkeypatch.setattr(login_limit, "ROWS", 50)
    for number in range(ALARM):
        fail(limit, f"198.51.100.{number}")
    rows = counted(mysql, database)
    assert len(rows) == 50 and rows["*"] == ALARM and rows["198.51.100.99"] == 1
    mysql.query(f"UPDATE {database}.login_limits SET until = NOW(6)")
    fail(limit, "203.0.113.1")
    assert counted(mysql, database) == {"203.0.113.1": 1, "*": 1}


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
