"""What users and programs see when something fails: a page in their language, or problem details for the API."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, request
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from cloudnova_webapp.database import DatabaseUnavailable
from cloudnova_webapp.login_limit import TooManyAttempts
from cloudnova_webapp.problems import problem
from cloudnova_webapp.rendering import render
from cloudnova_webapp.users.store import NotFound

_log = logging.getLogger("webapp.errors")
RETRY_SECONDS = "2"
"""Retry-After of pages that the database kept from being made. A restart takes longer, but a try costs little."""
READ_ONLY_SECONDS = "30"
"""The same while the database refuses writes, which lasts until somebody has made room on its disk."""
_PAGES = {
    400: (_("Bad request"), _("The address or the form is not what this page expects.")),
    403: (_("Not allowed"), _("You may not do this.")),
    404: (_("Page not found"), _("There is nothing at this address. It may have been deleted.")),
    405: (_("Not possible here"), _("This page does not accept that kind of request.")),
    413: (_("Too large"), _("The form is larger than this page accepts.")),
    503: (_("Back in a moment"), _("The database does not answer right now. Nothing was lost or changed: "
                                   "please try again shortly.")),
}
_READ_ONLY = (_("Read-only for now"), _("Changes are not possible right now: the database accepts reads only. "
                                        "Nothing was lost or changed: please try again later."))
_INTERNAL = (_("Something went wrong"), _("The error has been recorded. Please try again; if it stays, tell the "
                                         "operators the request number below."))
_EXPIRED = (_("This form has expired"), _("Go back, reload the page and send the form again."))


def configure(app: Flask) -> None:
    """Register a handler for every kind of failure."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, lambda error: _answer(400, _EXPIRED, error.description))
    app.register_error_handler(NotFound, lambda error: _answer(404, _PAGES[404], "There is no such user."))
    app.register_error_handler(TooManyAttempts, _limited)
    app.register_error_handler(DatabaseUnavailable, _unavailable)
    app.register_error_handler(Exception, _crash)


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    texts = _PAGES.get(error.code, _INTERNAL if error.code >= 500 else _PAGES[400])
    response = _answer(error.code, texts, error.description)
    for name, value in error.get_headers():  # such as Allow and Retry-After
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _unavailable(error: DatabaseUnavailable) -> Any:
    _log.warning("database unavailable", extra={"kind": error.kind, "detail": str(error)})
    if error.kind == "readonly":
        response = _answer(503, _READ_ONLY, "The database accepts reads only.")
        response.headers["Retry-After"] = READ_ONLY_SECONDS
        return response
    response = _answer(503, _PAGES[503], "The database does not answer.")
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _limited(error: TooManyAttempts) -> Any:
    response = _answer(429, _PAGES[403], "Too many attempts.")
    response.headers["Retry-After"] = str(error.seconds)
    return response


def _crash(error: Exception) -> Any:
    _log.exception("request failed")
    return _answer(500, _INTERNAL, None)


def _answer(status: int, texts: tuple[Any, Any], detail: str | None) -> Any:
    if request.path.startswith("/api/"):
        return problem(status, HTTPStatus(status).phrase, detail)
    from flask import make_response

    return make_response(render("error.html", title=texts[0], text=texts[1], status=status), status)
