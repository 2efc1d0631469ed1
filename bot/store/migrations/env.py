"""Alembic runs this for every command; the connection comes from ``bot.store.migrations`` and is in a transaction."""

from alembic import context

from bot.store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.people.metadata,
    # SQLite changes little of a table in place; Alembic then copies it.
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
