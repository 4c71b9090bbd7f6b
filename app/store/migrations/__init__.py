"""The database's history, run by `app.store.schema.upgrade`."""
