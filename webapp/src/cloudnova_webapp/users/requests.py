"""Reads a list's query from an address; shared by page, API and export."""

from collections.abc import Mapping
from dataclasses import replace

from cloudnova_webapp.users.listing import SORTS, BadCursor, Cursor, ListQuery, last_page
from cloudnova_webapp.users.rules import search_term

SIZES = (10, 25, 50, 100)
"""Sizes that the page offers; the API takes any from 1 to 100."""
MATCHES = ("prefix", "contains")


class BadQuery(ValueError):
    """A parameter is wrong; the message names it, what was found and what is possible."""


def parse(args: Mapping[str, str], *, size_name: str = "size") -> ListQuery:
    """The query that the parameters q, match, sort, `size_name` and cursor ask for. Raises BadQuery."""
    sort = args.get("sort", "name")
    descending = sort.startswith("-")
    sort = sort.removeprefix("-")
    _one_of("sort", sort, tuple(SORTS))
    match = _one_of("match", args.get("match", "prefix"), MATCHES)
    size = args.get(size_name, "25")
    if not (size.isascii() and size.isdigit() and 1 <= int(size[:4]) <= SIZES[-1]):
        raise BadQuery(f"{size_name} is {size[:20]!r}: give a whole number from 1 to {SIZES[-1]}")
    query = ListQuery(search_term(args.get("q", "")), match == "contains", sort, descending, int(size))
    cursor = args.get("cursor", "")
    if cursor == "last":
        return last_page(query)
    try:
        return replace(query, cursor=Cursor.decode(cursor, sort)) if cursor else query
    except BadCursor as error:
        raise BadQuery("cursor is not one that this list gave: start again without it") from error


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise BadQuery(f"{name} is {value[:20]!r}: give one of {', '.join(choices)}")
    return value
