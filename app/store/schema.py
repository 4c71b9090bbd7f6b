"""Bring the database's tables to this version, and say whether they are."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.store.errors import SchemaBehind
from app.store.locks import Lock, hold

VERSION_TABLE = "mergelock_schema"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def upgrade(engine: sa.Engine) -> None:
    """Run the migrations that are missing, in one transaction under a lock: several processes may start at once.

    Raises SchemaBehind when the database is of a newer version than this program.
    """
    config = _config()
    with engine.begin() as connection:
        hold(connection, Lock.MIGRATE)
        found = _found(connection)
        if found is not None and found not in _known():
            raise SchemaBehind(f"the database is of a newer version ({found}): start a newer mergelock on it")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(engine: sa.Engine) -> bool:
    """Whether the database's tables are those of this version."""
    with engine.connect() as connection:
        return _found(connection) == newest()


def newest() -> str:
    """The newest migration's name."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise SchemaBehind("this installation holds no migrations: install mergelock again")
    return head


def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _found(connection: sa.Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()
