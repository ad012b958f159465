"""Renders pages.

`fill` is for the list of users, the page that is asked for most: it renders a template once per combination of its
`fixed` values, with marks in place of each request's own texts, and afterwards only puts those in. That halved the
list's CPU time (README.md, "Choices by measurement"). Nothing of one request's data is kept for another.
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from flask import current_app, g, get_flashed_messages, render_template, request
from jinja2 import Environment
from markupsafe import Markup, escape


def render(template: str, **values: Any) -> str:
    """The page made of `template` and `values`, in the request's language."""
    return render_template(template, **_frame(), request_id=g.request_id, messages=_messages(), **values)


def fill(template: str, fixed: dict[str, Hashable], texts: dict[str, str]) -> str:
    """The page made of `template` with `fixed`, few combinations of values, and `texts`, anything.

    The template can show a text but not ask what it is: it sees a mark. Texts that are no Markup are escaped.
    """
    parts = _skeleton(current_app.jinja_env, template, tuple({**_frame(), **fixed}.items()), tuple(texts)).copy()
    safe = {name: escape(text) for name, text in texts.items()}
    safe.update(request_id=escape(g.request_id), messages=_messages())
    parts[1::2] = [safe[name] for name in parts[1::2]]
    return "".join(parts)


@lru_cache(maxsize=512)  # 2 languages, 6 orders, 4 sizes and some yes-or-no values; 5 KiB each
def _skeleton(templates: Environment, template: str, fixed: tuple[tuple[str, Hashable], ...],
              names: tuple[str, ...]) -> list[str]:
    # Constant text at even places, names of texts at odd ones. No text of ours holds the mark.
    marks = {name: Markup(f"\0{name}\0") for name in (*names, "request_id", "messages")}  # noqa: S704 - names are ours
    return templates.get_template(template).render({**dict(fixed), **marks}).split("\0")


def _frame() -> dict[str, Hashable]:
    # What base.html asks for, besides the globals of the environment.
    return {"language": g.language, "here": request.endpoint or "", "writer": current_app.extensions["may_write"]()}


def _messages() -> Markup:
    # Most requests have none, and need no template then.
    return Markup(render_template("_messages.html") if get_flashed_messages() else "")  # noqa: S704 - rendered with escaping
