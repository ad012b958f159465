"""CloudNova's web application: a register of users with a web page and a JSON API."""

import tomllib
from pathlib import Path

__all__ = ["VERSION"]


def _version() -> str:
    # The source tree and the image have the same layout, so pyproject.toml always lies two folders above the package.
    with (Path(__file__).parents[2] / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]


VERSION: str = _version()
"""Version of the application, as pyproject.toml states it."""
