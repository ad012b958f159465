"""What state the database's tables are in, told from the revision that Alembic wrote down."""

from enum import StrEnum

from cloudnova_webapp.database import Database, DatabaseUnavailable

REVISIONS = ("0001", "0002", "0003", "0004")
"""All revisions that this version knows, oldest first; the last one is what its code needs. A test compares them with
migrations/versions, so that the web process need not load Alembic (about 10 MiB)."""


class SchemaState(StrEnum):
    """State of the schema as this version sees it."""

    EMPTY = "empty"
    """No tables yet: not ready until `migrate` ran."""
    OLDER = "older"
    """A revision before the one needed: not ready until `migrate` ran."""
    CURRENT = "current"
    NEWER = "newer"
    """A revision this version does not know. Ready: during a rolling update the new version migrates first, and every
    migration keeps the version before it working (README.md, "Migrations")."""

    @property
    def is_usable(self) -> bool:
        """Whether this version can serve requests on it."""
        return self in (SchemaState.CURRENT, SchemaState.NEWER)


def classify(revision: str | None) -> SchemaState:
    """State for the revision found in the database; None means that there is none."""
    if revision is None:
        return SchemaState.EMPTY
    if revision == REVISIONS[-1]:
        return SchemaState.CURRENT
    return SchemaState.OLDER if revision in REVISIONS else SchemaState.NEWER


def read_state(database: Database) -> SchemaState:
    """Ask the database. Raises DatabaseUnavailable when it does not answer."""
    try:
        rows = database.rows("schema", "SELECT version_num FROM alembic_version")
    except DatabaseUnavailable as error:
        if error.kind == "schema":
            return SchemaState.EMPTY
        raise
    return classify(rows[0][0] if rows else None)
