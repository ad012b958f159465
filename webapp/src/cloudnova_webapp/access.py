"""Who may write: everybody (WRITE_ACCESS=open), or the account `admin` after a login with limited attempts."""

import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug import Response
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import PasswordField, StringField

from cloudnova_webapp.database import Database
from cloudnova_webapp.login_limit import LoginLimit, TooManyAttempts, networks
from cloudnova_webapp.observe import metrics
from cloudnova_webapp.rendering import render
from cloudnova_webapp.security import Signer, local_path

USER = "admin"
DEVICE_SECONDS = 180 * 24 * 3600
"""How long a browser is known after a login, half a year."""
GOOD_KEPT = 16
"""API clients whose credentials a worker remembers, as keyed digests."""
_HASH = "pbkdf2:sha256:600000"  # OWASP's figure; scrypt would take 32 MiB for each attempt
pages = Blueprint("access", __name__)


class Gate:
    """Decides about writing. The password is kept as a salted hash (PBKDF2, 600,000 rounds) and as keyed digests."""

    def __init__(self, database: Database, password: str | None, keys: Iterable[str]):
        self._limit = LoginLimit(database)
        self._hash = generate_password_hash(password, method=_HASH) if password else None
        self._marks = [hmac.new(key.encode(), (password or "").encode(), hashlib.sha256).hexdigest() for key in keys]
        self._key = secrets.token_bytes(32)
        self._good: deque[bytes] = deque(maxlen=GOOD_KEPT)

    @property
    def is_open(self) -> bool:
        """Whether everybody may write."""
        return self._hash is None

    @property
    def mark(self) -> str:
        """What a session holds after a login. It tells nobody the password who has not the key that signs sessions."""
        return self._marks[-1]

    def knows(self, mark: object) -> bool:
        """Whether a session's login was with the password of today: another one ends the logins with the one before."""
        return isinstance(mark, str) and any(hmac.compare_digest(mark, one) for one in self._marks)

    def log_in(self, user: str, password: str, client: str, device: str | None = None) -> bool:
        """Whether name and password are right; `device` is the id of a browser that has logged in before.

        The attempt is counted before it is judged, so that parallel attempts cannot slip past the limit. Raises
        TooManyAttempts and DatabaseUnavailable.
        """
        assert self._hash is not None  # noqa: S101 - callers ask is_open first
        try:
            taken = self._limit.take(client, device)
        except TooManyAttempts:
            metrics.logins.labels("limited").inc()
            raise
        if not check_password_hash(self._hash, password) or not hmac.compare_digest(user.encode(), USER.encode()):
            metrics.logins.labels("wrong").inc()
            self._limit.failed(device)
            return False
        self._limit.give_back(taken)
        metrics.logins.labels("ok").inc()
        return True

    def accepts_basic(self, client: str) -> bool:
        """Whether the request carries the right Authorization: Basic. Raises like log_in."""
        given = request.authorization
        if not given or given.type != "basic" or given.username is None or given.password is None:
            return False
        # With the network: from another one, what is remembered must not tell a right guess from a wrong one.
        text = f"{given.username}\0{given.password}\0{networks(client)[0]}"
        digest = hmac.new(self._key, text.encode(), hashlib.sha256).digest()
        if any(hmac.compare_digest(digest, good) for good in tuple(self._good)):  # spares the 0.2 s of PBKDF2
            self._limit.check(client)
            return True
        if self.log_in(given.username, given.password, client):
            self._good.append(digest)
            return True
        return False


def gate() -> Gate:
    """The application's gate."""
    return current_app.extensions["gate"]


def may_write() -> bool:
    """Whether this page's visitor may write; what templates ask before they show buttons."""
    return gate().is_open or (session.get("user") == USER and gate().knows(session.get("login")))


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


def _devices() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.extensions["keys"], salt="device", signer=Signer)


def _device_cookie() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _known_device() -> str | None:
    # The id in the browser's device cookie; None without one that this application has signed.
    try:
        return str(_devices().loads(request.cookies.get(_device_cookie(), ""), max_age=DEVICE_SECONDS))
    except BadData:
        return None


def _with_device(response: Response) -> Response:
    # A new id with each login: one that was copied is of use to nobody for longer than it lasts.
    response.set_cookie(_device_cookie(), _devices().dumps(secrets.token_hex(8)), max_age=DEVICE_SECONDS,
                        secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Strict")
    return response


@pages.route("/login", methods=["GET", "POST"])
def login() -> Any:
    """The login page; 404 where everybody may write."""
    if gate().is_open:
        return render("error.html", title=_("Page not found"), text=_("Everybody may write here."),
                               status=404), 404
    form, error, status = LoginForm(), None, 200
    if form.validate_on_submit():
        try:
            name, password = form.user.data or "", form.password.data or ""
            if gate().log_in(name, password, request.remote_addr or "", _known_device()):
                session.clear()  # a session from before the login is worth nothing afterwards
                session.update(user=USER, login=gate().mark)
                session.permanent = True
                return _with_device(redirect(local_path(request.args.get("next", "")), 303))
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
