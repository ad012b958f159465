"""Who may write: everybody (WRITE_ACCESS=open), or the account `admin` after a login with limited attempts."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import PasswordField, StringField

from cloudnova_webapp.database import Database
from cloudnova_webapp.observe import metrics
from cloudnova_webapp.rendering import render
from cloudnova_webapp.security import local_path

USER = "admin"
ATTEMPTS = 5
WINDOW = timedelta(minutes=15)
"""A client has ATTEMPTS attempts per WINDOW: 480 guesses a day, hopeless against 12 characters."""
TOTAL_ATTEMPTS = 100
"""All clients together per WINDOW, against guesses spread over many addresses. Of one client at most ATTEMPTS count, so
that none can use up what is left to the others."""
_HASH = "pbkdf2:sha256:600000"  # OWASP's figure; scrypt would take 32 MiB for each attempt
_COUNT = """SELECT COALESCE(SUM(IF(client = %s, attempts, 0)), 0), COALESCE(SUM(LEAST(attempts, %s)), 0)
            FROM (SELECT client, COUNT(*) AS attempts FROM login_attempts GROUP BY client) AS clients"""
pages = Blueprint("access", __name__)


class TooManyAttempts(Exception):
    """The client has to wait; `seconds` is how long at most."""

    seconds = int(WINDOW.total_seconds())


class Gate:
    """Decides about writing. The password is kept only as a salted hash (PBKDF2, 600,000 rounds)."""

    def __init__(self, database: Database, password: str | None):
        self._database = database
        self._hash = generate_password_hash(password, method=_HASH) if password else None
        self._key = secrets.token_bytes(32)
        self._last_good = b""

    @property
    def is_open(self) -> bool:
        """Whether everybody may write."""
        return self._hash is None

    def log_in(self, user: str, password: str, client: str) -> bool:
        """Whether name and password are right. Raises TooManyAttempts and DatabaseUnavailable.

        The attempt is written down before it is judged, so that parallel attempts cannot slip past the limit.
        """
        assert self._hash is not None  # noqa: S101 - callers ask is_open first
        attempt = self._note_attempt(client)
        if not check_password_hash(self._hash, password) or not hmac.compare_digest(user.encode(), USER.encode()):
            metrics.logins.labels("wrong").inc()
            return False
        self._database.change("login", "DELETE FROM login_attempts WHERE id = %s", (attempt,))
        metrics.logins.labels("ok").inc()
        return True

    def accepts_basic(self, client: str) -> bool:
        """Whether the request carries the right Authorization: Basic. Raises like log_in."""
        given = request.authorization
        if not given or given.type != "basic" or given.username is None or given.password is None:
            return False
        digest = hmac.new(self._key, f"{given.username}\0{given.password}".encode(), hashlib.sha256).digest()
        if hmac.compare_digest(digest, self._last_good):  # spares API clients the 0.2 s of PBKDF2
            return True
        if self.log_in(given.username, given.password, client):
            self._last_good = digest
            return True
        return False

    def _note_attempt(self, client: str) -> int:
        now = datetime.now(UTC).replace(tzinfo=None)
        self._database.change("login", "DELETE FROM login_attempts WHERE at < %s", (now - WINDOW,))
        _, attempt = self._database.change(
            "login", "INSERT INTO login_attempts (client, at) VALUES (%s, %s)", (client[:45], now))
        mine, total = self._database.rows("login", _COUNT, (client[:45], ATTEMPTS))[0]
        if mine > ATTEMPTS or total > TOTAL_ATTEMPTS:
            metrics.logins.labels("limited").inc()
            raise TooManyAttempts
        return attempt


def gate() -> Gate:
    """The application's gate."""
    return current_app.extensions["gate"]


def may_write() -> bool:
    """Whether this page's visitor may write; what templates ask before they show buttons."""
    return gate().is_open or session.get("user") == USER


def writers_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Page decorator: send visitors who may not write to the login, and back afterwards."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if may_write():
            return view(*args, **kwargs)
        flash(_("Log in to change users."), "info")
        target = request.full_path if request.method == "GET" else url_for("users.listing")
        return redirect(url_for("access.login", next=target), 303)

    return guarded


class LoginForm(FlaskForm):
    """Name and password."""

    user = StringField()
    password = PasswordField()


@pages.route("/login", methods=["GET", "POST"])
def login() -> Any:
    """The login page; 404 where everybody may write."""
    if gate().is_open:
        return render("error.html", title=_("Page not found"), text=_("Everybody may write here."),
                               status=404), 404
    form, error, status = LoginForm(), None, 200
    if form.validate_on_submit():
        try:
            if gate().log_in(form.user.data or "", form.password.data or "", request.remote_addr or ""):
                session.clear()  # a session from before the login is worth nothing afterwards
                session["user"] = USER
                session.permanent = True
                return redirect(local_path(request.args.get("next", "")), 303)
            error, status = _("Name or password is wrong."), 401
        except TooManyAttempts:
            error, status = _("Too many attempts. Try again in 15 minutes."), 429
    response = current_app.make_response((render("login.html", form=form, error=error), status))
    if status == 429:
        response.headers["Retry-After"] = str(TooManyAttempts.seconds)
    return response


@pages.post("/logout")
def logout() -> Any:
    """End the login."""
    session.clear()
    return redirect(url_for("home.index"), 303)
