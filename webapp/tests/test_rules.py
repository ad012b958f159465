"""The rules of names and addresses, with generated input; no database."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudnova_webapp.users import rules


@pytest.mark.parametrize("name", ["Ana", "  Ana  ", "José María Ñúñez", "李小龍", "محمد علي", "👩‍👩‍👧‍👦", "O'Brien", "x" * 100,
                                  "'; DROP TABLE users; --", "<script>alert(1)</script>", "100 % _ !", "שלום"])
def test_names_that_people_have_or_try(name):
    assert rules.clean_name(name) == unicodedata.normalize("NFC", name.strip())


@pytest.mark.parametrize(("name", "code"), [
    ("", "required"), ("   ", "required"), ("\u00a0", "required"), ("x" * 101, "too_long"), ("a\nb", "bad_character"),
    ("a\x00b", "bad_character"), ("a\u202eb", "bad_character"), ("\ud800", "bad_character"), ("a\uffff", "bad_character"),
    ("\u200b", "invisible"), ("\u0301", "invisible"), (5, "type"), (None, "type"), (["a"], "type"),
])
def test_names_that_are_refused(name, code):
    with pytest.raises(rules.Invalid) as caught:
        rules.clean_name(name)
    assert caught.value.code == code


@pytest.mark.parametrize(("email", "stored"), [
    ("ana@example.com", "ana@example.com"), (" Ana@EXAMPLE.com ", "Ana@example.com"), ("a+b@ejemplo.co", "a+b@ejemplo.co"),
    ("ñandú@españa.es", "ñandú@españa.es"),
])
def test_addresses_that_are_taken(email, stored):
    assert rules.clean_email(email) == stored


@pytest.mark.parametrize("email", ["a", "a@", "@b.co", "a b@c.co", "a@b", "a@b..co", "a@-b.co", "a\n@b.co", "a@b.co,c@d.co",
                                   "a" * 65 + "@b.co", "a@" + "b" * 260 + ".co", "<a@b.co>"])
def test_addresses_that_are_refused(email):
    with pytest.raises(rules.Invalid):
        rules.clean_email(email)


@given(st.text(max_size=120))
def test_a_name_is_kept_whole_or_refused(raw):
    try:
        name = rules.clean_name(raw)
    except rules.Invalid as error:
        assert error.code in rules.MESSAGES
        return
    assert name == unicodedata.normalize("NFC", raw).strip()
    assert rules.clean_name(name) == name
    assert 1 <= len(name) <= rules.NAME_MAX
    name.encode()


@given(st.emails() | st.text(max_size=300))
def test_an_address_is_stable_or_refused(raw):
    try:
        email = rules.clean_email(raw)
    except rules.Invalid:
        return
    assert rules.clean_email(email) == email
    assert len(email) <= rules.EMAIL_MAX


@given(st.text(max_size=rules.NAME_MAX))
def test_folding_is_stable_and_fits_its_column(text):
    folded = rules.fold(text)
    # 1024 octets is the column; name and address have 100 + 1 + 254 characters, an address at most 254 octets or so.
    assert len(folded.encode("utf-8", "surrogatepass")) <= 5 * rules.NAME_MAX
    assert rules.fold(folded) == folded


@pytest.mark.parametrize("text", ["JOSÉ", "José", "jose", "Jose\u0301"])
def test_folding_drops_case_and_accents(text):
    assert rules.fold(text) == "jose"


@given(st.text(max_size=300))
def test_search_terms_are_always_usable(raw):
    term = rules.search_term(raw)
    assert len(term) <= rules.SEARCH_MAX and term == term.strip()
    term.encode()
