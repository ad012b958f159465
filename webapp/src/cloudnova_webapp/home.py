"""The start page: which instance answered, its version, and whether its database does."""

import time

from flask import Blueprint, current_app

from cloudnova_webapp.database import DatabaseUnavailable
from cloudnova_webapp.errors import RETRY_SECONDS
from cloudnova_webapp.rendering import render

pages = Blueprint("home", __name__)


@pages.get("/")
def index() -> tuple[str, int, dict[str, str]]:
    """200, or 503 with the same page while the database does not answer."""
    started = time.perf_counter()
    try:
        users, problem = current_app.extensions["users"].count(), None
    except DatabaseUnavailable as error:
        users, problem = None, error.kind
    milliseconds = round((time.perf_counter() - started) * 1000)
    page = render("home.html", users=users, problem=problem, milliseconds=milliseconds)
    return (page, 503, {"Retry-After": RETRY_SECONDS}) if problem else (page, 200, {})
