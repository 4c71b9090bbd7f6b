"""Posted checks, workers, locks and sign-in."""

import threading
from datetime import timedelta

from app.store import Store, checks, locks, sign_in, workers
from app.store.locks import Lock
from app.store.tables import sessions, sign_ins


def test_a_posted_check_is_found_again_and_updated(store: Store) -> None:
    place = ("octo/hello", "a" * 40, "mergelock")
    with store.writing() as connection:
        assert checks.find(connection, *place) is None
        checks.note(connection, *place, external_id="e", github_id=1, digest="d1")
        checks.note(connection, *place, external_id="e", github_id=1, digest="d2")
        found = checks.find(connection, *place)
        assert checks.find(connection, "octo/hello", "a" * 40, "mergelock / tests") is None
    assert found is not None
    assert (found.github_id, found.digest) == (1, "d2")


def test_workers_live_fall_silent_and_are_removed_only_while_silent(store: Store) -> None:
    with store.writing() as connection:
        workers.register(connection, "w", pid=10, host="h", version="1")
        (worker,) = workers.alive(connection)
        assert workers.silent(connection, within=timedelta(minutes=1)) == []
        assert [w.pid for w in workers.silent(connection, within=timedelta(0))] == [10]
        assert workers.beat(connection, "w")
        assert not workers.remove(connection, "w", last_heartbeat=worker.heartbeat)  # it was heard of since
        workers.register(connection, "w", pid=11, host="h", version="2")
        (worker,) = workers.alive(connection)
        assert (worker.pid, worker.version) == (11, "2")
        assert workers.remove(connection, "w", last_heartbeat=worker.heartbeat)
        assert not workers.remove(connection, "w")
        assert not workers.beat(connection, "w")
        assert workers.alive(connection) == []


def test_a_lock_is_held_until_the_transaction_ends(store: Store) -> None:
    if store.engine.dialect.name == "sqlite":
        with store.writing() as connection:
            assert locks.try_hold(connection, Lock.SWEEP)
        return
    with store.writing() as first:
        locks.hold(first, Lock.SWEEP)
        with store.writing() as second:
            assert not locks.try_hold(second, Lock.SWEEP)
            assert locks.try_hold(second, Lock.AUDIT)
    with store.writing() as third:
        assert locks.try_hold(third, Lock.SWEEP)


def test_a_sign_in_link_works_once(store: Store) -> None:
    with store.writing() as connection:
        token = sign_in.new_link_token(connection)
        session = sign_in.redeem(connection, token)
        assert len(token) == sign_in.TOKEN_LENGTH
        assert session is not None
        assert sign_in.redeem(connection, token) is None
        assert sign_in.session_valid(connection, session)
        assert not sign_in.session_valid(connection, token)
        sign_in.end_session(connection, session)
        assert not sign_in.session_valid(connection, session)


def test_old_and_made_up_links_open_nothing(store: Store) -> None:
    with store.writing() as connection:
        old = sign_in.new_link_token(connection, life=timedelta(seconds=-1))
        assert sign_in.redeem(connection, old) is None
        assert sign_in.redeem(connection, "x" * 43) is None
        assert sign_in.redeem(connection, "") is None
        assert sign_in.redeem(connection, "\udcff\x00") is None


def test_a_session_ends_by_itself(store: Store) -> None:
    with store.writing() as connection:
        session = sign_in.redeem(connection, sign_in.new_link_token(connection), life=timedelta(seconds=-1))
        assert session is not None
        assert not sign_in.session_valid(connection, session)


def test_no_token_is_kept(store: Store) -> None:
    with store.writing() as connection:
        token = sign_in.new_link_token(connection)
        session = sign_in.redeem(connection, token)
        kept = [str(row) for t in (sign_ins, sessions) for row in connection.execute(t.select())]
    assert len(kept) == 2
    assert session is not None
    assert not any(secret in row for row in kept for secret in (token, session))


def test_of_two_who_use_a_link_at_once_one_gets_in(store: Store) -> None:
    with store.writing() as connection:
        token = sign_in.new_link_token(connection)
    answers: list[str | None] = []
    barrier = threading.Barrier(3)

    def use() -> None:
        barrier.wait(timeout=10)
        with store.writing() as connection:
            answers.append(sign_in.redeem(connection, token))

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(answers) == 3
    assert sum(answer is not None for answer in answers) == 1
