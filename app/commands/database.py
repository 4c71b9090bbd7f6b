"""The database as commands use it that neither serve nor judge: it must be there already."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from app.settings import Settings
from app.store import Store
from app.store.errors import SchemaBehind, StoreError
from app.store.schema import current


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """The database that a server made.

    Raises:
        StoreError: there is none, or it is of another version.
    """
    file = sa.make_url(settings.database).database
    if settings.database.startswith("sqlite") and not Path(file or "").is_file():
        raise StoreError(f"there is no database {file}: check MERGELOCK_DATA_DIR, or start `mergelock serve` once")
    store = Store.open(settings.database, pool_size=1)
    try:
        if not current(store.engine):
            raise SchemaBehind("the database's tables are not of this version: start `mergelock serve` once")
        yield store
    finally:
        store.close()
