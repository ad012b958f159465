"""Headers, cookies and limits that hold for every response."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from werkzeug.middleware.proxy_fix import ProxyFix

from cloudnova_webapp.settings import Settings

BODY_LIMIT = 16 * 1024
"""Bytes of a request body. The longest valid form has about 2 KiB; the rest is room for percent-encoding."""
SESSION_SECONDS = 8 * 3600
"""How long a form may stay open, and a login last: a working day."""

CONTENT_SECURITY_POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
    "img-src 'self' data:",  # Bootstrap's style sheet carries its icons as data: images
    "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
))
# What depends on the content. Strict-Transport-Security and X-Content-Type-Options, the same for every application,
# belong to the proxy in front, which also removes Server (docs/decisions/0009).
_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Frame-Options", "DENY"),  # frame-ancestors for browsers before 2017, and for scanners
    ("Referrer-Policy", "same-origin"),  # Flask-WTF compares the referrer on HTTPS
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
# Pages differ by these request headers, and hold persons' data.
_PRIVATE = [("Vary", "Accept-Language, Cookie"), ("Cache-Control", "no-store")]
_OURS = frozenset(name for name, _ in _PRIVATE)
csrf = CSRFProtect()


class Keys:
    """The keys whose signatures are accepted now, oldest first; without the one that signs, which is the last."""

    def __init__(self, settings: Settings):
        self._settings = settings

    def __iter__(self) -> Iterator[str]:
        if self._settings.other_key and time.time() < self._settings.other_key_until:
            yield self._settings.other_key


class AllKeys(Keys):
    """The same with the one that signs: what itsdangerous takes for a key."""

    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        yield self._settings.secret_key


class Signer(TimestampSigner):
    """Accepts a signature from the future: another replica's clock is ahead. Only replicas have the key."""

    def unsign(self, signed_value: Any, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        """As TimestampSigner, which takes an age below zero for one that is over."""
        try:
            return super().unsign(signed_value, max_age, return_timestamp)
        except SignatureExpired as error:
            if error.date_signed is None or error.date_signed <= datetime.now(UTC):
                raise
            return super().unsign(signed_value, None, return_timestamp)


class _Sessions(SecureCookieSessionInterface):
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = Signer
        return serializer


def configure(app: Flask, settings: Settings) -> None:
    """Set limits, cookie flags, CSRF protection and headers; trust the configured number of proxies."""
    app.config.update(
        SECRET_KEY=settings.secret_key, SECRET_KEY_FALLBACKS=Keys(settings), WTF_CSRF_SECRET_KEY=AllKeys(settings),
        MAX_CONTENT_LENGTH=BODY_LIMIT, MAX_FORM_MEMORY_SIZE=BODY_LIMIT, MAX_FORM_PARTS=20,
        # The prefix binds the cookie to this very host over TLS; browsers take localhost for safe without.
        SESSION_COOKIE_NAME="__Host-session" if settings.cookie_secure else "session",
        SESSION_COOKIE_SECURE=settings.cookie_secure, SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION_SECONDS,
        WTF_CSRF_TIME_LIMIT=None,  # a form's token is worth nothing without its session, whose time is limited
    )
    app.session_interface = _Sessions()
    csrf.init_app(app)
    app.wsgi_app = _Headers(app.wsgi_app)  # type: ignore[method-assign]
    if hops := settings.trusted_proxy_hops:
        # Client and scheme only: the Host header reaches us unchanged, and a forwarded one would be one more to forge.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]


def local_path(address: str) -> str:
    """`address` when it is a path on this site, else "/": no redirect leads away."""
    parts = urlsplit(address)
    is_local = address.startswith("/") and not parts.netloc and not parts.scheme
    return address if is_local and "\\" not in address and not address.startswith("//") else "/"


class _Headers:
    """WSGI middleware that adds the headers to every response, also to those made outside of Flask's handlers."""

    def __init__(self, wsgi: Callable[..., Any]):
        self._wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.extend(_HEADERS)
            if not environ["PATH_INFO"].startswith("/static/"):
                headers[:] = [header for header in headers if header[0] not in _OURS] + _PRIVATE
            return start_response(status, headers, exc_info)

        return self._wsgi(environ, start)
