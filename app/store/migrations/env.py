"""What Alembic runs: the migrations, on the connection that `app.store.schema.upgrade` hands in."""

from alembic import context

from app.store.schema import VERSION_TABLE
from app.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
