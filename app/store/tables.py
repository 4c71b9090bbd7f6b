"""The tables. What they hold of a pull request is text from strangers: bounded here, escaped where it is shown."""

import sqlalchemy as sa

from app.store.columns import BigId, ExactJson, UtcTime, Words

MIB = 1024 * 1024
NAME = 300  # characters of a repository's full name, a branch, a person
RESULT_LIMIT = 16 * MIB
PAYLOAD_LIMIT = 25 * MIB  # GitHub's own bound on a delivery

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# One webhook request that was let in. `payload` is forgotten after a while; the row stays, so that a repeat is known.
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("guid", sa.String(64), nullable=False, unique=True),
    sa.Column("event", sa.String(64), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("repository", sa.String(NAME), nullable=False, server_default=""),
    sa.Column("number", sa.BigInteger),
    sa.Column("installation", sa.BigInteger),
    sa.Column("received_at", UtcTime, nullable=False, index=True),
    sa.Column("headers", ExactJson(16_384), nullable=False),
    sa.Column("payload", sa.LargeBinary(PAYLOAD_LIMIT)),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("handled_at", UtcTime),
    sa.Column("note", Words(2_000), nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

# One judging of one change under one policy. `key` names it: the same key is the same run.
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("key", sa.String(128), nullable=False, unique=True),
    sa.Column("repository", sa.String(NAME), nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("installation", sa.BigInteger),
    sa.Column("head", sa.String(64), nullable=False),
    sa.Column("base", sa.String(64), nullable=False, server_default=""),
    sa.Column("base_ref", Words(NAME), nullable=False, server_default=""),
    sa.Column("title", Words(NAME), nullable=False, server_default=""),
    sa.Column("author", Words(NAME), nullable=False, server_default=""),
    sa.Column("policy", sa.String(64), nullable=False, server_default=""),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("verdict", sa.String(16)),
    sa.Column("reasons", ExactJson(MIB)),
    sa.Column("agent", ExactJson(MIB)),
    sa.Column("result", ExactJson(RESULT_LIMIT)),
    sa.Column("basis", ExactJson(RESULT_LIMIT)),
    sa.Column("note", Words(4_000), nullable=False, server_default=""),
    sa.Column("workflow_id", sa.String(200)),
    sa.Column("worker", sa.String(200)),
    sa.Column("superseded_by", BigId, sa.ForeignKey("runs.id")),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("started_at", UtcTime),
    sa.Column("finished_at", UtcTime),
    sa.Column("event_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("event_size", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index(None, "repository", "number", "id"),
    sa.Index(None, "status"),
    sqlite_autoincrement=True,
)

# What a run's steps said, in order: the live page reads on from the last `seq` it saw.
run_events = sa.Table(
    "run_events",
    metadata,
    sa.Column("run_id", BigId, sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("step", Words(200), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, server_default=""),
    sa.Column("text", Words(65_536), nullable=False),
)

# The check runs we posted: found again by (repository, head, name), so that a repeat updates and does not add.
posted_checks = sa.Table(
    "posted_checks",
    metadata,
    sa.Column("repository", sa.String(NAME), primary_key=True),
    sa.Column("head", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("external_id", sa.String(200), nullable=False),
    sa.Column("github_id", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("posted_at", UtcTime, nullable=False),
)

# Who did what, when, on which commit, under which policy. Only ever added to; triggers refuse the rest.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", BigId, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(40), nullable=False),  # as text, because the hash is over exactly this
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("action", sa.String(64), nullable=False, index=True),
    sa.Column("repository", sa.String(NAME), nullable=False),
    sa.Column("number", sa.BigInteger),
    sa.Column("head", sa.String(64), nullable=False),
    sa.Column("policy", sa.String(64), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

# Worker processes and when each was last seen alive.
workers = sa.Table(
    "workers",
    metadata,
    sa.Column("executor_id", sa.String(200), primary_key=True),
    sa.Column("heartbeat", UtcTime, nullable=False),
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("host", Words(NAME), nullable=False),
    sa.Column("version", sa.String(64), nullable=False),
)

# One-time sign-in links and the sessions they open. Only hashes of the tokens are kept.
sign_ins = sa.Table(
    "sign_ins",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
)
