"""Addresses of static files. They change with the content, so that browsers may keep what they fetched for a year."""

import hashlib
from pathlib import Path

from flask import Flask, url_for

KEEP_SECONDS = 365 * 24 * 3600


def asset(app: Flask, name: str) -> str:
    """Address of the static file `name`. Raises OSError when there is no such file."""
    digest = hashlib.sha256((Path(app.static_folder or "") / name).read_bytes()).hexdigest()[:12]
    return url_for("static", filename=name, v=digest)
