"""One-time sign-in links and the sessions they open. Tokens are random and kept only as hashes."""

import hashlib
import hmac
import secrets
from datetime import timedelta

import sqlalchemy as sa

from app.store.engine import clock
from app.store.tables import sessions, sign_ins

TOKEN_BYTES = 32
TOKEN_LENGTH = 43  # of 32 bytes in URL-safe base 64 without padding
LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)


def new_link_token(connection: sa.Connection, *, life: timedelta = LINK_LIFE) -> str:
    """A token for a sign-in link: good once, within its life."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = clock(connection)
    connection.execute(sign_ins.delete().where(sign_ins.c.expires_at < now))
    connection.execute(sign_ins.insert().values(token_hash=_hash(token), expires_at=now + life))
    return token


def redeem(connection: sa.Connection, token: str, *, life: timedelta = SESSION_LIFE) -> str | None:
    """Turn a link's token into a session's; None when it is unknown, used or too old. Of two at once, one gets it."""
    now = clock(connection)
    used = connection.execute(
        sign_ins.update()
        .where(sign_ins.c.token_hash == _hash(token), sign_ins.c.used_at.is_(None), sign_ins.c.expires_at > now)
        .values(used_at=now)
    )
    if used.rowcount != 1:
        return None
    session = secrets.token_urlsafe(TOKEN_BYTES)
    connection.execute(sessions.delete().where(sessions.c.expires_at < now))
    connection.execute(sessions.insert().values(token_hash=_hash(session), created_at=now, expires_at=now + life))
    return session


def session_valid(connection: sa.Connection, token: str) -> bool:
    """Whether a session of that token is open."""
    chosen = sa.select(sessions.c.token_hash).where(
        sessions.c.token_hash == _hash(token), sessions.c.expires_at > clock(connection)
    )
    return connection.execute(chosen).one_or_none() is not None


def end_session(connection: sa.Connection, token: str) -> None:
    """Sign out."""
    connection.execute(sessions.delete().where(sessions.c.token_hash == _hash(token)))


def form_token(session: str) -> str:
    """What a form must carry to act for that session (against cross-site request forgery)."""
    return hmac.new(session.encode(), b"form", hashlib.sha256).hexdigest()


def form_token_valid(session: str, given: str) -> bool:
    """Whether a form carried the right one; in constant time."""
    return hmac.compare_digest(form_token(session).encode(), given.encode("utf-8", "replace"))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
