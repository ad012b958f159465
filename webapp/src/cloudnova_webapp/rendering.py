"""Renders pages, and works out once what does not change from request to request.

`FoldConstants` replaces `_("text")`, `asset("file")` and `path("endpoint")` by their values when a template is
compiled; there is one Jinja environment per language for that. `fill` goes further for the list of users, the page that
is asked for most: it renders a template once per combination of its `fixed` values, with marks in place of each
request's own texts, and afterwards only puts those in. Both together halved the list's CPU time
(README.md, "Choices by measurement"). Nothing of one request's data is kept for another.
"""

from collections.abc import Callable, Hashable, Iterator
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g, request, session, url_for
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from cloudnova_webapp import addresses


class FoldConstants(Extension):
    """Replaces the tokens `name ( "text" )` by the result, for the functions in the environment's `constants`."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The stream with such calls replaced; calls with other arguments stay as they are."""
        constants: dict[str, Callable[[str], str]] = getattr(self.environment, "constants", {})
        tokens = list(stream)
        at = 0
        while at < len(tokens):
            name, *call = tokens[at : at + 4]
            if name.value in constants and [token.type for token in call] == ["lparen", "string", "rparen"]:
                yield Token(name.lineno, "string", constants[name.value](call[1].value))
                at += 4
            else:
                yield name
                at += 1


def configure(app: Flask, catalogues: dict[str, Any]) -> None:
    """Make an environment for each language of `catalogues` (gettext translations)."""
    app.extensions["environments"] = {
        language: _environment(app, catalogue) for language, catalogue in catalogues.items()
    }


def environment() -> Environment:
    """The environment of this request's language."""
    return current_app.extensions["environments"][g.language]


def render(template: str, **values: Any) -> str:
    """The page made of `template` and `values`, in the request's language."""
    own = {"request_id": g.request_id, "messages": _messages()}
    return environment().get_template(template).render({**_frame(), **own, **values})


def fill(template: str, fixed: dict[str, Hashable], texts: dict[str, str]) -> str:
    """The page made of `template` with `fixed`, few combinations of values, and `texts`, anything.

    The template can show a text but not ask what it is: it sees a mark. Texts that are no Markup are escaped.
    """
    parts = _skeleton(environment(), template, tuple({**_frame(), **fixed}.items()), tuple(texts)).copy()
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
    # What base.html asks for, besides the constants of the environment.
    return {"language": g.language, "here": request.endpoint or "", "writer": current_app.extensions["may_write"]()}


def _messages() -> Markup:
    # Asking a session for messages makes it vary; most requests have no session at all.
    if "_flashes" not in session:
        return Markup("")
    return Markup(environment().get_template("_messages.html").render())  # noqa: S704 - rendered with escaping


def _environment(app: Flask, catalogue: Any) -> Environment:
    result = app.jinja_env.overlay(extensions=[FoldConstants], cache_size=50)
    result.constants = {  # type: ignore[attr-defined]
        "_": catalogue.gettext, "asset": lambda name: addresses.asset(app, name), "path": url_for}
    return result
