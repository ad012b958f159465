"""The JSON API: its rules, its document, its errors, and many clients at once."""

import json
import threading

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from cloudnova_webapp.openapi import document
from cloudnova_webapp.users import rules
from tests.conftest import make_app

USERS = "/api/v1/users"
ANA = {"name": "Ana Ruiz", "email": "ana@example.com"}


def test_a_users_life(client):
    created = client.post(USERS, json=ANA)
    assert created.status_code == 201 and created.headers["ETag"] == '"1"'
    address = created.location
    user = client.get(address).json
    assert user == created.json and user["version"] == 1
    changed = client.put(address, json={**ANA, "name": "Ana Díaz"}, headers={"If-Match": '"1"'})
    assert changed.json["name"] == "Ana Díaz" and changed.headers["ETag"] == '"2"'
    assert changed.json["created_at"] == user["created_at"] < changed.json["updated_at"]
    assert client.put(address, json=ANA, headers={"If-Match": '"1"'}).status_code == 412
    assert client.delete(address, headers={"If-Match": '"1"'}).status_code == 412
    assert client.delete(address, headers={"If-Match": '"2"'}).status_code == 204
    for gone in (client.get(address), client.put(address, json=ANA), client.delete(address)):
        assert gone.status_code == 404 and gone.mimetype == "application/problem+json"


def test_lists_lead_from_page_to_page(client):
    for number in range(7):
        client.post(USERS, json={"name": f"N{number}", "email": f"n{number}@example.com"})
    first = client.get(USERS, query_string={"limit": 3, "sort": "-name"}).json
    second = client.get(USERS, query_string={"limit": 3, "sort": "-name", "cursor": first["next"]}).json
    assert [user["name"] for user in first["items"] + second["items"]] == ["N6", "N5", "N4", "N3", "N2", "N1"]
    back = client.get(USERS, query_string={"limit": 3, "sort": "-name", "cursor": second["previous"]}).json
    assert back["items"] == first["items"] and back["previous"] is None


@pytest.mark.parametrize(("body", "status", "errors"), [
    ({}, 422, {"name": "required", "email": "required"}),
    ({"name": 5, "email": ["x"]}, 422, {"name": "type", "email": "type"}),
    ({**ANA, "admin": True}, 422, {"admin": "unknown"}),
    ({"name": "\ud800", "email": "a@b.co"}, 422, {"name": "bad_character"}),
    ([], 400, None), ("text", 400, None), (None, 400, None),
])
def test_wrong_bodies_are_problems(client, body, status, errors):
    answer = client.post(USERS, data=json.dumps(body), content_type="application/json")
    assert answer.status_code == status and answer.mimetype == "application/problem+json"
    problem = answer.json
    assert problem["status"] == status and problem["title"] and problem["request_id"] == answer.headers["X-Request-Id"]
    if errors:
        assert {error["field"]: error["code"] for error in problem["errors"]} == errors


@pytest.mark.parametrize(("kwargs", "status"), [
    ({"data": "{", "content_type": "application/json"}, 400),
    ({"data": "[" * 8000, "content_type": "application/json"}, 400),
    ({"data": "name=a", "content_type": "application/x-www-form-urlencoded"}, 415),
    ({"data": "{}", "content_type": "text/plain"}, 415),
    ({"data": '{"name": "' + "x" * 20000 + '"}', "content_type": "application/json"}, 413),
])
def test_bodies_that_are_not_json_objects(client, kwargs, status):
    answer = client.post(USERS, **kwargs)
    assert answer.status_code == status and answer.mimetype == "application/problem+json"


def test_unknown_paths_and_methods_are_problems_too(client):
    assert client.get("/api/v1/nothing").mimetype == "application/problem+json"
    answer = client.patch(USERS)
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


def test_one_hundred_adds_of_one_address_make_one_user(mysql, database):
    """Uniqueness is the database's: twenty threads, each with five tries in other spellings and a connection of its own."""
    app = make_app(mysql, database, DATABASE_POOL_SIZE="20", WEB_THREADS="21")
    outcomes: list[int] = []

    def add(thread: int) -> None:
        mine = app.test_client()
        for attempt in range(5):
            email = ["same@example.com", "SAME@example.com", "Sámé@example.com"][(thread + attempt) % 3]
            outcomes.append(mine.post(USERS, json={"name": f"T{thread}", "email": email}).status_code)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [201] + [409] * 99
    assert mysql.query(f"SELECT COUNT(*) FROM {database}.users") == ((1,),)


def test_parallel_changes_of_one_version_let_one_win(client, mysql, database):
    app = make_app(mysql, database, DATABASE_POOL_SIZE="12", WEB_THREADS="13")
    address = client.post(USERS, json=ANA).location
    outcomes: list[int] = []
    threads = [
        threading.Thread(target=lambda n=number: outcomes.append(app.test_client().put(
            address, json={**ANA, "name": f"N{n}"}, headers={"If-Match": '"1"'}).status_code))
        for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [200] + [412] * 11


@settings(max_examples=200)
@given(name=st.text(max_size=110), number=st.integers(0, 10**12))
def test_what_is_stored_comes_back_whole_and_escaped(client, name, number):
    answer = client.post(USERS, json={"name": name, "email": f"h{number}@example.com"})
    try:
        expected = rules.clean_name(name)
    except rules.Invalid:
        assert answer.status_code == 422
        return
    assert answer.status_code == 201
    assert client.get(answer.location).json["name"] == expected
    page = client.get(answer.location.replace("/api/v1", "") + "/edit").text
    assert "<script" not in page.replace('<script src="/static', "")
    client.delete(answer.location)


def test_the_document_is_valid_openapi():
    validate(json.loads(document()))


def test_the_document_names_every_route_of_the_api_and_no_other(app):
    documented = {(path, method.upper()) for path, item in json.loads(document())["paths"].items()
                  for method in item if method in ("get", "post", "put", "delete", "patch")}
    served = {(rule.rule.replace("<int:", "{").replace(">", "}"), method) for rule in app.url_map.iter_rules()
              if rule.rule.startswith("/api/") for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert documented == served


_schema = schemathesis.openapi.from_dict(json.loads(document()))


@pytest.fixture(scope="module")
def api_app(mysql, migrated):
    from tests.conftest import make_app

    return make_app(mysql, migrated)


@_schema.parametrize()
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_the_code_keeps_what_the_document_says(case, api_app):
    """schemathesis sends what the document allows, and what it does not, and compares each answer with it."""
    # Our rules (no control characters, a real domain, cursors of ours) are finer than a JSON schema can say.
    case.call_and_validate(app=api_app, excluded_checks=[schemathesis.checks.CHECKS.get_one("positive_data_acceptance")])
