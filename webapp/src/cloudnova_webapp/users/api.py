"""The JSON API of users, version 1. Its document is openapi.json; a test compares the two.

It never acts on a cookie: writing asks for Content-Type application/json, which a foreign page cannot send without
this server's consent, and in login mode for Authorization: Basic. So it needs no CSRF token.
"""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from werkzeug.exceptions import BadRequest

from cloudnova_webapp.access import gate
from cloudnova_webapp.database import DuplicateKey
from cloudnova_webapp.observe.metrics import user_operations
from cloudnova_webapp.problems import problem
from cloudnova_webapp.users import rules
from cloudnova_webapp.users.requests import BadQuery, parse
from cloudnova_webapp.users.store import Conflict, NotFound, User, UserStore

api = Blueprint("api", __name__, url_prefix="/api/v1/users")
_OPERATIONS = {"POST": "create", "PUT": "update", "DELETE": "delete"}


@api.before_request
def _guard() -> Response | None:
    if request.method not in _OPERATIONS:
        return None
    if not gate().is_open and not gate().accepts_basic(request.remote_addr or ""):
        response = problem(401, "Unauthorized", "Send the account's name and password as Authorization: Basic.")
        response.headers["WWW-Authenticate"] = 'Basic realm="CloudNova", charset="UTF-8"'
        return response
    if request.method != "DELETE" and request.mimetype != "application/json":
        return problem(415, "Unsupported Media Type", "Send the user as application/json.")
    return None


@api.get("")
def listing() -> Any:
    """One page of users."""
    try:
        query = parse(request.args, size_name="limit")
    except BadQuery as error:
        return problem(400, "Bad Request", str(error))
    page = _users().page(query)
    return jsonify(items=[_body(user) for user in page.items],
                   next=page.next.encode() if page.next else None,
                   previous=page.previous.encode() if page.previous else None)


@api.post("")
def create() -> Any:
    """Add a user."""
    person = _person()
    if isinstance(person, Response):
        return person
    try:
        user = _users().add(person)
    except DuplicateKey:
        return _failed("duplicate")
    return _shown(user, 201, {"Location": url_for("api.show", user_id=user.id)}, count=True)


@api.get("/<int:user_id>")
def show(user_id: int) -> Any:
    """One user."""
    return _shown(_users().get(user_id), 200)


@api.put("/<int:user_id>")
def update(user_id: int) -> Any:
    """Change a user; with If-Match only in that version."""
    version = _if_match()
    if isinstance(version, Response):
        return version
    person = _person()
    if isinstance(person, Response):
        return person
    try:
        user = _users().update(user_id, person, version)
    except (DuplicateKey, Conflict, NotFound) as error:
        return _failed(_OUTCOMES[type(error)])
    return _shown(user, 200, count=True)


@api.delete("/<int:user_id>")
def delete(user_id: int) -> Any:
    """Delete a user; with If-Match only in that version."""
    version = _if_match()
    if isinstance(version, Response):
        return version
    try:
        _users().delete(user_id, version)
    except (Conflict, NotFound) as error:
        return _failed(_OUTCOMES[type(error)])
    _count("ok")
    return "", 204


_OUTCOMES = {DuplicateKey: "duplicate", Conflict: "conflict", NotFound: "not_found"}
_FAILURES = {
    "duplicate": (409, "Conflict", "Another user has this e-mail address already."),
    "conflict": (412, "Precondition Failed", "The user has another version now: read it again."),
    "not_found": (404, "Not Found", "There is no such user."),
}


def _failed(outcome: str) -> Response:
    _count(outcome)
    return problem(*_FAILURES[outcome])


def _person() -> rules.Person | Response:
    try:
        data = request.get_json()
    except (BadRequest, RecursionError):  # thousands of brackets fit into the body's limit
        data = None
    if not isinstance(data, dict):
        _count("invalid")
        return problem(400, "Bad Request", "The body is not a JSON object.")
    person, codes = rules.check(data)
    unknown = sorted(set(data) - {"name", "email"})
    if person and not unknown:
        return person
    _count("invalid")
    errors = [{"field": field, "code": code, "message": str(rules.MESSAGES[code])} for field, code in codes.items()]
    errors += [{"field": field[:100], "code": "unknown", "message": "There is no such field."} for field in unknown]
    return problem(422, "Unprocessable Entity", "Some fields break their rules.", errors=errors)


def _if_match() -> int | None | Response:
    tag = request.headers.get("If-Match", "*").strip()
    if tag == "*":
        return None
    inner = tag.strip('"')
    if tag == f'"{inner}"' and inner.isascii() and inner.isdigit() and len(inner) <= 10:
        return int(inner)
    return problem(400, "Bad Request", f"If-Match is {tag[:20]!r}: give one ETag of this user, with its quotes.")


def _shown(user: User, status: int, headers: dict[str, str] | None = None, count: bool = False) -> Any:
    if count:
        _count("ok")
    return jsonify(_body(user)), status, {"ETag": f'"{user.version}"', **(headers or {})}


def _body(user: User) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "email": user.email, "version": user.version,
            "created_at": f"{user.created_at.isoformat()}Z", "updated_at": f"{user.updated_at.isoformat()}Z"}


def _count(outcome: str) -> None:
    user_operations.labels(_OPERATIONS[request.method], outcome, "api").inc()


def _users() -> UserStore:
    return current_app.extensions["users"]
