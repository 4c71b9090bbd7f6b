"""What the stand-in asks of git in its bare repositories."""

import base64
import os
import subprocess
from pathlib import Path
from typing import Any

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
_FORMAT = "%x00".join(("%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B"))


class GitFailed(Exception):  # noqa: N818 - named as what happened
    """git answered with an error."""


def git(path: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Runs git in a bare repository and gives what it printed."""
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-c", "gc.auto=0", "--git-dir", str(path), *arguments],
        input=stdin,
        capture_output=True,
        env=ENVIRONMENT,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise GitFailed(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def create(path: Path, default_branch: str) -> None:
    """An empty bare repository that gives out any commit asked for by its name, as GitHub does."""
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--bare", f"--initial-branch={default_branch}")
    git(path, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(path, "config", "uploadpack.allowFilter", "true")


def fetch(path: Path, source: Path, revision: str, ref: str) -> None:
    """Takes a revision of another repository on this machine as a ref here, moving it whatever it was."""
    git(path, "fetch", "--quiet", "--no-tags", str(source), f"+{revision}:{ref}")


def tip(path: Path, ref: str) -> str | None:
    """The commit that a ref or name is at, or None."""
    try:
        return git(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
    except GitFailed:
        return None


def merge_base(path: Path, base: str, head: str) -> str:
    """Where the two parted; the base itself where they share nothing."""
    try:
        return git(path, "merge-base", base, head).decode().strip()
    except GitFailed:
        return base


def is_ancestor(path: Path, old: str, new: str) -> bool:
    """Whether a push from old to new is no forced one."""
    try:
        git(path, "merge-base", "--is-ancestor", old, new)
    except GitFailed:
        return False
    return True


def commit(path: Path, name: str) -> dict[str, Any] | None:
    """A commit's fields, or None where there is none."""
    if not tip(path, name):
        return None
    return _commits(git(path, "log", "-1", "-z", f"--format={_FORMAT}%x01", name, "--"))[0]


def commits(path: Path, base: str, head: str, limit: int) -> list[dict[str, Any]]:
    """The commits of head that base has not, oldest first."""
    found = _commits(git(path, "log", "-z", "--topo-order", f"--format={_FORMAT}%x01", f"{base}..{head}", "--"))
    return found[::-1][:limit]


def _commits(output: bytes) -> list[dict[str, Any]]:
    names = ("sha", "tree", "parents", "an", "ae", "ad", "cn", "ce", "cd", "message")
    texts = (text.lstrip("\0") for text in output.decode(errors="replace").split("\x01"))
    found = [dict(zip(names, text.split("\0"), strict=True)) for text in texts if text]
    return [item | {"parents": item["parents"].split(), "message": item["message"].rstrip("\n")} for item in found]


def changed(path: Path, base: str, head: str) -> list[dict[str, Any]]:
    """The files that differ, as GitHub lists them: name, status, lines added and removed, blob."""
    statuses = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}
    raw = git(path, "diff", "--raw", "-z", "-M", "--no-abbrev", base, head).decode(errors="replace").split("\0")
    counts = _counts(git(path, "diff", "--numstat", "-z", "-M", base, head).decode(errors="replace").split("\0"))
    found = []
    fields = iter(raw)
    for head_field in fields:
        if not head_field:
            break
        *_, blob, status = head_field.split()
        first = next(fields)
        name, previous = (next(fields), first) if status[0] in "RC" else (first, "")
        added, removed = counts.get(name, (0, 0))
        entry = {"filename": name, "status": statuses[status[0]], "sha": blob, "additions": added, "deletions": removed}
        found.append(entry | ({"previous_filename": previous} if previous else {}))
    return found


def _counts(parts: list[str]) -> dict[str, tuple[int, int]]:
    counts = {}
    fields = iter(parts)
    for line in fields:
        if not line:
            break
        added, removed, name = line.split("\t")
        if not name:
            next(fields)
            name = next(fields)
        counts[name] = (0 if added == "-" else int(added), 0 if removed == "-" else int(removed))
    return counts


def entry(path: Path, revision: str, name: str) -> tuple[str, str, str] | None:
    """Mode, type and object of a path in a commit's tree, or None."""
    output = git(path, "ls-tree", "-z", revision, "--", name).decode(errors="replace").rstrip("\0")
    if not output:
        return None
    mode, kind, blob = output.partition("\t")[0].split()
    return mode, kind, blob


def blob(path: Path, name: str) -> bytes:
    """A file's content."""
    return git(path, "cat-file", "blob", name)


def clone(url: str, folder: Path, *, token: str = "") -> None:
    """Clones over HTTP as an installation would, its token handed over by the environment."""
    secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    header = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}",
    }
    done = subprocess.run(
        ["git", "clone", "--quiet", url, str(folder)],
        capture_output=True,
        env=ENVIRONMENT | (header if token else {}),
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise GitFailed(f"git clone: {done.stderr.decode(errors='replace').strip()}")
