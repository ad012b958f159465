"""What a name and an e-mail address may be. Pure functions, the same for pages, API and CSV."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _

NAME_MAX = 100
"""Characters of a name; the column's size."""
EMAIL_MAX = 254
"""Characters of an address: the longest that SMTP can carry (RFC 5321, 4.5.3.1.3), and the column's size."""
SEARCH_MAX = 100
"""Characters of a search term; a longer one is cut."""

# Overrides and isolates can make a name show as another one (Trojan Source); plain right-to-left text needs none.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_VISIBLE = ("L", "N", "P", "S")

MESSAGES = {
    "required": _("This field is required."),
    "type": _("This must be text."),
    "too_long": _("This is too long."),
    "bad_character": _("This contains a character that is not allowed."),
    "invisible": _("This needs at least one visible character."),
    "bad_email": _("This is not a valid e-mail address."),
    "duplicate": _("Another user has this e-mail address already."),
}
"""Text for each error code, translated when shown."""


class Invalid(ValueError):
    """A value breaks a rule; `code` is a key of MESSAGES."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Person:
    """A name and an address that passed the rules."""

    name: str
    email: str


def clean_name(raw: object) -> str:
    """The name, trimmed and in Unicode's composed form (NFC). Raises Invalid."""
    name = _text(raw)
    if len(name) > NAME_MAX:
        raise Invalid("too_long")
    if not any(unicodedata.category(character)[0] in _VISIBLE for character in name):
        raise Invalid("invisible")
    return name


def clean_email(raw: object) -> str:
    """The address, normalised (domain in lower case, NFC). Its mailbox is not contacted. Raises Invalid."""
    email = _text(raw)
    if len(email) > EMAIL_MAX:
        raise Invalid("too_long")
    try:
        email = validate_email(email, check_deliverability=False, strict=True).normalized
    except EmailNotValidError as error:
        raise Invalid("bad_email") from error
    if len(email) > EMAIL_MAX:
        raise Invalid("too_long")
    return email


def check(data: Mapping[str, object]) -> tuple[Person | None, dict[str, str]]:
    """The person in `data` (keys name, email), or None and the error code of each wrong field."""
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    for field, clean in (("name", clean_name), ("email", clean_email)):
        try:
            values[field] = clean(data.get(field, ""))
        except Invalid as error:
            errors[field] = error.code
    return (None, errors) if errors else (Person(**values), {})


def fold(text: str) -> str:
    """Text as searches compare it: without case and accents ("José" and "JOSE" both give "jose")."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    # Composed again, because Hangul syllables would otherwise take three times their bytes.
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if unicodedata.category(c) != "Mn"))


def search_term(raw: str) -> str:
    """A search term from a request: trimmed, cut to SEARCH_MAX, without characters that no name can have."""
    kept = "".join(character for character in raw if not _is_forbidden(character))
    return unicodedata.normalize("NFC", kept).strip()[:SEARCH_MAX]


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise Invalid("type")
    text = unicodedata.normalize("NFC", raw).strip()
    if not text:
        raise Invalid("required")
    if any(_is_forbidden(character) for character in text):
        raise Invalid("bad_character")
    return text


def _is_forbidden(character: str) -> bool:
    # Cc: control characters, line ends too; Cs: halves of surrogate pairs, which UTF-8 cannot carry.
    # U+FFFE and U+FFFF are no characters at all.
    return (unicodedata.category(character) in ("Cc", "Cs") or character in _DIRECTION_CONTROLS
            or ord(character) & 0xFFFE == 0xFFFE)
