"""Real git repositories for tests, from ordinary files and from raw objects that git itself would not make."""

import hashlib
import os
import subprocess
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

_WHO = {
    "GIT_AUTHOR_NAME": "Ada Example",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada Example",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Source:
    """A repository that plays the one on GitHub, or the attacker's."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        subprocess.run(
            ["git", "init", "--quiet", "--initial-branch=main", str(directory)], check=True, env=self._environment({})
        )

    @classmethod
    def at(cls, directory: Path) -> "Source":
        """One that is there already."""
        found = cls.__new__(cls)
        found.directory = directory
        return found

    @property
    def url(self) -> str:
        """Its path, as a remote is named."""
        return str(self.directory)

    def git(self, *arguments: str, stdin: bytes = b"", who: Mapping[str, str] | None = None) -> str:
        """What a git command printed; it must work."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.directory,
            check=True,
            input=stdin,
            stdout=subprocess.PIPE,
            env=self._environment(who or {}),
        )
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(
        self, files: Mapping[str, str | bytes | None], message: str = "A change", who: Mapping[str, str] | None = None
    ) -> str:
        """Write files (None deletes), commit all, give the commit."""
        for name, content in files.items():
            path = self.directory / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message, who=who)
        return self.git("rev-parse", "HEAD")

    def blob(self, content: bytes) -> str:
        """A blob of that content."""
        return self.raw("blob", content)

    def raw(self, kind: str, content: bytes) -> str:
        """Write any bytes as an object, without git's own checks."""
        return write_object(self.directory / ".git", kind, content)

    def tree(self, entries: Sequence[tuple[str, bytes, str]]) -> str:
        """A tree of (mode, name, object), in exactly this order."""
        return self.raw("tree", b"".join(m.encode() + b" " + n + b"\0" + bytes.fromhex(o) for m, n, o in entries))

    def commit_tree(self, tree: str, *parents: str, branch: str = "attack") -> str:
        """A commit of that tree, on a branch."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"{role} Eve Example <eve@example.org> 1767225600 +0000" for role in ("author", "committer")]
        commit = self.raw("commit", ("\n".join(lines) + "\n\nAttack\n").encode())
        (self.directory / ".git" / "refs" / "heads" / branch).write_text(commit + "\n")
        return commit

    @staticmethod
    def _environment(who: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **_WHO, **who}


def write_object(git_dir: Path, kind: str, content: bytes) -> str:
    """Write a loose object into a git directory; gives its id."""
    data = f"{kind} {len(content)}".encode() + b"\0" + content
    name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    path = git_dir / "objects" / name[:2] / name[2:]
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(data))
    return name
