"""A guest book under a path of its own: Flask and mysqlclient, served by gunicorn."""

import os

import MySQLdb
from flask import Flask, g, redirect, render_template_string, request, url_for

app = Flask(__name__)

PAGE = """<!doctype html>
<html lang="en">
<title>Guest book</title>
<h1>Guest book</h1>
{% for name, text in entries %}<p><strong>{{ name }}</strong>: {{ text }}</p>{% endfor %}
<form method="post" action="{{ url_for('add') }}">
<input name="name" maxlength="80" required><input name="text" maxlength="500" required><button>Write</button>
</form>
</html>"""


def connection() -> MySQLdb.Connection:
    """Return the connection of this request."""
    if "connection" not in g:
        g.connection = MySQLdb.connect(
            host=os.environ["MYSQL_HOST"],
            user=os.environ["MYSQL_USER"],
            password=os.environ["MYSQL_PASSWORD"],
            database=os.environ["MYSQL_DB"],
            charset="utf8mb4",
        )
    return g.connection


@app.teardown_appcontext
def close(_error: BaseException | None) -> None:
    """Close the connection of this request."""
    if "connection" in g:
        g.pop("connection").close()


@app.get("/")
def index():
    """Show every entry."""
    with connection().cursor() as cursor:
        cursor.execute("SELECT name, text FROM entries ORDER BY id")
        return render_template_string(PAGE, entries=cursor.fetchall())


@app.post("/")
def add():
    """Add an entry."""
    with connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO entries (name, text) VALUES (%s, %s)", (request.form["name"][:80], request.form["text"][:500])
        )
    connection().commit()
    return redirect(url_for("index"))
