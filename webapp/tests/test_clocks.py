"""Replicas whose machines' clocks differ: by libfaketime, in the process of one of them alone."""

import os
import re
import time
from pathlib import Path
from unittest.mock import patch

import pytest
import requests
from itsdangerous import BadSignature, SignatureExpired

from cloudnova_webapp.security import Signer
from tests.live_server import LiveServer

HOUR = 3600
LIBRARY = str(next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")))


def clock(hours: int) -> dict[str, str]:
    """Variables of a process whose clock is so many hours ahead, all the time: spans are measured as ever."""
    return {"LD_PRELOAD": LIBRARY, "FAKETIME": f"{hours:+}h"}


@pytest.mark.parametrize("hours", [1, -1])
def test_a_form_of_one_replica_is_accepted_by_one_whose_clock_differs(mysql, migrated, hours):
    environment = mysql.environment(migrated)
    with LiveServer(environment, COOKIE_SECURE="off", **clock(hours)) as other, LiveServer(environment, COOKIE_SECURE="off") as own:
        for opened, sent in ((other, own), (own, other)):
            visitor = requests.Session()
            page = visitor.get(f"{opened.url}/users/new", timeout=5)
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
            email = f"clock-{os.urandom(4).hex()}@example.com"
            form = {"csrf_token": token[1], "name": "Ana", "email": email}
            answer = visitor.post(f"{sent.url}/users/new", data=form, timeout=5, allow_redirects=False,
                                  headers={"Referer": f"{sent.url}/users/new"})
            assert answer.status_code == 303, re.findall("<h1.*", answer.text)


def test_what_is_too_old_is_refused_all_the_same():
    """A time that has not come is no reason; one that is over is."""
    signer, now = Signer("k" * 32), int(time.time())

    def signed(at: int) -> bytes:
        with patch.object(Signer, "get_timestamp", return_value=at):
            return signer.sign("session")

    assert signer.unsign(signed(now + HOUR), max_age=60) == b"session"
    assert signer.unsign(signed(now - 30), max_age=60) == b"session"
    with pytest.raises(SignatureExpired):
        signer.unsign(signed(now - HOUR), max_age=60)
    with pytest.raises(BadSignature):
        Signer("other" * 8).unsign(signed(now + HOUR), max_age=60)
