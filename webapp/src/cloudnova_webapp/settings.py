"""Configuration from environment variables, checked once at the start.

Every secret NAME can be given as NAME_FILE, the path of a file whose content is the secret. Line ends (CR, LF) at the
end of a secret do not count: editors and shells put them there, and MySQL's pod cuts the same ones (prepare.sh).
A wrong value raises `SettingsError`, whose text names the variable, what was found and what to do.
"""

import os
import re
import socket
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("es", "en")
"""Languages that have a catalogue; the first is the default."""

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Exception):
    """A variable is missing or wrong; the message is one line for the operator."""


@dataclass(frozen=True)
class DatabaseSettings:
    """Where the database is and as whom to reach it. All connections use TLS."""

    host: str
    password: str
    port: int = 3306
    name: str = "app"
    user: str = "webapp"
    ca_file: str | None = None
    """CA certificate; when set, the server's certificate and its name are verified."""
    pool_size: int = 3
    """Connections per worker, fewer than its threads, so that a slow database cannot hold all of them."""


@dataclass(frozen=True)
class Settings:
    """Everything that the web process needs to know. Times are seconds."""

    database: DatabaseSettings
    secret_key: str
    other_key: str | None = None
    """A key whose signatures are accepted beside those of `secret_key`, while that is being changed."""
    other_key_until: float = float("inf")
    """Until when, in seconds since 1970."""
    admin_password: str | None = None
    """Password of the account `admin`; None means that everybody may write (WRITE_ACCESS=open)."""
    fault_token: str | None = None
    """Token that /debug/* asks for; None means that those paths do not exist (FAULT_INJECTION=off)."""
    trusted_proxy_hops: int = 0
    default_language: str = LANGUAGES[0]
    cookie_secure: bool = True
    instance_name: str = "localhost"
    log_level: str = "INFO"
    workers: int = 2
    threads: int = 4
    """Threads per worker. Python runs one at a time, and their taking turns costs: 8 took 25 % more CPU per page."""
    http_port: int = 8000
    metrics_port: int = 9000
    keep_alive_seconds: int = 75
    """How long an idle connection is kept. Longer than the proxy in front keeps its own, so that the proxy closes
    first: a request that meets a connection just closed here fails there (502)."""
    drain_seconds: int = 5
    """How long SIGTERM leaves the listeners open, so that load balancers notice /readyz first."""


class _Reader:
    """Reads single variables; keeps the rules of each kind of value in one place."""

    def __init__(self, env: Mapping[str, str]):
        self._env = env

    def text(self, name: str, default: str | None = None) -> str:
        value = self._env.get(name, "")
        if value:
            return value
        if default is None:
            raise SettingsError(f"{name} is not set: give it a value")
        return default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise SettingsError(f"{name} is {value!r}: give a whole number from {low} to {high}")
        return int(value)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise SettingsError(f"{name} is {value!r}: give one of {', '.join(choices)}")
        return value

    def file(self, name: str) -> str | None:
        path = self._env.get(name, "")
        if not path:
            return None
        if not Path(path).is_file():
            raise SettingsError(f"{name} is {path!r}: there is no such file")
        return path

    def secret(self, name: str, minimum: int) -> str:
        path_name, path = f"{name}_FILE", self._env.get(f"{name}_FILE", "")
        if path and self._env.get(name):
            raise SettingsError(f"{name} and {path_name} are both set: keep one of them")
        if path:
            try:
                value = Path(path).read_bytes().decode()
            except UnicodeDecodeError:  # its text shows bytes of the secret
                raise SettingsError(f"{path_name} is {path!r}: it cannot be read as text (it is no UTF-8)") from None
            except OSError as error:
                raise SettingsError(f"{path_name} is {path!r}: it cannot be read as text ({error})") from error
        else:
            value = self._env.get(name, "")
        value = value.rstrip("\r\n")
        if not value:
            raise SettingsError(f"{name} is not set: set {path_name} to a file that holds it, or {name} itself")
        if value.startswith("\ufeff") or any(unicodedata.category(character) == "Cc" for character in value):
            raise SettingsError(f"{name} has a byte order mark or a control character in it: give a line of UTF-8 text")
        if len(value) < minimum:  # the secret itself is never printed
            raise SettingsError(f"{name} has {len(value)} characters: give at least {minimum}")
        return value


    def other_key(self) -> tuple[str | None, float]:
        path = self._env.get("OTHER_SECRET_KEY_FILE", "")
        if not path or not Path(path).exists():  # it is there while the key is being changed only
            return None, float("inf")
        key, _, until = self.secret("OTHER_SECRET_KEY", 32).partition(" ")
        if not re.fullmatch(r"[0-9]{0,12}", until):
            raise SettingsError("OTHER_SECRET_KEY ends wrong: give a key, a space and seconds since 1970")
        return key, float(until or "inf")


def load_database(env: Mapping[str, str] = os.environ) -> DatabaseSettings:
    """The database's part alone: all that `migrate` needs. Raises SettingsError."""
    read = _Reader(env)
    return DatabaseSettings(
        host=read.text("DATABASE_HOST"),
        port=read.number("DATABASE_PORT", 3306, 1, 65535),
        name=read.text("DATABASE_NAME", "app"),
        user=read.text("DATABASE_USER", "webapp"),
        password=read.secret("DATABASE_PASSWORD", 1),
        ca_file=read.file("DATABASE_CA_FILE"),
        pool_size=read.number("DATABASE_POOL_SIZE", 3, 1, 64),
    )


def load(env: Mapping[str, str] = os.environ) -> Settings:
    """All settings of the web process. Raises SettingsError at the first variable that is wrong."""
    read = _Reader(env)
    login = read.choice("WRITE_ACCESS", "login", ("open", "login")) == "login"
    faults = read.choice("FAULT_INJECTION", "off", ("on", "off")) == "on"
    database = load_database(env)
    threads = read.number("WEB_THREADS", 4, 2, 64)
    if database.pool_size >= threads:
        raise SettingsError(f"DATABASE_POOL_SIZE is {database.pool_size} and WEB_THREADS is {threads}: give fewer "
                            "connections than threads, so that probes are answered while all connections are busy")
    other_key, other_key_until = read.other_key()
    return Settings(
        database=database,
        other_key=other_key,
        other_key_until=other_key_until,
        secret_key=read.secret("SECRET_KEY", 32),  # 32 characters: 128 bits even when they are hex digits
        admin_password=read.secret("ADMIN_PASSWORD", 12) if login else None,  # 12: as OWASP ASVS 2.1.1 asks
        fault_token=read.secret("FAULT_TOKEN", 16) if faults else None,
        trusted_proxy_hops=read.number("TRUSTED_PROXY_HOPS", 0, 0, 10),
        default_language=read.choice("DEFAULT_LANGUAGE", LANGUAGES[0], LANGUAGES),
        cookie_secure=read.choice("COOKIE_SECURE", "on", ("on", "off")) == "on",
        instance_name=read.text("INSTANCE_NAME", read.text("POD_NAME", socket.gethostname())),
        log_level=read.choice("LOG_LEVEL", "INFO", LOG_LEVELS),
        workers=read.number("WEB_WORKERS", 2, 1, 32),
        threads=threads,
        http_port=read.number("HTTP_PORT", 8000, 1, 65535),
        metrics_port=read.number("METRICS_PORT", 9000, 1, 65535),
        keep_alive_seconds=read.number("KEEP_ALIVE_SECONDS", 75, 1, 3600),
        drain_seconds=read.number("DRAIN_SECONDS", 5, 0, 300),
    )
