"""Shared parts of the tests: one MySQL server for the run, one migrated database, applications on top of them."""

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from cloudnova_webapp.app import create_app
from cloudnova_webapp.migrate import migrate
from cloudnova_webapp.settings import load, load_database
from tests.live_server import LiveServer, web_environment
from tests.mysql_server import MySQLServer

# Every example is a request with a query; the count is set where it matters.
settings.register_profile("default", deadline=None, max_examples=150, database=None, derandomize=True,
                          suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("default")


def pytest_report_header() -> str:
    """Say which database is tested against."""
    return f"MySQL from Debian sid in {os.environ.get('MYSQL_ROOT', '(unset: run test.sh)')}"


@pytest.fixture(scope="session")
def mysql(request: pytest.FixtureRequest) -> Iterator[MySQLServer]:
    """The run's MySQL server."""
    server = MySQLServer(os.environ["MYSQL_ROOT"])
    request.config.get_terminal_writer().line(f"\nMySQL {server.version} on port {server.port}")
    yield server
    server.close()


@pytest.fixture(scope="session")
def migrated(mysql: MySQLServer) -> str:
    """Name of a database with the current schema."""
    name = mysql.new_database()
    migrate(load_database(mysql.environment(name, "migrator")))
    return name


@pytest.fixture
def database(mysql: MySQLServer, migrated: str) -> str:
    """Name of the migrated database, with empty tables."""
    for table in ("users", "login_limits"):
        mysql.query(f"DELETE FROM {migrated}.{table}")
    return migrated


@pytest.fixture
def app(mysql: MySQLServer, database: str) -> Iterator[Flask]:
    """The application in this process, where everybody may write."""
    yield make_app(mysql, database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of `app` that speaks HTTPS, because its cookies are for HTTPS alone."""
    return https(app)


def make_app(mysql: MySQLServer, database: str, **variables: str) -> Flask:
    """An application with the given variables on top of the usual ones."""
    return create_app(load(web_environment(mysql.environment(database), **variables)))


def https(app: Flask) -> FlaskClient:
    """A client of `app` over HTTPS."""
    app.config["PREFERRED_URL_SCHEME"] = "https"  # what the test client takes as its scheme
    client = app.test_client()
    client.environ_base["HTTP_REFERER"] = "https://localhost/"
    return client


@pytest.fixture(scope="session")
def live(mysql: MySQLServer, migrated: str) -> Iterator[LiveServer]:
    """The application under gunicorn, as the image runs it, with fault injection on."""
    with LiveServer(mysql.environment(migrated), FAULT_INJECTION="on", FAULT_TOKEN="t" * 16) as server:
        yield server
