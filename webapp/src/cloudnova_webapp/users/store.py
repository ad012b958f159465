"""Users in the database: each operation is one statement."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from cloudnova_webapp.database import Database
from cloudnova_webapp.users.listing import COLUMNS, ListQuery, Page, build, page_of
from cloudnova_webapp.users.rules import Person, fold


class User(NamedTuple):
    """A stored user, its fields in the order of listing.COLUMNS.

    Times are UTC without a zone; `version` grows by 1 with every change.
    """

    id: int
    name: str
    email: str
    created_at: datetime
    updated_at: datetime
    version: int


class NotFound(LookupError):
    """There is no user with this id."""


class Conflict(Exception):
    """The user was changed by somebody else since it was read."""


class UserStore:
    """The users of one database. All methods raise DatabaseUnavailable when it does not answer."""

    def __init__(self, database: Database):
        self._database = database

    def page(self, query: ListQuery) -> Page[User]:
        """One page of the users that `query` asks for."""
        statement, values = build(query)
        return page_of(query, list(map(User._make, self._database.rows("list", statement, values))))

    def count(self) -> int:
        """How many users there are; 8 ms at 100,000."""
        return self._database.rows("count", "SELECT COUNT(*) FROM users")[0][0]

    def get(self, user_id: int) -> User:
        """The user with this id. Raises NotFound."""
        rows = self._database.rows("get", f"SELECT {COLUMNS} FROM users WHERE id = %s", (user_id,))  # noqa: S608
        if not rows:
            raise NotFound(user_id)
        return User(*rows[0])

    def add(self, person: Person) -> User:
        """Store a new user. The unique index decides about the address: raises DuplicateKey."""
        return self._insert("insert", None, person, _now())

    def restore(self, user: User) -> User:
        """Store a deleted user again, with its id and age. Raises DuplicateKey if id or address are taken."""
        return self._insert("restore", user.id, Person(user.name, user.email), user.created_at)

    def update(self, user_id: int, person: Person, version: int | None = None) -> User:
        """Change name and address; with `version` only if the user still has it.

        Raises NotFound, Conflict and DuplicateKey.
        """
        changed, _ = self._database.change(
            "update",
            "UPDATE users SET name = %s, email = %s, search = %s, updated_at = %s, version = version + 1 "
            "WHERE id = %s AND (%s IS NULL OR version = %s)",
            (person.name, person.email, _search(person), _now(), user_id, version, version),
        )
        user = self.get(user_id)
        if not changed:
            raise Conflict(user_id)
        return user

    def delete(self, user_id: int, version: int | None = None) -> None:
        """Remove the user; with `version` only if it still has it. Raises NotFound, Conflict."""
        changed, _ = self._database.change(
            "delete", "DELETE FROM users WHERE id = %s AND (%s IS NULL OR version = %s)", (user_id, version, version)
        )
        if not changed:
            self.get(user_id)
            raise Conflict(user_id)

    def _insert(self, operation: str, user_id: int | None, person: Person, created: datetime) -> User:
        now = _now()
        _, new_id = self._database.change(
            operation,
            "INSERT INTO users (id, name, email, search, created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s)",
            (user_id, person.name, person.email, _search(person), created, now),
        )
        return User(user_id or new_id, person.name, person.email, created, now, 1)


def _search(person: Person) -> bytes:
    return fold(f"{person.name}\n{person.email}").encode()


def _now() -> Any:
    return datetime.now(UTC).replace(tzinfo=None)
