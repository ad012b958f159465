"""Search, order and pages of the list, checked against the same done in Python; and what each costs."""

import itertools
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudnova_webapp.users.listing import SORTS, BadCursor, Cursor, ListQuery, build, last_page
from cloudnova_webapp.users.rules import Person, fold

NAMES = ["Ana", "ana", "Álvaro", "Zoë", "José", "jose", "100% real", "under_score", "wow!", "back\\slash", "李小龍", "محمد",
         "👩‍🚀 Eva", "O'Brien", "Ana María"]


@pytest.fixture
def users(app):
    """A store with users whose names and addresses hold what searches stumble over."""
    store = app.extensions["users"]
    rng = random.Random(7)
    for number in range(83):
        name = rng.choice(NAMES)
        store.add(Person(name, f"u{number:02}.{fold(rng.choice(['Ana', 'Zoë', 'x_y']))}@example.com"))
    return store


def walk(store, query: ListQuery) -> list[list]:
    """All pages from `query` on, forwards."""
    pages = [store.page(query)]
    while pages[-1].next:
        pages.append(store.page(ListQuery(query.q, query.contains, query.sort, query.descending, query.size,
                                          pages[-1].next)))
        assert len(pages) < 100
    return pages


@pytest.mark.parametrize(("sort", "descending"), list(itertools.product(SORTS, (False, True))))
def test_pages_hold_everybody_once_in_order_both_ways(users, sort, descending):
    query = ListQuery(sort=sort, descending=descending, size=10)
    pages = walk(users, query)
    ids = [user.id for page in pages for user in page.items]
    assert len(ids) == len(set(ids)) == 83
    assert pages[0].previous is None
    backwards = [pages[-1]]
    while backwards[-1].previous:
        backwards.append(users.page(ListQuery(sort=sort, descending=descending, size=10, cursor=backwards[-1].previous)))
    assert [user.id for page in reversed(backwards) for user in page.items] == ids
    last = users.page(last_page(query))
    assert [user.id for user in last.items] == ids[-10:] and last.next is None and last.previous
    if sort == "created":
        assert ids == sorted(ids, reverse=descending)
    if sort == "email":
        emails = [user.email for page in pages for user in page.items]
        assert emails == sorted(emails, reverse=descending)


@pytest.mark.parametrize(("sort", "contains"), list(itertools.product(SORTS, (False, True))))
@pytest.mark.parametrize("term", ["ana", "ÁNA", "jose", "100%", "%", "_", "r_s", "!", "\\", "李", "محمد", "👩", "'", "ana m",
                                  "nobody", "u0", "example"])
def test_searches_find_what_python_finds(users, sort, contains, term):
    everybody = [user for page in walk(users, ListQuery(size=100)) for user in page.items]
    found = {user.id for page in walk(users, ListQuery(term, contains, sort, size=7)) for user in page.items}
    wanted = fold(term)
    if contains:
        expected = {user.id for user in everybody if wanted in fold(f"{user.name}\n{user.email}")}
    else:
        expected = {user.id for user in everybody if fold(user.name).startswith(wanted)}
    assert found == expected


def test_a_term_with_an_at_sign_looks_at_addresses(users):
    assert [user.email for user in users.page(ListQuery("U07.zoe@")).items] == [
        user.email for page in walk(users, ListQuery()) for user in page.items if user.email.startswith("u07.zoe@")]
    everybody = [user.email for page in walk(users, ListQuery()) for user in page.items]
    address = everybody[5]
    for sort in SORTS:
        assert [user.email for user in users.page(ListQuery(address, sort=sort)).items] == [address]


@given(value=st.text(max_size=50).filter(lambda text: max(text, default="") < "\ud800" or max(text, default="") > "\udfff"),
       row_id=st.integers(0, 2**64 - 1), backwards=st.booleans())
def test_cursors_survive_the_address(value, row_id, backwards):
    cursor = Cursor(value, row_id, backwards)
    try:
        assert Cursor.decode(cursor.encode(), "name") == cursor
    except UnicodeEncodeError:
        assert any("\ud800" <= character <= "\udfff" for character in value)


@given(st.text(max_size=80))
def test_forged_cursors_are_refused(text):
    with pytest.raises(BadCursor):
        Cursor.decode(text + "!", "name")
    for forged in (["x", 1], ["x", "1", 0], [1, 1, 0], ["x", -1, 0], {"a": 1}, "x", None, ["\ud800", 1, 0], ["x", True, 2]):
        with pytest.raises(BadCursor):
            Cursor.decode(__import__("base64").urlsafe_b64encode(json.dumps(forged).encode()).decode(), "created")


@settings(max_examples=100)
@given(q=st.text(max_size=110), match=st.sampled_from(["prefix", "contains"]), sort=st.sampled_from(["name", "-email", "created"]))
def test_any_search_text_gives_a_page_that_shows_it_harmlessly(client, q, match, sort):
    page = client.get("/users", query_string={"q": q.encode("utf-8", "replace").decode(), "match": match, "sort": sort})
    assert page.status_code == 200
    assert "<script>" not in page.text


@pytest.mark.parametrize("kind", ["name", "search", "all"])
def test_each_list_reads_an_index_in_its_order(mysql, migrated, kind):
    """No file sort, so that a page costs the same at 100 and at 100,000 users."""
    queries = {"all": ListQuery(), "name": ListQuery("a"), "search": ListQuery("a", contains=True)}
    for sort in SORTS if kind != "name" else ("name",):
        query = ListQuery(queries[kind].q, queries[kind].contains, sort)
        statement, values = build(query)
        plan = mysql.query("EXPLAIN FORMAT=TREE " + statement, values, migrated)[0][0]
        assert f"using users_by_{sort}" in plan and "Sort" not in plan
        assert kind != "search" or "index condition" in plan.lower(), plan


@pytest.mark.parametrize("address", ["/users?size=0", "/users?size=9999", "/users?sort=id", "/users?match=regex",
                                     "/users?cursor=bad", "/users?size=" + "9" * 400])
def test_wrong_parameters_show_the_plain_list(client, address):
    assert client.get(address).location == "/users"
