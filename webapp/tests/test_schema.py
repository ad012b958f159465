"""Migrations and what the application does on each state of the schema."""

import threading

import MySQLdb
import pytest

from cloudnova_webapp.migrate import MigrationFailed, alembic_config, migrate
from cloudnova_webapp.schema import REVISIONS, SchemaState, classify
from cloudnova_webapp.settings import load_database
from tests.conftest import https, make_app


@pytest.fixture
def empty(mysql) -> str:
    return mysql.new_database()


def run(mysql, name: str, target: str = "head") -> SchemaState:
    return migrate(load_database(mysql.environment(name, "migrator")), target)


def revision(mysql, name: str) -> str:
    return mysql.query(f"SELECT version_num FROM {name}.alembic_version")[0][0]


def test_the_list_of_revisions_is_that_of_the_migrations():
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(alembic_config())
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS


@pytest.mark.parametrize(("found", "state"), [
    (None, SchemaState.EMPTY), ("0001", SchemaState.OLDER), (REVISIONS[-1], SchemaState.CURRENT),
    ("9999", SchemaState.NEWER),
])
def test_classify(found, state):
    assert classify(found) is state


def test_empty_schema_is_not_ready_until_migrated(mysql, empty):
    client = https(make_app(mysql, empty))
    assert client.get("/readyz").json == {"status": "not ready", "reason": "empty"}
    assert client.get("/healthz").status_code == 200
    assert client.get("/users").status_code == 503
    assert run(mysql, empty) is SchemaState.EMPTY
    client = https(make_app(mysql, empty))  # a new one, because the answer is kept for half a second
    assert client.get("/readyz").json == {"status": "ready"}
    assert client.get("/users").status_code == 200
    assert run(mysql, empty) is SchemaState.CURRENT


def test_older_schema_is_not_ready_and_keeps_its_users_when_migrated(mysql, empty):
    run(mysql, empty, "0001")
    mysql.query(f"INSERT INTO {empty}.users (name, email) VALUES ('José Núñez', 'JN@example.com')")
    client = https(make_app(mysql, empty))
    assert client.get("/readyz").json == {"status": "not ready", "reason": "older"}
    assert client.get("/users").status_code == 503
    assert run(mysql, empty) is SchemaState.OLDER
    assert "José Núñez" in client.get("/users?q=nunez&match=contains").text


def test_newer_schema_is_ready_and_left_alone(mysql, empty):
    run(mysql, empty)
    mysql.query(f"UPDATE {empty}.alembic_version SET version_num = '9999'")
    client = https(make_app(mysql, empty))
    assert client.get("/readyz").json == {"status": "ready"}
    assert client.get("/users").status_code == 200
    assert run(mysql, empty) is SchemaState.NEWER
    assert revision(mysql, empty) == "9999"


def test_the_first_schema_still_takes_inserts_of_the_version_before(mysql, empty):
    """A rolling update: the old version's replicas serve on the new schema."""
    run(mysql, empty)
    mysql.query(f"INSERT INTO {empty}.users (name, email) VALUES ('Old', 'old@example.com')")
    assert mysql.query(f"SELECT version FROM {empty}.users") == ((1,),)


def test_eight_replicas_migrate_at_once(mysql, empty):
    found, errors = [], []

    def replica() -> None:
        try:
            found.append(run(mysql, empty))
        except Exception as error:
            errors.append(error)

    replicas = [threading.Thread(target=replica) for _ in range(8)]
    for thread in replicas:
        thread.start()
    for thread in replicas:
        thread.join()
    assert not errors
    assert sorted(found) == [SchemaState.CURRENT] * 7 + [SchemaState.EMPTY]
    assert revision(mysql, empty) == REVISIONS[-1]


def test_read_only_database_keeps_no_pod_from_starting(mysql, empty):
    """MySQL refuses writes while its disk is nearly full: a schema that is current needs none, an older one says why."""
    run(mysql, empty, "0001")
    try:
        mysql.query("SET GLOBAL read_only = ON")
        with pytest.raises(MigrationFailed, match=r"migrator@127\.0\.0\.1:\d+/app_.*read-only"):
            run(mysql, empty)
        mysql.query("SET GLOBAL read_only = OFF")
        assert run(mysql, empty) is SchemaState.OLDER
        mysql.query("SET GLOBAL read_only = ON")
        assert run(mysql, empty) is SchemaState.CURRENT
    finally:
        mysql.query("SET GLOBAL read_only = OFF")


def test_migrating_needs_the_migrators_rights(mysql, empty):
    with pytest.raises(MigrationFailed, match=r"webapp@127\.0\.0\.1:\d+/app_.*denied"):
        migrate(load_database(mysql.environment(empty, "webapp")), wait_seconds=0)


def test_the_web_account_cannot_change_tables(mysql, migrated):
    settings = load_database(mysql.environment(migrated))
    connection = MySQLdb.connect(host=settings.host, port=settings.port, user=settings.user, passwd=settings.password,
                                 db=settings.name, ssl_mode="REQUIRED")
    with pytest.raises(MySQLdb.OperationalError, match="denied"):
        connection.cursor().execute("DROP TABLE users")
    connection.close()
