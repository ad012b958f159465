"""The pages of users: list, add, edit, delete with undo."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from flask import Blueprint, abort, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeTimedSerializer
from jinja2 import Environment
from markupsafe import Markup, escape
from wtforms import HiddenField, StringField

from cloudnova_webapp.access import may_write, writers_only
from cloudnova_webapp.database import DuplicateKey
from cloudnova_webapp.observe.metrics import user_operations
from cloudnova_webapp.rendering import fill, render
from cloudnova_webapp.users import rules
from cloudnova_webapp.users.requests import SIZES, BadQuery, parse
from cloudnova_webapp.users.store import Conflict, NotFound, User, UserStore

UNDO_SECONDS = 15 * 60
"""How long a deletion can be undone."""
pages = Blueprint("users", __name__, url_prefix="/users")


class UserForm(FlaskForm):
    """What is typed for a user. The rules are those of rules.check; what was typed is shown again when one fails."""

    name = StringField()
    email = StringField()
    version = HiddenField()

    def person(self) -> rules.Person | None:
        """The valid person typed, or None with `errors` telling each field's fault."""
        person, codes = rules.check({"name": self.name.data, "email": self.email.data})
        for field, code in codes.items():
            self[field].errors = [rules.MESSAGES[code]]
        return person


@pages.get("")
def listing() -> Any:
    """The list: search, order, pages. A wrong parameter shows the plain list instead."""
    try:
        query = parse(request.args)
    except BadQuery:
        return redirect(url_for("users.listing"))
    page = _users().page(query)
    return fill(
        "users.html",
        {"order": ("-" if query.descending else "") + query.sort, "size": query.size, "sizes": SIZES,
         "searching": bool(query.q), "contains": query.contains, "empty": not page.items,
         "has_before": page.previous is not None, "has_after": page.next is not None},
        {"q": query.q, "q_arg": quote_plus(query.q), "rows": _rows(page.items),
         "before": page.previous.encode() if page.previous else "", "after": page.next.encode() if page.next else ""},
    )


@pages.route("/new", methods=["GET", "POST"])
@writers_only
def new() -> Any:
    """Form for a new user."""
    form = UserForm()
    if form.validate_on_submit():
        outcome = _try("create", form, lambda person: _users().add(person))
        if outcome == "ok":
            flash(_("%(name)s was added.", name=form.name.data.strip()), "success")
            return redirect(url_for("users.listing"), 303)
    return render("user_form.html", form=form, user=None), 422 if form.errors else 200


@pages.route("/<int:user_id>/edit", methods=["GET", "POST"])
@writers_only
def edit(user_id: int) -> Any:
    """Form for a user's name and address; refuses to overwrite a change made meanwhile by somebody else."""
    user = _users().get(user_id)
    form = UserForm(obj=user)
    if form.validate_on_submit():
        version = int(form.version.data) if (form.version.data or "").isdecimal() else 0
        outcome = _try("update", form, lambda person: _users().update(user_id, person, version))
        if outcome == "ok":
            flash(_("%(name)s was saved.", name=form.name.data.strip()), "success")
            return redirect(url_for("users.listing"), 303)
        if outcome == "conflict":
            user = _users().get(user_id)
            form.version.data = str(user.version)  # sending again is now a decision, no accident
            return render("user_form.html", form=form, user=user, changed=True), 409
    return render("user_form.html", form=form, user=user), 422 if form.errors else 200


@pages.route("/<int:user_id>/delete", methods=["GET", "POST"])
@writers_only
def delete(user_id: int) -> Any:
    """Ask, then delete; the next page offers to undo it."""
    user = _users().get(user_id)
    form = FlaskForm()
    if form.validate_on_submit():
        _users().delete(user_id)
        user_operations.labels("delete", "ok", "page").inc()
        token = _undo().dumps([user.id, user.name, user.email, user.created_at.isoformat()])
        flash({"text": _("%(name)s was deleted.", name=user.name), "undo": token}, "warning")
        return redirect(url_for("users.listing"), 303)
    return render("user_delete.html", form=form, user=user)


@pages.post("/restore")
@writers_only
def restore() -> Any:
    """Undo a deletion, from the signed copy that the list offered."""
    try:
        user_id, name, email, created = _undo().loads(request.form.get("undo", ""), max_age=UNDO_SECONDS)
    except BadData:
        abort(400)
    created = datetime.fromisoformat(created)
    try:
        _users().restore(User(user_id, name, email, created, created, 1))
    except DuplicateKey:
        user_operations.labels("restore", "duplicate", "page").inc()
        flash(_("%(name)s cannot be brought back: the e-mail address is in use again.", name=name), "danger")
    else:
        user_operations.labels("restore", "ok", "page").inc()
        flash(_("%(name)s is back.", name=name), "success")
    return redirect(url_for("users.listing"), 303)


def _try(operation: str, form: UserForm, act: Callable[[rules.Person], User]) -> str:
    outcome = "ok"
    person = form.person()
    if person is None:
        outcome = "invalid"
    else:
        try:
            act(person)
        except DuplicateKey:
            form.email.errors = [rules.MESSAGES["duplicate"]]
            outcome = "duplicate"
        except Conflict:
            outcome = "conflict"
        except NotFound:
            user_operations.labels(operation, "not_found", "page").inc()
            raise
    user_operations.labels(operation, outcome, "page").inc()
    return outcome


def _rows(users: list[User]) -> Markup:
    row, date = _row_template(current_app.jinja_env, g.language, may_write()), _DATES[g.language]
    # One call escapes all texts: no name can hold the separator (rules.py), and 75 calls took 100 microseconds.
    texts = iter(str(escape("\0".join([part for user in users for part in (user.name, user.name[0], user.email)])))
                 .split("\0"))
    return Markup("".join([  # noqa: S704 - the template is ours, and its texts were escaped above
        row % {"id": user.id, "hue": user.id % 6, "name": next(texts), "initial": next(texts), "email": next(texts),
               "created": date(user.created_at)}
        for user in users]))


@lru_cache(maxsize=8)
def _row_template(templates: Environment, language: str, writer: bool) -> str:
    return templates.get_template("_user_row.html").render(writer=writer)


_DATES = {"es": lambda time: f"{time.day:02}/{time.month:02}/{time.year}", "en": lambda time: time.isoformat()[:10]}


def _users() -> UserStore:
    return current_app.extensions["users"]


def _undo() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.extensions["keys"], salt="undo")
