"""Alembic's environment: migrations run on the connection that cloudnova_webapp.migrate opened and locked."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
