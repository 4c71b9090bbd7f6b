"""Repositories made to break out of the workspace, or to cost us the machine, are refused with a reason."""

import subprocess
import time
from pathlib import Path

import pytest

from app.repository.errors import HostileTree, RepositoryError, TooLarge
from app.repository.git import Remote
from app.repository.mirror import Mirror, RepositoryLimits
from app.repository.objects import parse_tree
from app.repository.tree import TreeLimits
from tests.repositories import Source, write_object


def entry(mode: str, name: bytes, content: str) -> bytes:
    return mode.encode() + b" " + name + b"\0" + bytes.fromhex(content)


class Attack:
    """Writes hostile objects straight into a mirror, past fetch's own object check: the second wall is under test."""

    def __init__(self, folder: Path, limits: RepositoryLimits | None = None) -> None:
        self.mirror = Mirror(folder / "data", "attack", limits)
        self.out = folder / "out"
        self.blob = self.write("blob", b"payload\n")

    def write(self, kind: str, content: bytes) -> str:
        return write_object(self.mirror.directory, kind, content)

    def tree(self, *entries: bytes) -> str:
        return self.write("tree", b"".join(entries))

    def link(self, target: bytes) -> str:
        return self.write("blob", target)

    def commit(self, tree: str) -> str:
        who = "Eve Example <eve@example.org> 1767225600 +0000"
        return self.write("commit", f"tree {tree}\nauthor {who}\ncommitter {who}\n\nAttack\n".encode())

    def refused_link(self, tree: str) -> None:
        """The change that brings this tree is refused, and the link is not written."""
        commit, empty = self.commit(tree), self.commit(self.tree())
        with pytest.raises(HostileTree):
            self.mirror.diff(empty, commit)
        try:
            told = self.mirror.export(commit, self.out)
        except HostileTree:
            assert not self.out.exists()
            return
        assert told.links_left_out
        for left_out in told.links_left_out:
            assert not (self.out / left_out).is_symlink()

    def refused(self, tree: str) -> HostileTree:
        """The error that exporting this tree meets; nothing is left on disk."""
        commit = self.commit(tree)
        with pytest.raises(HostileTree) as told:
            self.mirror.export(commit, self.out)
        assert not self.out.exists()
        with pytest.raises(HostileTree):
            self.mirror.diff(self.commit(self.tree()), commit)
        return told.value


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b".git", id="git"),
        pytest.param(b".GIT", id="capitals"),
        pytest.param(b"GIT~1", id="NTFS short name"),
        pytest.param(".gi\u200dt".encode(), id="HFS"),
        pytest.param(b"..", id="dot dot"),
        pytest.param(b".", id="dot"),
        pytest.param(b"", id="empty"),
        pytest.param(b"../evil", id="slash"),
        pytest.param(b"/etc/cron.d/evil", id="absolute"),
        pytest.param(b"n" * 256, id="long"),
    ],
)
@pytest.mark.parametrize("folder", [pytest.param(False, id="file"), pytest.param(True, id="folder")])
def test_names(tmp_path: Path, name: bytes, folder: bool) -> None:
    attack = Attack(tmp_path)
    inside = attack.tree(entry("100644", b"hooks", attack.blob))
    evil = entry("40000", name, inside) if folder else entry("100644", name, attack.blob)
    attack.refused(attack.tree(evil))
    attack.refused(attack.tree(entry("40000", b"deep", attack.tree(evil))))


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(b"/etc/passwd", id="absolute"),
        pytest.param(b"../../../etc/passwd", id="up"),
        pytest.param(b"..", id="parent"),
        pytest.param(b"d/../../x", id="up by a detour"),
        pytest.param(b"x" * 5000, id="long target"),
        pytest.param(b"", id="empty target"),
        pytest.param(b"a\0b", id="zero byte"),
    ],
)
def test_symlinks_out(tmp_path: Path, target: bytes) -> None:
    attack = Attack(tmp_path)
    attack.refused_link(attack.tree(entry("120000", b"link", attack.link(target))))


def test_a_symlink_and_a_folder_of_one_name_never_write_through(tmp_path: Path) -> None:
    attack = Attack(tmp_path)
    inside = attack.tree(entry("100644", b"passwd", attack.blob))
    told = attack.refused(attack.tree(entry("120000", b"a", attack.link(b"b")), entry("40000", b"a", inside)))
    assert "twice" in told.reason


def test_symlinks_that_leave_together(tmp_path: Path) -> None:
    attack = Attack(tmp_path)
    first = entry("120000", b"l1", attack.link(b"d/e"))
    second = entry("120000", b"l2", attack.link(b"l1/../../.."))
    attack.refused_link(attack.tree(first, second))


def test_symlink_loops(tmp_path: Path) -> None:
    attack = Attack(tmp_path)
    attack.refused_link(attack.tree(entry("120000", b"a", attack.link(b"b")), entry("120000", b"b", attack.link(b"a"))))


def test_a_link_that_was_there_before_blames_nobody(tmp_path: Path) -> None:
    attack = Attack(tmp_path)
    old = entry("120000", b"old", attack.link(b"/etc/hostname"))
    base = attack.commit(attack.tree(old))
    added = entry("100644", b"a.py", attack.blob)
    head = attack.commit(attack.tree(added, old))
    assert [file.path for file in attack.mirror.diff(base, head)] == ["a.py"]
    assert attack.mirror.export(head, attack.out).links_left_out == ("old",)
    assert sorted(path.name for path in attack.out.iterdir()) == ["a.py"]
    moved = attack.tree(added, entry("120000", b"old", attack.link(b"/etc/passwd")))
    through = attack.tree(added, entry("120000", b"new", attack.link(b"old")), old)
    for tree in (moved, through):
        with pytest.raises(HostileTree):
            attack.mirror.diff(base, attack.commit(tree))


@pytest.mark.parametrize("mode", ["100000", "140000", "60644", "777", "020000"])
def test_modes_that_are_no_files(tmp_path: Path, mode: str) -> None:
    attack = Attack(tmp_path)
    attack.refused(attack.tree(entry(mode, b"device", attack.blob)))


def bomb(attack: Attack, leaf: str, levels: int = 10, width: int = 10) -> str:
    """A tree of width^levels folders in a few kilobytes."""
    for _ in range(levels):
        leaf = attack.tree(*(entry("40000", f"{number:02}".encode(), leaf) for number in range(width)))
    return leaf


@pytest.mark.parametrize("empty", [pytest.param(True, id="of empty folders"), pytest.param(False, id="of files")])
def test_tree_bombs_end_soon(tmp_path: Path, empty: bool) -> None:
    attack = Attack(tmp_path, RepositoryLimits(tree=TreeLimits(entries=20_000)))
    leaf = attack.tree() if empty else attack.tree(entry("100644", b"f", attack.blob))
    before = time.monotonic()
    assert isinstance(attack.refused(bomb(attack, leaf)), TooLarge)
    assert time.monotonic() - before < 20


def test_deep_trees(tmp_path: Path) -> None:
    attack = Attack(tmp_path)
    assert isinstance(attack.refused(bomb(attack, attack.tree(), levels=3000, width=1)), TooLarge)


def test_one_small_object_many_times(tmp_path: Path) -> None:
    """The same megabyte a thousand times is a thousand megabytes on disk."""
    attack = Attack(tmp_path, RepositoryLimits(tree=TreeLimits(total=500_000_000)))
    blob = attack.write("blob", b"\0" * 1_000_000)
    tree = attack.tree(*(entry("100644", f"{n:04}".encode(), blob) for n in range(1000)))
    assert isinstance(attack.refused(tree), TooLarge)


def test_a_blob_bomb_is_not_unpacked(tmp_path: Path) -> None:
    attack = Attack(tmp_path, RepositoryLimits(tree=TreeLimits(file=1_000_000)))
    blob = attack.write("blob", b"\0" * 30_000_000)
    assert isinstance(attack.refused(attack.tree(entry("100644", b"zeros", blob))), TooLarge)


def test_a_huge_folder(tmp_path: Path) -> None:
    attack = Attack(tmp_path, RepositoryLimits(tree=TreeLimits(folder=100_000)))
    tree = attack.tree(*(entry("100644", f"{n:06}".encode(), attack.blob) for n in range(10_000)))
    assert isinstance(attack.refused(tree), TooLarge)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"100644", id="cut in the mode"),
        pytest.param(b"100644 a", id="cut in the name"),
        pytest.param(b"100644 a\0" + b"1" * 19, id="cut in the id"),
        pytest.param(b" a\0" + b"1" * 20, id="no mode"),
        pytest.param(b"\0 a" + b"1" * 20, id="zero first"),
    ],
)
def test_trees_that_do_not_parse(data: bytes) -> None:
    with pytest.raises(HostileTree):
        parse_tree(data)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        pytest.param(b".git", "40000", id="git folder"),
        pytest.param(b"..", "40000", id="dot dot"),
        pytest.param(b"a/b", "100644", id="slash"),
    ],
)
def test_the_object_check_refuses_at_the_door(tmp_path: Path, name: bytes, mode: str) -> None:
    source = Source(tmp_path / "source")
    inside = source.tree([("100644", b"x", source.blob(b"x"))])
    commit = source.commit_tree(source.tree([(mode, name, inside if mode == "40000" else source.blob(b"x"))]))
    mirror = Mirror(tmp_path / "data", "o/r")
    with pytest.raises(HostileTree, match="object check"):
        mirror.fetch(Remote(source.url), [commit])
    with pytest.raises(RepositoryError):
        mirror.commit(commit)


def test_no_submodule_url_is_run_or_fetched(tmp_path: Path) -> None:
    source = Source(tmp_path / "source")
    marker = tmp_path / "pwned"
    modules = f'[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch {marker}\n'
    tree = source.tree([("100644", b".gitmodules", source.blob(modules.encode())), ("160000", b"x", "1" * 40)])
    commit = source.commit_tree(tree)
    mirror = Mirror(tmp_path / "data", "o/r")
    with pytest.raises(HostileTree):
        mirror.fetch(Remote(source.url), [commit])
    assert not marker.exists()


def test_a_submodule_is_left_out_and_said(tmp_path: Path) -> None:
    attack = Attack(tmp_path)
    told = attack.mirror.export(attack.commit(attack.tree(entry("160000", b"sub", "1" * 40))), attack.out)
    assert told.submodules == ("sub",)
    assert list(attack.out.iterdir()) == []


def test_attributes_filters_and_line_ends_have_no_say(tmp_path: Path) -> None:
    source = Source(tmp_path / "source")
    marker = tmp_path / "pwned"
    attributes = (
        "* filter=evil ident text eol=crlf working-tree-encoding=UTF-16\n*.py -diff export-ignore export-subst\n"
    )
    text = "$Id$ $Format:%H$\nline\n"
    source.git("config", "filter.evil.smudge", f"touch {marker}")
    tree = source.tree(
        [
            ("100644", b".gitattributes", source.blob(attributes.encode())),
            ("100644", b"a.py", source.blob(text.encode())),
        ]
    )
    base = source.commit({"README": "x\n"})
    head = source.commit_tree(tree, base)
    mirror = Mirror(tmp_path / "data", "o/r")
    mirror.fetch(Remote(source.url), [base, head])
    mirror.export(head, tmp_path / "out")
    assert (tmp_path / "out" / "a.py").read_text() == text
    changed = {file.path: file for file in mirror.diff(base, head)}
    assert changed["a.py"].added == frozenset({1, 2})
    assert not changed["a.py"].binary
    assert not marker.exists()


def test_hooks_and_settings_of_the_source_do_not_run(tmp_path: Path) -> None:
    source = Source(tmp_path / "source")
    marker = tmp_path / "pwned"
    head = source.commit({"a": "1\n"})
    for name in ("post-checkout", "reference-transaction", "pre-auto-gc", "post-update", "fsmonitor-watchman"):
        hook = source.directory / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
        hook.chmod(0o755)
    for key in ("uploadpack.packObjectsHook", "core.fsmonitor", "core.sshCommand", "core.pager", "diff.external"):
        source.git("config", key, f"touch {marker}")
    mirror = Mirror(tmp_path / "data", "o/r")
    mirror.fetch(Remote(source.url), [head])
    mirror.export(head, tmp_path / "out")
    mirror.diff(head, head)
    assert not marker.exists()


def test_settings_of_this_machine_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = tmp_path / "pwned"
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f'[core]\n\thooksPath = {tmp_path}\n[diff]\n\texternal = touch {marker}\n[alias]\n\tlog = "!touch {marker}"\n'
    )
    hook = tmp_path / "reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {marker}")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    source = Source(tmp_path / "source")
    base, head = source.commit({"a": "1\n"}), source.commit({"a": "2\n"})
    mirror = Mirror(tmp_path / "data", "o/r")
    mirror.fetch(Remote(source.url), [base, head])
    assert len(mirror.diff(base, head)) == 1
    assert not marker.exists()


def test_objects_are_copied_not_borrowed(tmp_path: Path) -> None:
    """An alternates file in the source cannot make the mirror read another folder's objects later."""
    secret = Source(tmp_path / "secret")
    hidden = secret.commit({"key": "secret\n"})
    source = Source(tmp_path / "source")
    source.commit({"a": "1\n"})
    (source.directory / ".git" / "objects" / "info" / "alternates").write_text(f"{secret.directory}/.git/objects\n")
    mirror = Mirror(tmp_path / "data", "o/r")
    mirror.fetch(Remote(source.url), ["refs/heads/main"])
    assert not (mirror.directory / "objects" / "info" / "alternates").exists()
    with pytest.raises(RepositoryError):
        mirror.export(hidden, tmp_path / "out")


def test_branches_that_look_like_options(tmp_path: Path) -> None:
    source = Source(tmp_path / "source")
    head = source.commit({"a": "1\n"})
    refs = source.directory / ".git" / "refs" / "heads"
    for name in ("-x", "--upload-pack=touch pwned"):
        (refs / name).write_text(head + "\n")
    mirror = Mirror(tmp_path / "data", "o/r")
    assert mirror.fetch(Remote(source.url), ["refs/heads/-x"]) == {"refs/heads/-x": head}
    with pytest.raises(RepositoryError):
        mirror.fetch(Remote(source.url), ["-x"])
    for revision in ("--output=pwned", "-x", "--help"):
        with pytest.raises(RepositoryError):
            mirror.commit(revision)
        with pytest.raises(RepositoryError):
            mirror.commits(revision, head)
        with pytest.raises(RepositoryError):
            mirror.diff(revision, head)
    assert not (mirror.directory / "pwned").exists()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("ext::sh -c 'touch pwned'", id="ext"),
        pytest.param("ssh://host/x", id="ssh"),
        pytest.param("git@host:x", id="scp form"),
        pytest.param("git://host/x", id="git"),
        pytest.param("file:///etc", id="file address"),
        pytest.param("--upload-pack=x", id="option"),
        pytest.param("relative/path", id="relative"),
        pytest.param("https://user:secret@host/x", id="password in the address"),
    ],
)
def test_remotes_that_are_none(url: str) -> None:
    with pytest.raises(RepositoryError) as told:
        Remote(url)
    assert "secret" not in str(told.value)


def test_a_web_remote_cannot_lead_to_a_file(tmp_path: Path) -> None:
    """Even where git's own settings would rewrite the address."""
    mirror = Mirror(tmp_path / "data", "o/r")
    allowed = mirror.git.environment(Remote("https://host.invalid/o/r"))
    done = subprocess.run(
        mirror.git.argv("ls-remote", "ext::touch pwned"),
        env=allowed,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode != 0
    assert "not allowed" in done.stderr
    assert not (tmp_path / "pwned").exists()
