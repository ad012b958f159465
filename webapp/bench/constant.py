"""The limit: a Flask application that does nothing but answer."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    """A constant string."""
    return "ok"
