"""The audit record: who did what, when, on which commit, under which policy, as a hash chain.

Each entry's hash covers the entry and the hash before it: a changed, dropped, added or swapped row breaks the chain.
Cutting off the *newest* rows leaves a whole, shorter chain; only a note of `head` kept elsewhere shows that.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from app.store.columns import storable
from app.store.engine import Store, clock
from app.store.errors import TooLarge
from app.store.locks import Lock, hold
from app.store.tables import audit

GENESIS = "0" * 64
DATA_LIMIT = 1024 * 1024
PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What someone did. `actor` is a person's login, or `mergelock`; `policy` is a digest; `data` JSON-able."""

    actor: str
    action: str
    repository: str = ""
    number: int | None = None
    head: str = ""
    policy: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry as stored; `at` is ISO 8601 in UTC and `data` canonical JSON: the hash is over exactly these."""

    seq: int
    at: str
    actor: str
    action: str
    repository: str
    number: int | None
    head: str
    policy: str
    data: str
    previous: str
    hash: str

    def expected_hash(self) -> str:
        """What `hash` must be."""
        fields = [
            self.seq, self.at, self.actor, self.action, self.repository, self.number, self.head, self.policy, self.data
        ]  # fmt: skip
        return hashlib.sha256(canonical([self.previous, *fields]).encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest entry's number and hash: note it elsewhere, and a cut-off tail shows. (0, GENESIS) when empty."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What verifying found. `first_bad_seq` is the first number where the chain does not hold; `problem` says how."""

    ok: bool
    entries: int
    head: Anchor
    first_bad_seq: int | None = None
    problem: str = ""


def canonical(value: Any) -> str:
    """JSON in the one form that is hashed: ASCII, sorted keys, no white space."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def record(connection: sa.Connection, act: Act) -> AuditEntry:
    """Add an entry. One writer at a time: the lock is held until the transaction ends, so do it last."""
    data = canonical(act.data)
    if len(data) > DATA_LIMIT:
        raise TooLarge(DATA_LIMIT)
    hold(connection, Lock.AUDIT)
    last = head(connection)
    entry = AuditEntry(
        seq=last.seq + 1,
        at=clock(connection).astimezone(UTC).isoformat(timespec="microseconds"),
        actor=storable(act.actor, 200),
        action=storable(act.action, 64),
        repository=storable(act.repository, 300),
        number=act.number,
        head=storable(act.head, 64),
        policy=storable(act.policy, 64),
        data=data,
        previous=last.hash,
        hash="",
    )
    values = {name: getattr(entry, name) for name in AuditEntry.__dataclass_fields__}
    sealed = AuditEntry(**{**values, "hash": entry.expected_hash()})
    connection.execute(audit.insert().values({**values, "hash": sealed.hash}))
    return sealed


def head(connection: sa.Connection) -> Anchor:
    """The newest entry's number and hash."""
    row = connection.execute(sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    return Anchor(0, GENESIS) if row is None else Anchor(row.seq, row.hash)


def entries(
    connection: sa.Connection, *, after: int = 0, limit: int = PAGE, repository: str = "", number: int | None = None
) -> list[AuditEntry]:
    """Entries after a number, in order, perhaps of one repository or pull request only."""
    chosen = sa.select(audit).where(audit.c.seq > after)
    if repository:
        chosen = chosen.where(audit.c.repository == repository)
    if number is not None:
        chosen = chosen.where(audit.c.number == number)
    return [AuditEntry(**row) for row in connection.execute(chosen.order_by(audit.c.seq).limit(limit)).mappings()]


def verify(store: Store, anchor: Anchor | None = None) -> AuditReport:
    """Walk the whole chain; with an `anchor` noted earlier, also whether the record still reaches and holds it."""
    previous, seq, anchored = GENESIS, 0, anchor is None or anchor.seq == 0
    with store.reading() as connection:
        while page := entries(connection, after=seq):
            for entry in page:
                problem = _fault(entry, seq + 1, previous)
                if anchor is not None and entry.seq == anchor.seq:
                    anchored = entry.hash == anchor.hash
                    problem = problem or ("" if anchored else "is not the entry that the anchor names")
                if problem:
                    return AuditReport(False, seq, Anchor(seq, previous), seq + 1, f"entry {seq + 1} {problem}")
                previous, seq = entry.hash, entry.seq
    if not anchored:
        return AuditReport(False, seq, Anchor(seq, previous), seq + 1, "the record ends before the anchor: cut off")
    return AuditReport(True, seq, Anchor(seq, previous))


def _fault(entry: AuditEntry, seq: int, previous: str) -> str:
    if entry.seq != seq:
        return "is missing"
    if entry.previous != previous:
        return "does not follow the one before it"
    if entry.hash != entry.expected_hash():
        return "was changed after it was written"
    return ""


def parse_time(entry: AuditEntry) -> datetime:
    """The entry's moment."""
    return datetime.fromisoformat(entry.at)
