"""The Spanish catalogue is complete and compiled, and no page of the package is left behind by the build."""

import gettext
import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).parents[1] / "src/cloudnova_webapp"
CATALOGUE = PACKAGE / "translations/es/LC_MESSAGES"
OPTIONS = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}


def texts_in_the_code() -> set[str]:
    """Every text that is marked for translation."""
    keywords = {"_": None, "gettext": None, "lazy_gettext": None}
    found = extract_from_dir(PACKAGE, [("**.py", "python"), ("**.html", "jinja2")], OPTIONS, keywords)
    return {text for _, _, text, _, _ in found}


def test_every_text_is_translated_and_none_is_stale():
    catalogue = read_po((CATALOGUE / "messages.po").open("rb"), locale="es")
    translated = {message.id: message.string for message in catalogue if message.id}
    assert set(translated) == texts_in_the_code(), "run translate.sh"
    assert not [text for text, translation in translated.items() if not translation]
    for text, translation in translated.items():
        assert re.findall(r"%\(\w+\)s", text) == re.findall(r"%\(\w+\)s", translation), text


def test_the_compiled_catalogue_is_that_of_the_text_file():
    compiled = gettext.GNUTranslations((CATALOGUE / "messages.mo").open("rb"))
    for message in read_po((CATALOGUE / "messages.po").open("rb"), locale="es"):
        if message.id:
            assert compiled.gettext(message.id) == message.string, "run translate.sh"


def test_a_new_users_page_says_nothing_in_english(client):
    """The texts between tags of the Spanish pages hold no text of the code, unless both languages say the same."""
    same = {"Error", "OK"}
    for path in ("/", "/users", "/users/new", "/nothing"):
        shown = {text.strip() for text in re.findall(r">([^<>]+)<", client.get(path).text)}
        assert not (shown & texts_in_the_code()) - same, path
