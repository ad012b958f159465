"""The composition root: the one place that knows all parts of the application."""

from functools import lru_cache, partial

from flask import Flask

from cloudnova_webapp import VERSION, access, addresses, errors, faults, health, home, i18n, openapi, security
from cloudnova_webapp.database import Database
from cloudnova_webapp.observe.requests import ObservedRequests
from cloudnova_webapp.settings import LANGUAGES, Settings
from cloudnova_webapp.users import api, export, pages
from cloudnova_webapp.users.store import UserStore


def create_app(settings: Settings) -> Flask:
    """Build the application from its settings. Connects to nothing yet."""
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    database = Database(settings.database)
    keys = security.AllKeys(settings)
    app.extensions.update(
        database=database,
        users=UserStore(database),
        readiness=health.Readiness(settings.database, database),
        gate=access.Gate(database, settings.admin_password, keys),
        keys=keys,
        may_write=access.may_write,
    )
    app.config.update(FAULT_TOKEN=settings.fault_token, SEND_FILE_MAX_AGE_DEFAULT=addresses.KEEP_SECONDS)
    i18n.configure(app, settings.default_language)
    for blueprint in (home.pages, pages.pages, export.pages, access.pages, api.api, openapi.api, health.probes):
        app.register_blueprint(blueprint)
    if settings.fault_token:
        app.register_blueprint(faults.debug)
    app.jinja_env.globals.update(
        instance_name=settings.instance_name, version=VERSION,
        languages=[(code, i18n.NAMES[code]) for code in LANGUAGES],
        writing_is_open=settings.admin_password is None,
        asset=lru_cache(partial(addresses.asset, app)),
    )
    errors.configure(app)
    security.configure(app, settings)
    for part in (api.api, faults.debug):  # see their modules: neither acts on a cookie
        security.csrf.exempt(part)
    ObservedRequests(app)
    return app
