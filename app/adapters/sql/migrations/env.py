"""Run by Alembic: migrations go over the connection that `app.adapters.sql.migrate` holds open."""

from alembic import context

from app.adapters.sql.release_tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
