"""The application as small deployments have it: a connection per request with the driver's defaults, and all rows on one page."""

import os

import MySQLdb
from flask import Flask, render_template_string

app = Flask(__name__)
PAGE = """<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Usuarios</title></head><body>
<h1>Usuarios</h1><table class="table table-striped"><tr><th>ID</th><th>Nombre</th><th>Correo</th></tr>
{% for user in users %}<tr><td>{{ user[0] }}</td><td>{{ user[1] }}</td><td>{{ user[2] }}</td></tr>
{% endfor %}</table></body></html>"""


@app.get("/users")
def users() -> str:
    """Every user."""
    connection = MySQLdb.connect(
        host=os.environ["DATABASE_HOST"], user=os.environ["DATABASE_USER"], passwd=os.environ["DATABASE_PASSWORD"],
        db=os.environ["DATABASE_NAME"], charset="utf8mb4")
    cursor = connection.cursor()
    cursor.execute("SELECT id, name, email FROM users")
    rows = cursor.fetchall()
    cursor.close()
    connection.close()
    return render_template_string(PAGE, users=rows)
