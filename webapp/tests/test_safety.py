"""What an attacker tries: forms without token, foreign scripts, forged headers, oversize bodies, injections."""

import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from cloudnova_webapp.security import BODY_LIMIT, CONTENT_SECURITY_POLICY, local_path
from cloudnova_webapp.users import rules
from tests.conftest import https, make_app
from tests.test_pages import add, form

NASTY = ["<script>alert(1)</script>", "\" onmouseover=\"x", "'; DROP TABLE users; -- ", "{{ 7*7 }}", "%(name)s %d %", "&lt;b&gt;",
         "<img src=x onerror=alert(1)>", "🧑🏽‍🚀 𝒜𝓃𝒶", "אנה بنت", "a\\' OR 1=1 #", "=HYPERLINK(\"http://evil\")", "</title><b>"]


@pytest.mark.parametrize("path", ["/users/new", "/users/1/edit", "/users/1/delete", "/users/restore", "/login", "/logout"])
def test_every_form_needs_its_token(client, mysql, database, path):
    mysql.query(f"INSERT INTO {database}.users (id, name, email) VALUES (1, 'Ana', 'ana@example.com')")
    page = client.post(path, data={"name": "x", "email": "x@example.com", "csrf_token": "forged"})
    assert page.status_code == 400 and "venció" in page.text
    assert mysql.query(f"SELECT name FROM {database}.users") == (("Ana",),)


def test_every_route_that_changes_something_is_covered_by_the_test_above(app):
    changing = {rule.rule.replace("<int:user_id>", "1") for rule in app.url_map.iter_rules()
                if "POST" in rule.methods and not rule.rule.startswith("/api/")}
    assert changing == {"/users/new", "/users/1/edit", "/users/1/delete", "/users/restore", "/login", "/logout"}


@pytest.mark.parametrize("path", ["/", "/users", "/users/new", "/nothing", "/healthz", "/api/v1/users", "/static/app.css"])
def test_headers_stand_on_every_response(client, path):
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["X-Frame-Options"] == "DENY" and headers["Referrer-Policy"] == "same-origin"
    assert not {"Strict-Transport-Security", "X-Content-Type-Options"} & set(headers.keys()), "they are the proxy's"
    assert headers["Cache-Control"] == ("no-store" if not path.startswith("/static") else headers["Cache-Control"])
    assert re.fullmatch(r"[0-9a-f]{16}", headers["X-Request-Id"])


def test_no_inline_script_or_style_in_any_page(client):
    add(client, "Ana", "ana@example.com")
    for path in ("/", "/users", "/users/new", "/nothing"):
        text = client.get(path).text
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:", text), path
        assert not re.search(r'(?:src|href)="https?://', text), "everything is served by ourselves"


def test_cookies_are_bound_and_hidden_from_scripts(client):
    cookie = client.get("/users/new").headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie
    cookie = client.get("/language/en").headers["Set-Cookie"]
    for flag in ("Secure", "HttpOnly", "SameSite=Lax"):
        assert flag in cookie


@pytest.mark.parametrize("name", NASTY)
def test_nasty_text_is_stored_whole_and_shown_harmlessly(client, mysql, database, name):
    assert add(client, name, "nasty@example.com").status_code == 303
    assert mysql.query(f"SELECT name FROM {database}.users") == ((rules.clean_name(name),),)
    user_id = mysql.query(f"SELECT id FROM {database}.users")[0][0]
    for path in ("/users", f"/users/{user_id}/edit", f"/users/{user_id}/delete"):
        text = client.get(path).text
        assert "<script>" not in text and "<img" not in text.replace('<img src="/static', "") and "onmouseover=\"x" not in text
        assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", text)
        assert f"<bdi>{escape(rules.clean_name(name))}</bdi>" in text or path.endswith("/edit")


@settings(max_examples=150)
@given(name=st.text(max_size=120), email=st.emails() | st.text(max_size=260))
def test_any_form_input_is_stored_or_shown_again(client, mysql, database, name, email):
    mysql.query(f"DELETE FROM {database}.users")  # an address of an earlier example would be refused
    name, email = (text.encode("utf-8", "replace").decode() for text in (name, email))
    page = add(client, name, email)
    person, _ = rules.check({"name": name, "email": email})
    assert page.status_code == (303 if person else 422)
    assert "<script>" not in page.text
    if person:
        found = client.get("/api/v1/users", query_string={"q": person.email, "limit": 100}).json["items"]
        assert any((user["name"], user["email"]) == (person.name, person.email) for user in found)


@pytest.mark.parametrize(("path", "data"), [
    ("/users/new", {"name": "x" * BODY_LIMIT, "email": "a@example.com"}),
    ("/users/new", {f"f{number}": "x" * 1000 for number in range(20)}),
])
def test_large_forms_are_refused(client, path, data):
    page = client.post(path, data={**form(client, path), **data})
    assert page.status_code == 413 and "Demasiado grande" in page.text


@given(st.text(max_size=60))
def test_local_path_is_always_local(text):
    path = local_path(text)
    assert path.startswith("/") and not path.startswith("//") and "\\" not in path


@pytest.mark.parametrize(("hops", "forwarded", "client_address", "scheme"), [
    ("0", "203.0.113.9", "127.0.0.1", "http"), ("1", "6.6.6.6, 203.0.113.9", "203.0.113.9", "https"),
    ("2", "203.0.113.9, 10.0.0.1", "203.0.113.9", "http"),
])
def test_forwarded_headers_count_only_for_the_configured_hops(mysql, database, capsys, hops, forwarded, client_address, scheme):
    app = make_app(mysql, database, TRUSTED_PROXY_HOPS=hops)
    seen = []
    app.before_request(lambda: seen.append(__import__("flask").request) and None)
    with app.test_client() as client:
        client.get("/healthz", headers={"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https",
                                                 "X-Forwarded-Host": "evil.example"})
        from flask import request

        assert (request.remote_addr, request.scheme, request.host) == (client_address, scheme, "localhost")


def test_csv_holds_everybody_and_no_formula(client):
    names = ["Ana", "=1+1", "+x", "-x", "@x", "a,b", 'quote " in', "🧑🏽‍🚀", "李小龍"]
    for number, name in enumerate(names):
        client.post("/api/v1/users", json={"name": name, "email": f"c{number}@example.com"})
    answer = client.get("/users/export.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="users.csv"'
    assert answer.data.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["id", "name", "email", "created_at"]
    assert sorted(row[1] for row in rows[1:]) == sorted(
        f"'{name}" if name[0] in "=+-@" else name for name in names)
    found = client.get("/users/export.csv?q=quote").data.decode("utf-8-sig")
    assert len(found.splitlines()) == 2
    assert client.get("/users/export.csv?sort=id").status_code == 400


def test_csv_of_many_batches_is_complete(client, mysql, database):
    rows = ", ".join(f"('N{number:04}', 'n{number}@example.com')" for number in range(2500))
    mysql.query(f"INSERT INTO {database}.users (name, email) VALUES {rows}")
    lines = client.get("/users/export.csv?sort=-name").data.decode("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[1] for line in lines] == [f"N{number:04}" for number in reversed(range(2500))]


def test_debug_mode_is_not_reachable(mysql, database):
    app = make_app(mysql, database, FLASK_DEBUG="1")
    assert not app.debug
    app.add_url_rule("/boom", view_func=lambda: 1 / 0)
    page = https(app).get("/boom")
    assert page.status_code == 500
    assert "Traceback" not in page.text and "division" not in page.text and page.headers["X-Request-Id"] in page.text
