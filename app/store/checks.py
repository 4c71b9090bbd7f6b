"""The check runs that were posted to GitHub: so that posting again updates the same one."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.store.engine import clock
from app.store.tables import posted_checks
from app.store.upsert import insert


@dataclass(frozen=True, slots=True)
class PostedCheck:
    """One posted check run. `digest` is of the payload last posted: an equal one need not be posted again."""

    repository: str
    head: str
    name: str
    external_id: str
    github_id: int
    digest: str
    posted_at: datetime


def find(connection: sa.Connection, repository: str, head: str, name: str) -> PostedCheck | None:
    """The check run of that name on that head, if one was posted."""
    c = posted_checks.c
    chosen = sa.select(posted_checks).where(c.repository == repository, c.head == head, c.name == name)
    row = connection.execute(chosen).mappings().one_or_none()
    return None if row is None else PostedCheck(**row)


def note(
    connection: sa.Connection,
    repository: str,
    head: str,
    name: str,
    *,
    external_id: str,
    github_id: int,
    digest: str,
) -> None:
    """Remember what was posted."""
    changed = {"external_id": external_id, "github_id": github_id, "digest": digest, "posted_at": clock(connection)}
    statement = insert(connection, posted_checks).values(repository=repository, head=head, name=name, **changed)
    connection.execute(statement.on_conflict_do_update(index_elements=["repository", "head", "name"], set_=changed))
