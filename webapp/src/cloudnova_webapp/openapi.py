"""Serves the API's description, openapi.json, with this version's number in it."""

import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response

from cloudnova_webapp import VERSION

api = Blueprint("openapi", __name__)


@cache
def document() -> str:
    """The OpenAPI document as JSON text."""
    content = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))
    content["info"]["version"] = VERSION
    return json.dumps(content, ensure_ascii=False)


@api.get("/api/v1/openapi.json")
def show() -> Response:
    """The document."""
    return Response(document(), content_type="application/json")
