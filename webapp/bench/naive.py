"""The application as the source systems have it: development server, one connection per request, SELECT of all rows.

For comparison only. It reads the same variables as the real one.
"""

import os

import MySQLdb
from flask import Flask, render_template_string

app = Flask(__name__)
PAGE = """<!doctype html><title>Usuarios</title><table class="table">
{% for user in users %}<tr><td>{{ user[0] }}</td><td>{{ user[1] }}</td><td>{{ user[2] }}</td></tr>{% endfor %}
</table>"""


@app.get("/usuarios")
def users() -> str:
    """Everybody, on one page."""
    connection = MySQLdb.connect(
        host=os.environ["DATABASE_HOST"], port=int(os.environ["DATABASE_PORT"]), user=os.environ["DATABASE_USER"],
        passwd=os.environ["DATABASE_PASSWORD"], db=os.environ["DATABASE_NAME"], charset="utf8mb4", ssl_mode="REQUIRED")
    cursor = connection.cursor()
    cursor.execute("SELECT id, name, email FROM users")
    rows = cursor.fetchall()
    connection.close()
    return render_template_string(PAGE, users=rows)


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ["HTTP_PORT"]))
