"""Addresses that templates need on every page, worked out once instead of at each request."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, url_for

_YEAR = 365 * 24 * 3600


def configure(app: Flask) -> None:
    """Give templates `path(endpoint)` and `asset(name)`.

    The address of a static file changes with its content, so browsers may keep it for a year.
    """
    folder = Path(app.static_folder or "")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR

    @lru_cache(maxsize=64)
    def asset(name: str) -> str:
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]
        return url_for("static", filename=name, v=digest)

    @lru_cache(maxsize=64)
    def path(endpoint: str) -> str:
        return url_for(endpoint)

    app.jinja_env.globals.update(asset=asset, path=path)
