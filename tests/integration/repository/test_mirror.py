"""Fetching, comparing and writing out, with real git."""

import random
import threading
import time
from pathlib import Path

import pytest

from app.repository.errors import CommitMissing, FetchTrouble, NoMergeBase, ShallowClone, TooLarge
from app.repository.git import Remote
from app.repository.mirror import Mirror, RepositoryLimits
from app.repository.process import Bounds
from app.repository.tree import TreeLimits
from app.repository.workspaces import Workspaces
from checks.change import FileStatus
from runner.errors import Cancelled
from tests.repositories import Source


@pytest.fixture
def source(tmp_path: Path) -> Source:
    made = Source(tmp_path / "source")
    made.commit({"a.py": "one\ntwo\nthree\n", "keep/b.py": "b\n" * 30, "gone.txt": "x\n"}, "First")
    return made


def mirror(tmp_path: Path, limits: RepositoryLimits | None = None) -> Mirror:
    return Mirror(tmp_path / "data", "github.com/o/r", limits)


def fetched(tmp_path: Path, source: Source, *wants: str) -> Mirror:
    made = mirror(tmp_path)
    made.fetch(Remote(source.url), wants)
    return made


def test_a_change_is_what_head_did_since_it_left_base(tmp_path: Path, source: Source) -> None:
    fork = source.git("rev-parse", "HEAD")
    source.git("checkout", "--quiet", "-b", "feature")
    head = source.commit(
        {
            "a.py": "one\n2\nthree\nfour\n",
            "gone.txt": None,
            "new.bin": b"\0\1",
            "odd\n\xff.py".encode("latin1").decode("utf-8", "surrogateescape"): "z\n",
        }
    )
    source.git("mv", "keep/b.py", "moved.py")
    head = source.commit({})
    source.git("checkout", "--quiet", "main")
    base = source.commit({"other.txt": "on main\n"})
    copy = fetched(tmp_path, source, base, head)
    assert copy.merge_base(base, head) == fork
    files = {file.path: file for file in copy.diff(fork, head)}
    assert set(files) == {"a.py", "gone.txt", "new.bin", "moved.py", "odd\n\udcff.py"}
    assert (files["a.py"].added, files["a.py"].removed) == (frozenset({2, 4}), 1)
    assert files["gone.txt"].status is FileStatus.DELETED
    assert (files["new.bin"].binary, files["new.bin"].size) == (True, 2)
    assert (files["moved.py"].status, files["moved.py"].old_path) == (FileStatus.RENAMED, "keep/b.py")
    assert files["odd\n\udcff.py"].added == frozenset({1})


def test_export_writes_plain_files(tmp_path: Path, source: Source) -> None:
    (source.directory / "run.sh").write_text("#!/bin/sh\n")
    (source.directory / "run.sh").chmod(0o755)
    (source.directory / "link").symlink_to("keep/b.py")
    head = source.commit({"odd\n\udcff.py": "z\n"})
    folder = tmp_path / "out"
    told = fetched(tmp_path, source, head).export(head, folder)
    assert (folder / "a.py").read_text() == "one\ntwo\nthree\n"
    assert (folder / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (folder / "a.py").stat().st_mode & 0o777 == 0o644
    assert (folder / "link").readlink() == Path("keep/b.py")
    assert (folder / "odd\n\udcff.py").read_text() == "z\n"
    assert not (folder / ".git").exists()
    assert told.files == 6


def test_refs_are_fetched_by_name(tmp_path: Path, source: Source) -> None:
    head = source.git("rev-parse", "HEAD")
    source.git("update-ref", "refs/pull/7/head", head)
    copy = mirror(tmp_path)
    assert copy.fetch(Remote(source.url), ["refs/pull/7/head", "refs/heads/main"]) == {
        "refs/pull/7/head": head,
        "refs/heads/main": head,
    }
    newer = source.commit({"a.py": "newer\n"})
    assert copy.fetch(Remote(source.url), ["refs/heads/main"])["refs/heads/main"] == newer


def test_a_commit_that_is_here_needs_no_remote(tmp_path: Path, source: Source) -> None:
    head = source.git("rev-parse", "HEAD")
    copy = fetched(tmp_path, source, head)
    assert copy.fetch(Remote("/nowhere/at/all"), [head]) == {head: head}


@pytest.mark.parametrize(
    "want",
    [
        pytest.param("refs/heads/none", id="no such branch"),
        pytest.param("1" * 40, id="no such commit"),
        pytest.param("--upload-pack=touch pwned", id="an option"),
        pytest.param("refs/heads/../../x", id="dots"),
        pytest.param("refs/heads/a:refs/heads/b", id="a whole specification"),
        pytest.param("main", id="a short name"),
    ],
)
def test_what_is_not_there_is_told_apart(tmp_path: Path, source: Source, want: str) -> None:
    with pytest.raises(CommitMissing):
        mirror(tmp_path).fetch(Remote(source.url), [want])


def test_no_common_history(tmp_path: Path, source: Source) -> None:
    base = source.git("rev-parse", "HEAD")
    head = source.commit_tree(source.tree([("100644", b"x", source.blob(b"x"))]))
    with pytest.raises(NoMergeBase):
        fetched(tmp_path, source, base, head).merge_base(base, head)


def test_commits_say_who_wrote_them(tmp_path: Path, source: Source) -> None:
    base = source.git("rev-parse", "HEAD")
    who = {"GIT_AUTHOR_NAME": "Some Agent\u202e", "GIT_AUTHOR_EMAIL": "agent@example.org"}
    source.commit({"a.py": "1\n"}, "One\n\nCo-authored-by: Somebody <s@example.org>", who)
    head = source.commit({"a.py": "2\n"}, "Two")
    two, one = fetched(tmp_path, source, base, head).commits(base, head)
    assert (one.author_name, one.author_email) == ("Some Agent\u202e", "agent@example.org")
    assert "Co-authored-by: Somebody" in one.message
    assert (two.sha, two.parents) == (head, (one.sha,))


def test_read_file(tmp_path: Path, source: Source) -> None:
    head = source.commit({".github/mergelock.yml": "version: 1\n"})
    copy = fetched(tmp_path, source, head)
    assert copy.read_file(head, ".github/mergelock.yml") == b"version: 1\n"
    assert copy.read_file(head, ".github/none.yml") is None
    assert copy.read_file(head, "../etc/passwd") is None
    with pytest.raises(TooLarge):
        copy.read_file(head, "keep/b.py", limit=10)


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(TreeLimits(entries=3), id="entries"),
        pytest.param(TreeLimits(file=20), id="one file"),
        pytest.param(TreeLimits(total=40), id="all files"),
        pytest.param(TreeLimits(symlinks=0), id="symlinks"),
    ],
)
def test_trees_over_a_limit_leave_nothing_on_disk(tmp_path: Path, source: Source, limits: TreeLimits) -> None:
    (source.directory / "link").symlink_to("a.py")
    head = source.commit({})
    copy = mirror(tmp_path, RepositoryLimits(tree=limits))
    copy.fetch(Remote(source.url), [head])
    with pytest.raises(TooLarge):
        copy.export(head, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_changes_over_a_limit(tmp_path: Path, source: Source) -> None:
    base = source.git("rev-parse", "HEAD")
    head = source.commit({"a.py": "x\n" * 50, "n1": "1", "n2": "2"})
    for limits in (RepositoryLimits(changed_files=2), RepositoryLimits(changed_lines=20), RepositoryLimits(commits=0)):
        copy = mirror(tmp_path, limits)
        copy.fetch(Remote(source.url), [base, head])
        with pytest.raises(TooLarge):
            assert copy.diff(base, head)
            copy.commits(base, head)


def test_a_transfer_over_its_limit_is_stopped(tmp_path: Path, source: Source) -> None:
    head = source.commit({"big": random.Random(1).randbytes(3_000_000)})
    copy = mirror(tmp_path, RepositoryLimits(fetch=Bounds(file_size=1_000_000)))
    with pytest.raises(TooLarge):
        copy.fetch(Remote(source.url), [head])
    assert not list((copy.directory / "objects" / "pack").glob("tmp_*"))


def test_a_called_off_fetch_stops(tmp_path: Path, source: Source) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        mirror(tmp_path).fetch(Remote(source.url), ["refs/heads/main"], cancel=cancel)


def test_many_fetches_at_once(tmp_path: Path, source: Source) -> None:
    heads = [source.commit({"a.py": f"{number}\n"}) for number in range(6)]
    failures: list[BaseException] = []

    def fetch(head: str) -> None:
        try:
            fetched(tmp_path, source, head)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=fetch, args=(head,)) for head in heads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert [mirror(tmp_path).commit(head) for head in heads] == heads


def test_workspaces_are_removed_and_leftovers_swept(tmp_path: Path) -> None:
    places = Workspaces(tmp_path)
    left = places.directory / "run-left"
    with places.new() as folder:
        (folder / "locked").mkdir()
        (folder / "locked" / "file").write_text("x")
        (folder / "locked").chmod(0)
        (left / "files").mkdir(parents=True)
        assert places.sweep() == 1
        assert folder.exists()
    assert not folder.parent.exists()
    assert not left.exists()


def test_a_command_past_its_time_is_trouble(tmp_path: Path, source: Source) -> None:
    before = time.monotonic()
    with pytest.raises(FetchTrouble):
        mirror(tmp_path, RepositoryLimits(fetch=Bounds(seconds=0.0))).fetch(Remote(source.url), ["refs/heads/main"])
    assert time.monotonic() - before < 5


def test_many_small_packs_are_put_together(tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.repository.mirror._PACKS_KEPT", 3)
    copy = mirror(tmp_path)
    heads = [source.commit({"a.py": f"{number}\n"}) for number in range(6)]
    for head in heads:
        copy.fetch(Remote(source.url), [head])
    assert len(list((copy.directory / "objects" / "pack").glob("*.pack"))) <= 4
    assert [copy.read_file(head, "a.py") for head in heads] == [f"{number}\n".encode() for number in range(6)]


def test_a_shallow_clone_is_named_as_such(tmp_path: Path, source: Source) -> None:
    head = source.commit({"a.py": "newer\n"})
    source.git("clone", "--quiet", "--depth", "1", f"file://{source.directory}", str(tmp_path / "shallow"))
    with pytest.raises(ShallowClone, match="unshallow"):
        mirror(tmp_path).fetch(Remote(str(tmp_path / "shallow")), [head])


def test_a_linked_worktree_is_a_source_too(tmp_path: Path, source: Source) -> None:
    head = source.commit({"a.py": "newer\n"})
    source.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    git_dir = Source.at(tmp_path / "linked").git("rev-parse", "--absolute-git-dir")
    assert mirror(tmp_path).fetch(Remote(git_dir), [head]) == {head: head}
