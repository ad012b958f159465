"""Brings the schema to this version's revision; safe when several replicas do it at once."""

import logging
import time

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from cloudnova_webapp.database import connector
from cloudnova_webapp.schema import REVISIONS, SchemaState, classify
from cloudnova_webapp.settings import DatabaseSettings

LOCK_NAME = "cloudnova_webapp_migrate"
LOCK_SECONDS = 300
"""How long a replica waits for another one's migration."""
_log = logging.getLogger("webapp.migrate")


class MigrationFailed(Exception):
    """The schema could not be brought up to date; the message says why."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file; `connection` is the one that migrations run on."""
    config = Config()
    config.set_main_option("script_location", "cloudnova_webapp:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(settings: DatabaseSettings, target: str = "head", wait_seconds: int = 60) -> SchemaState:
    """Upgrade to `target` and return the state found before.

    Waits up to `wait_seconds` for a database that does not answer yet (it may be starting) and LOCK_SECONDS for
    another replica. A newer schema is left alone. Raises MigrationFailed.
    """
    # DDL on a large table takes minutes: a socket limit far above, and none on statements.
    connect = connector(settings, read_seconds=3600, statement_milliseconds=0)
    engine = create_engine("mysql+mysqldb://", creator=connect, pool_size=1)
    try:
        with _connect_patiently(engine.connect, wait_seconds) as connection:
            # The lock belongs to this connection: a replica that dies frees it.
            if connection.execute(text("SELECT GET_LOCK(:name, :seconds)"),
                                  {"name": LOCK_NAME, "seconds": LOCK_SECONDS}).scalar() != 1:
                raise MigrationFailed(f"another migration held the lock {LOCK_NAME} for {LOCK_SECONDS} s: see its log")
            before = classify(MigrationContext.configure(connection).get_current_revision())
            if before is SchemaState.NEWER:
                _log.warning("schema is newer than this version knows (%s): left as it is", REVISIONS[-1])
                return before
            command.upgrade(alembic_config(connection), target)
            _log.info("schema was %s, is at %s now", before, target)
            return before
    except OperationalError as error:
        where = f"{settings.user}@{settings.host}:{settings.port}/{settings.name}"
        raise MigrationFailed(f"{where}: {error.orig}") from error
    finally:
        engine.dispose()


def _connect_patiently(connect, wait_seconds: int) -> Connection:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return connect()
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise
            _log.info("waiting for the database: %s", error.orig)
            time.sleep(1)
