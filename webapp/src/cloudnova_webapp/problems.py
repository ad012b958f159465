"""Errors of the JSON API as RFC 9457 problem details."""

from typing import Any

from flask import Response, current_app, g, json

MEDIA_TYPE = "application/problem+json"


def problem(status: int, title: str, detail: str | None = None, **members: Any) -> Response:
    """A problem response. `members` are extension members, for instance `errors`; None leaves one out."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail,
            "request_id": g.get("request_id"), **members}
    text = json.dumps({key: value for key, value in body.items() if value is not None})
    return current_app.response_class(text, status, content_type=MEDIA_TYPE)
