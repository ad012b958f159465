"""The command line: python -m cloudnova_webapp COMMAND."""

import argparse
import os
import sys

from cloudnova_webapp import VERSION
from cloudnova_webapp.observe import logs
from cloudnova_webapp.settings import SettingsError, load, load_database

COMMANDS = {
    "migrate": "bring the database's schema to this version's (needs the DATABASE_* variables, with DDL rights)",
    "check": "check the configuration and end",
    "serve": "serve the application (what the image does without a command)",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 wrong configuration or a failed migration."""
    parser = argparse.ArgumentParser("python -m cloudnova_webapp", description=f"CloudNova's web application {VERSION}")
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        commands.add_parser(name, help=text)
    command = parser.parse_args(arguments).command
    try:
        if command == "migrate":
            return _migrate()
        if command == "check":
            load()
            print("configuration is complete and right")
            return 0
        os.execvp(sys.executable, [sys.executable, "-m", "gunicorn", "--config",  # noqa: S606
                                   "python:cloudnova_webapp.gunicorn_conf", "cloudnova_webapp.wsgi:app"])
    except SettingsError as error:
        print(f"cloudnova-webapp: {error}", file=sys.stderr)
        return 1


def _migrate() -> int:
    from cloudnova_webapp.migrate import MigrationFailed, migrate  # Alembic is loaded for this command only

    settings = load_database()
    logs.configure(os.environ.get("LOG_LEVEL", "INFO"))
    try:
        migrate(settings)
    except MigrationFailed as error:
        print(f"cloudnova-webapp: migration failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
