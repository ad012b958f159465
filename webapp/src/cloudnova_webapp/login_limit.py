"""How many passwords a client may try: counted in the database, so that the counts hold across workers and replicas.

Each network has ATTEMPTS wrong passwords per WINDOW_SECONDS, and so has each browser that has logged in before (OWASP,
"Slow Down Online Guessing Attacks with Device Cookies"). No limit is shared by all: while many networks guess, each
unknown one gets ALARM_ATTEMPTS instead. So attackers cannot use up the attempts of the administrator.
"""

import ipaddress
from collections.abc import Sequence

from cloudnova_webapp.database import Database

ATTEMPTS = 5
WINDOW_SECONDS = 15 * 60
"""480 guesses a day from one network, hopeless against 12 characters."""
SITE_FACTOR = 4
"""An IPv6 /48 has this many times the attempts of one /64. A site may have a /48 (RFC 6177): 65,536 networks."""
ALARM = 100
"""Wrong passwords of all unknown clients together, per window, from which on each gets ALARM_ATTEMPTS only. NIST
SP 800-63B allows an account 100 failed attempts in a row before its verifier must make guessing harder."""
ALARM_ATTEMPTS = 1
ROWS = 10_000
"""Rows that the table may have, 1 MiB. A judged attempt takes 0.2 s of CPU: one core makes 4,500 in a window."""

_EVERYBODY = "*"
_READ = "SELECT source, attempts FROM login_limits WHERE until > NOW(6) AND source IN ({})"
# One statement, so that parallel attempts cannot slip past. LAST_INSERT_ID(1) reports the refusal to this connection.
_TAKE = """INSERT INTO login_limits (source, attempts, until) VALUES (%s, 1, NOW(6) + INTERVAL %s SECOND)
           ON DUPLICATE KEY UPDATE
           attempts = IF(until <= NOW(6), 1, IF(attempts < %s, attempts + 1, attempts + 0 * LAST_INSERT_ID(1))),
           until = IF(until <= NOW(6), NOW(6) + INTERVAL %s SECOND, until)"""
_FORGET_OLDEST = "DELETE FROM login_limits WHERE source <> %s ORDER BY until LIMIT %s"
_GIVE_BACK = "UPDATE login_limits SET attempts = attempts - 1 WHERE source = %s AND attempts > 0"


class TooManyAttempts(Exception):
    """The client has to wait; `seconds` is how long at most."""

    seconds = WINDOW_SECONDS


def networks(client: str) -> list[str]:
    """What an address is counted as: the IPv4 address, or the IPv6 /64 and then the /48 around it.

    A customer has at least a /64 (RFC 6177), and every address in it. What is no address is counted as it is.
    """
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return [client[:45]]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return [str(ipaddress.ip_network((address, length), strict=False)) for length in (64, 48)]
        address = address.ipv4_mapped
    return [str(address)]


class LoginLimit:
    """Counts attempts. Every method may raise DatabaseUnavailable."""

    def __init__(self, database: Database):
        self._database = database

    def check(self, client: str) -> None:
        """Raise TooManyAttempts when the client's network has none left. Counts nothing."""
        self._limits(networks(client))

    def take(self, client: str, device: str | None) -> list[str]:
        """Count an attempt before it is judged; return what it was counted for. Raises TooManyAttempts.

        `device` is the id in the browser's device cookie: with one, its network does not count. A refused attempt
        changes nothing in the database.
        """
        sources = [f"device {device}"] if device else networks(client)
        limits = self._limits(sources)
        taken: list[str] = []
        for source, limit in zip(sources, limits, strict=True):
            if not self._take(source, limit):
                self.give_back(taken)
                raise TooManyAttempts
            taken.append(source)
        return taken

    def give_back(self, taken: Sequence[str]) -> None:
        """The attempt was a good one: it does not count."""
        for source in taken:
            self._database.change("login", _GIVE_BACK, (source,))

    def failed(self, device: str | None) -> None:
        """The attempt was a wrong one: those of unknown clients raise the alarm together."""
        if not device:
            self._take(_EVERYBODY, ALARM)

    def _limits(self, sources: Sequence[str]) -> list[int]:
        statement = _READ.format(", ".join(["%s"] * (len(sources) + 1)))
        found = dict(self._database.rows("login", statement, (_EVERYBODY, *sources)))
        is_known = sources[0].startswith("device ")
        attempts = ALARM_ATTEMPTS if found.get(_EVERYBODY, 0) >= ALARM and not is_known else ATTEMPTS
        limits = [attempts * SITE_FACTOR ** step for step in range(len(sources))]
        if any(found.get(source, 0) >= limit for source, limit in zip(sources, limits, strict=True)):
            raise TooManyAttempts
        return limits

    def _take(self, source: str, limit: int) -> bool:
        count, refused = self._database.change("login", _TAKE, (source, WINDOW_SECONDS, limit, WINDOW_SECONDS))
        if count == 1 and not refused:  # a new row
            self._trim()
        return not refused

    def _trim(self) -> None:
        self._database.change("login", "DELETE FROM login_limits WHERE until <= NOW(6)")
        [(rows,)] = self._database.rows("login", "SELECT COUNT(*) FROM login_limits")
        if rows > ROWS:
            self._database.change("login", _FORGET_OLDEST, (_EVERYBODY, rows - ROWS))
