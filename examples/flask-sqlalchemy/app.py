"""A list of tasks: the smallest Flask application with Flask-SQLAlchemy and PyMySQL."""

import os

from flask import Flask, redirect, render_template_string, request, url_for
from flask_sqlalchemy import SQLAlchemy
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["SQLALCHEMY_DATABASE_URI"]
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True}  # MySQL restarts; a dead connection is replaced
app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1, x_prefix=1)
db = SQLAlchemy(app)

PAGE = """<!doctype html>
<html lang="en">
<title>Tasks</title>
<h1>Tasks</h1>
<ul>{% for task in tasks %}<li>{{ task.title }}</li>{% endfor %}</ul>
<form method="post"><input name="title" maxlength="200" required><button>Add</button></form>
</html>"""


class Task(db.Model):
    """A row of the table that init.sql creates."""

    __tablename__ = "tasks"
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200), nullable=False)


@app.get("/")
def index():
    """Show every task."""
    tasks = db.session.execute(db.select(Task).order_by(Task.id)).scalars()
    return render_template_string(PAGE, tasks=tasks)


@app.post("/")
def add():
    """Add a task."""
    db.session.add(Task(title=request.form["title"][:200]))
    db.session.commit()
    return redirect(url_for("index"))
