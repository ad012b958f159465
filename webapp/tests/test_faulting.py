"""Any input while the database breaks off at any point: an answer in words, never a stack trace."""

import json
from collections import Counter
from itertools import cycle

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudnova_webapp.openapi import document
from tests.conftest import https, make_app
from tests.test_pages import form
from tests.tunnel import Tunnel

FORMS = ("/users/new", "/users/1/edit", "/users/1/delete", "/users/restore", "/login")
PIECES = 30
"""After so many pieces of its answers a connection has been opened, and used by some requests."""


class Faulting:
    """An application whose database breaks off each connection: the first at once, the next a piece later."""

    def __init__(self, mysql, migrated, tunnel: Tunnel):
        self.app = make_app(mysql, migrated, DATABASE_PORT=str(tunnel.port))
        self.statuses: Counter[int] = Counter()
        self._tunnel, self._turns = tunnel, cycle(range(1, PIECES))

    def next(self) -> None:
        """Let connections from now on break off at another point."""
        self._tunnel.answers = next(self._turns)

    def judge(self, status: int, text: str, request_id: str) -> None:
        """Only the page or problem that says that the database is away may be an error of the server; it tells the request's number."""
        self.statuses[status] += 1
        assert status < 500 or status == 503, text
        assert "Traceback" not in text and "MySQLdb" not in text
        assert request_id and (status != 503 or request_id in text)

    def proved(self) -> None:
        """Say whether it was what it says: some requests met a database that was away, and others did not."""
        assert self.statuses[503] >= 5 and self.statuses.total() - self.statuses[503] >= 5, self.statuses
        assert self._tunnel.broken >= 5


@pytest.fixture(scope="module")
def faulting(mysql, migrated):
    with Tunnel("127.0.0.1", mysql.port, answers=1) as tunnel:
        stand = Faulting(mysql, migrated, tunnel)
        yield stand
        stand.proved()


_schema = schemathesis.openapi.from_dict(json.loads(document()))


@_schema.parametrize()
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_the_api(case, faulting):
    faulting.next()
    answer = case.call(app=faulting.app)
    faulting.judge(answer.status_code, answer.text, answer.headers["x-request-id"][0])


@pytest.mark.parametrize("path", FORMS)
@settings(max_examples=40)
@given(data=st.dictionaries(st.sampled_from(["name", "email", "version", "next", "password", "user"]), st.text(max_size=120)))
def test_the_forms(faulting, path, data):
    client = https(faulting.app)
    token = form(client, "/users/new")
    faulting.next()
    data = {name: text.encode("utf-8", "replace").decode() for name, text in data.items()}
    answer = client.post(path, data={**data, **token})
    faulting.judge(answer.status_code, answer.text, answer.headers["X-Request-Id"])
