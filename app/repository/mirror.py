"""A bare mirror of one repository: fetch into it, compare in it, read from it."""

import hashlib
import re
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.repository.diff import combine, parse_patch, parse_raw
from app.repository.errors import CommitMissing, FetchTrouble, HostileTree, NoMergeBase, TooLarge
from app.repository.export import Exported, write_tree
from app.repository.fetching import allow_local, explain
from app.repository.git import Git, Remote
from app.repository.locking import locked
from app.repository.names import encode, refusal
from app.repository.objects import Objects
from app.repository.process import Bounds
from app.repository.tree import Tree, TreeLimits, check_links, read_tree
from checks.change import ChangedFile
from runner.sandbox import MIB

_SHA = re.compile(r"[0-9a-f]{40}")
_REF = re.compile(r"refs/[A-Za-z0-9._/@+#%=,!-]{1,240}")
_OURS = "refs/mergelock"
_PACKS_KEPT = 64
_LOCK_SECONDS = 900.0
_COMMIT_FIELDS = 7


@dataclass(frozen=True, slots=True)
class RepositoryLimits:
    """Bounds of one repository's fetching and comparing. Sizes in bytes, times in seconds."""

    fetch: Bounds = field(default_factory=lambda: Bounds(seconds=600.0))
    compare: Bounds = field(default_factory=lambda: Bounds(seconds=120.0))
    tree: TreeLimits = field(default_factory=TreeLimits)
    changed_files: int = 3_000
    changed_lines: int = 500_000
    commits: int = 5_000


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """One commit of a change, as its author wrote it: claims, not facts. `parents` are full ids."""

    sha: str
    author_name: str
    author_email: str
    committer_name: str
    committer_email: str
    message: str
    parents: tuple[str, ...] = ()


class Mirror:
    """A bare repository below the data folder, one for each repository judged; safe for threads and processes."""

    def __init__(self, data_dir: Path, name: str, limits: RepositoryLimits | None = None) -> None:
        """Open it, making it where it is not there.

        Args:
            data_dir: Mergelock's data folder.
            name: what tells the repository from others ("github.com/owner/name", a local path); any text.
            limits: bounds of its work.
        """
        self.limits = limits or RepositoryLimits()
        # Hashed: two names that differ in letter case only, or odd ones, never share a folder.
        readable = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[-60:]
        self.directory = (
            data_dir.absolute() / "mirrors" / f"{readable}-{hashlib.sha256(encode(name)).hexdigest()[:16]}.git"
        )
        self.git = Git(self.directory, self.limits.compare)
        self._create()

    def fetch(self, remote: Remote, wants: Sequence[str], *, cancel: threading.Event | None = None) -> dict[str, str]:
        """Bring commits here, with their history, every object checked.

        Args:
            remote: where they are.
            wants: full commit ids, or full ref names ("refs/heads/main", "refs/pull/7/head").
            cancel: stops it.

        Returns:
            The commit of each want, now in the mirror.

        Raises:
            CommitMissing: the remote has no such commit or ref.
            HostileTree: git's object check refuses what was sent.
            TooLarge: more came than the limits allow.
            FetchTrouble: network, time, or a fault of the remote.
            Cancelled: the event was set.
        """
        for want in wants:
            if not _SHA.fullmatch(want) and (not _REF.fullmatch(want) or ".." in want or want.endswith(("/", ".lock"))):
                raise CommitMissing(want)
        with locked(self.directory / "mergelock.lock", seconds=_LOCK_SECONDS, cancel=cancel):
            missing = [want for want in wants if not (_SHA.fullmatch(want) and self._kept(want))]
            if missing:
                self._fetch(remote, missing, cancel)
                self._tidy()
        return {want: self.commit(_here(want)) for want in wants}

    def commit(self, revision: str) -> str:
        """The full commit id of a full id or full ref name in the mirror; raises CommitMissing."""
        done = self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if done.exit != 0:
            raise CommitMissing(revision)
        return done.stdout.decode("ascii").strip()

    def merge_base(self, base: str, head: str, *, cancel: threading.Event | None = None) -> str:
        """The commit where head left base.

        Raises:
            NoMergeBase: they share none.
        """
        done = self.git.run("merge-base", "--end-of-options", base, head, cancel=cancel)
        if done.exit == 1:
            raise NoMergeBase(base, head)
        if done.exit != 0:
            raise FetchTrouble(f"git merge-base failed: {done.stderr.strip()[-300:]}")
        return done.stdout.decode("ascii").strip()

    def diff(self, base: str, head: str, *, cancel: threading.Event | None = None) -> tuple[ChangedFile, ...]:
        """What head changed since `base`, which is a merge base: GitHub's three-dot diff.

        Raises:
            HostileTree, TooLarge: the head's tree or a symlink it brings is refused, or the change is over a limit.
        """
        with Objects(self.git, cancel=cancel) as objects:
            before = read_tree(objects, base, self.limits.tree)  # both walked first: git follows a tree bomb for ever
            tree = read_tree(objects, head, self.limits.tree)
        check_links(before, tree)
        options = (
            "diff-tree",
            "-r",
            "-M",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--full-index",
            "--ignore-submodules=none",
        )
        raw_output = self._diffed(*options, "--raw", "-z", "--end-of-options", base, head, cancel=cancel)
        raw = parse_raw(raw_output)
        if len(raw) > self.limits.changed_files:
            raise TooLarge(f"the change touches {len(raw)} files, more than the {self.limits.changed_files} allowed")
        patch = self._diffed(*options, "-p", "-U0", "--submodule=short", "--end-of-options", base, head, cancel=cancel)
        files = combine(raw, parse_patch(patch), {entry.object: entry.size for entry in tree.entries})
        lines = sum(len(file.added) + file.removed for file in files)
        if lines > self.limits.changed_lines:
            raise TooLarge(f"the change touches {lines} lines, more than the {self.limits.changed_lines} allowed")
        return files

    def export(self, commit: str, folder: Path, *, cancel: threading.Event | None = None) -> Exported:
        """Write a commit's files into `folder`, which must not exist; nothing is left of it where this fails.

        Symlinks out of the tree are left out; `diff` refuses those that a change brings.

        Raises:
            HostileTree, TooLarge: something in it is never written to disk.
            CommitMissing: there is no such commit here.
            FetchTrouble: the disk is full, or git failed.
        """
        with Objects(self.git, cancel=cancel) as objects:
            tree = read_tree(objects, commit, self.limits.tree)
            try:
                return write_tree(objects, tree, folder, self.limits.tree)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise

    def tree(self, commit: str, *, cancel: threading.Event | None = None) -> Tree:
        """A commit's files as a checked list; errors as `export`."""
        with Objects(self.git, cancel=cancel) as objects:
            return read_tree(objects, commit, self.limits.tree)

    def read_file(self, commit: str, path: str, *, limit: int = MIB) -> bytes | None:
        """One file's content, None where the commit has no such file.

        Raises:
            HostileTree: there is something else in its place, or a symlink on the way.
            TooLarge: it has more than `limit` bytes.
        """
        parts = encode(path).split(b"/")
        if any(refusal(part) for part in parts):
            return None
        with Objects(self.git) as objects:
            name = f"{commit}^{{tree}}"
            for place, part in enumerate(parts):
                found = {entry[1]: entry for entry in objects.tree(name, self.limits.tree.folder)}.get(part)
                kinds = (b"100644", b"100664", b"100755") if place == len(parts) - 1 else (b"40000", b"040000")
                if found is None:
                    return None
                if found[0] not in kinds:
                    raise HostileTree("a plain file is expected here, not a symlink, folder or submodule", path)
                name = found[2]
            return objects.read(name, limit, path)[1]

    def commits(self, base: str, head: str, *, cancel: threading.Event | None = None) -> tuple[CommitInfo, ...]:
        """The commits that head has and base has not, newest first.

        Raises:
            TooLarge: they are more than the limit; a part of them would tell who wrote the change wrongly.
        """
        shown = "--format=%H%x00%P%x00%an%x00%ae%x00%cn%x00%ce%x00%B"
        most = self.limits.commits
        options = (
            "log",
            "-z",
            "--encoding=UTF-8",
            "--no-color",
            "--no-decorate",
            "--no-notes",
            f"--max-count={most + 1}",
            shown,
        )
        output = self.git.output(*options, "--end-of-options", f"{base}..{head}", "--", cancel=cancel)
        fields = output.decode("utf-8", "replace").split("\0")
        found = tuple(
            CommitInfo(sha, an, ae, cn, ce, message, tuple(parents.split()))
            for sha, parents, an, ae, cn, ce, message in zip(*[iter(fields)] * _COMMIT_FIELDS, strict=False)
        )
        if len(found) > most:
            raise TooLarge(f"the change has more than {most} commits")
        return found

    def _create(self) -> None:
        self.directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (self.directory / "HEAD").exists():
            return
        with locked(self.directory.with_suffix(".lock"), seconds=60):
            if not (self.directory / "HEAD").exists():
                # HEAD names a branch that never is, so that nothing (attributes, mail map) is read from one.
                options = ("init", "--bare", "--quiet", "--template=", "--initial-branch=mergelock-none")
                self.git.output(*options, "--", str(self.directory))
                self.directory.chmod(0o700)

    def _kept(self, sha: str) -> bool:
        return (
            self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{_here(sha)}^{{commit}}").exit == 0
        )

    def _fetch(self, remote: Remote, wants: Sequence[str], cancel: threading.Event | None) -> None:
        if remote.protocol == "file":
            allow_local(self.directory, remote)
        specs = [f"+{want}:{_here(want)}" for want in wants]
        options = (
            "fetch",
            "--quiet",
            "--force",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
        )
        done = self.git.run(
            *options, "--end-of-options", remote.url, *specs, bounds=self.limits.fetch, cancel=cancel, remote=remote
        )
        if done.exit != 0:
            raise explain(done, wants, self._drop_leftovers(), self.limits.fetch.file_size)

    def _drop_leftovers(self) -> int:
        """Remove what a failed fetch left; gives the largest one's size in bytes."""
        largest = 0
        for left in (self.directory / "objects" / "pack").glob("tmp_*"):
            largest = max(largest, left.stat().st_size)
            left.unlink(missing_ok=True)
        return largest

    def _tidy(self) -> None:
        """Put many small packs together; readers that have the old ones open keep them."""
        if len(list((self.directory / "objects" / "pack").glob("*.pack"))) > _PACKS_KEPT:
            self.git.output("repack", "-a", "-d", "-q", bounds=replace(self.limits.fetch, seconds=300.0))

    def _diffed(self, *arguments: str, cancel: threading.Event | None) -> bytes:
        done = self.git.run(*arguments, cancel=cancel)
        if done.overflow:
            raise TooLarge(f"the change's diff has more than {self.limits.compare.output // MIB} MiB")
        if done.exit != 0:
            raise FetchTrouble(f"git diff-tree failed with status {done.exit}: {done.stderr.strip()[-300:]}")
        return done.stdout


def _here(want: str) -> str:
    return f"{_OURS}/commits/{want}" if _SHA.fullmatch(want) else f"{_OURS}/{want.removeprefix('refs/')}"
