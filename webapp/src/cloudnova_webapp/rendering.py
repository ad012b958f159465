"""Renders templates whose constant parts are worked out when a template is compiled, not each time a page is made.

There is one Jinja environment per language. In it `_("text")`, `asset("file")` and `path("endpoint")` with a literal
are replaced by their values before the template is parsed, so that they cost nothing at run time. A page has some fifty
of them, and each took 5 to 30 microseconds (README.md, "Choices by measurement").
"""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask, current_app, g, request, session, url_for
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

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
    return environment().get_template(template).render(values, g=g, request=request, session=session)


def _environment(app: Flask, catalogue: Any) -> Environment:
    result = app.jinja_env.overlay(extensions=[FoldConstants], cache_size=50)
    result.constants = {  # type: ignore[attr-defined]
        "_": catalogue.gettext, "asset": lambda name: addresses.asset(app, name), "path": url_for}
    return result
