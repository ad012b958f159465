"""Renders templates with their texts translated when a template is compiled, not each time a page is made.

There is one Jinja environment per language. In it `_("literal")` is replaced by the translation before the template is
parsed, so that a text costs nothing at run time; a page has some forty, and each look-up with its escaping took 20 to
30 microseconds (README.md, "Choices by measurement").
"""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask, current_app, g, request, session
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream


class TranslateLiterals(Extension):
    """Replaces the tokens `_ ( "text" )` by the translated text; calls with more arguments stay as they are."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The stream with its literals translated by the environment's `translate`."""
        translate: Callable[[str], str] = getattr(self.environment, "translate", str)
        tokens = list(stream)
        at = 0
        while at < len(tokens):
            name, *call = tokens[at : at + 4]
            if name.value == "_" and [token.type for token in call] == ["lparen", "string", "rparen"]:
                yield Token(name.lineno, "string", translate(call[1].value))
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
    result = app.jinja_env.overlay(extensions=[TranslateLiterals], cache_size=50)
    result.translate = catalogue.gettext  # type: ignore[attr-defined]
    return result
