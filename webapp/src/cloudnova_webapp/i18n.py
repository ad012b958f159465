"""Language of a request: the switch's cookie, else Accept-Language, else the configured default."""

from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, g, make_response, redirect, request
from flask_babel import Babel

from cloudnova_webapp.security import local_path
from cloudnova_webapp.settings import LANGUAGES

COOKIE = "language"
NAMES = {"es": "Español", "en": "English"}
_YEAR = 365 * 24 * 3600
pages = Blueprint("language", __name__)


def configure(app: Flask, default: str) -> None:
    """Choose the language of each request; `default` is for clients that ask for none of ours."""
    app.config["BABEL_DEFAULT_LOCALE"] = default
    # English is the language of the code and has no catalogue.
    Babel(app, locale_selector=lambda: g.language)
    app.before_request(_choose)
    app.register_blueprint(pages)


def _choose() -> None:
    wanted = request.cookies.get(COOKIE)
    if wanted not in LANGUAGES:
        wanted = request.accept_languages.best_match(LANGUAGES) if "Accept-Language" in request.headers else None
    g.language = wanted or current_app.config["BABEL_DEFAULT_LOCALE"]


@pages.get("/language/<any(es, en):language>")
def switch(language: str) -> Response:
    """Remember the language for a year and go back to where the switch was used, as the Referer tells."""
    page = urlsplit(request.referrer or "")
    response = make_response(redirect(local_path(f"{page.path}?{page.query}" if page.query else page.path), 303))
    response.set_cookie(COOKIE, language, max_age=_YEAR, secure=current_app.config["SESSION_COOKIE_SECURE"],
                        httponly=True, samesite="Lax")
    return response
