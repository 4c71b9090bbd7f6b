"""From two commits in a mirror to the change that is judged, laid out on disk."""

import threading
from dataclasses import dataclass
from pathlib import Path

from app.gate.policy import MAX_BYTES, PATH
from app.judging.policy_in_force import edits
from app.repository.errors import HostileTree
from app.repository.mirror import Mirror
from checks.change import Change
from runner.progress import Progress

HEAD_FOLDER = "head"
BASE_FOLDER = "base"


@dataclass(frozen=True, slots=True)
class Commits:
    """Full ids: the tip of the base branch (policy comes from there), where the head left it, and the head."""

    base_tip: str
    merge_base: str
    head: str


def compare_commits(mirror: Mirror, base_tip: str, head: str, *, cancel: threading.Event | None = None) -> Commits:
    """Find where the head left the base; both must be in the mirror.

    Raises:
        NoMergeBase: they share no history.
    """
    return Commits(base_tip, mirror.merge_base(base_tip, head, cancel=cancel), head)


def lay_out(
    mirror: Mirror, commits: Commits, folder: Path, *, progress: Progress, cancel: threading.Event | None = None
) -> Change:
    """Compute the diff and write both trees below `folder`.

    Raises:
        HostileTree, TooLarge: the change holds what is never written to disk; its author has to mend it.
        FetchTrouble: git or the disk failed.
    """
    progress.started("change", "comparing and laying out both commits")
    files = mirror.diff(commits.merge_base, commits.head, cancel=cancel)
    base_tree, head_tree = folder / BASE_FOLDER, folder / HEAD_FOLDER
    mirror.export(commits.merge_base, base_tree, cancel=cancel)
    mirror.export(commits.head, head_tree, cancel=cancel)
    change = Change(commits.merge_base, commits.head, files, head_tree, base_tree)
    count = len(files)
    progress.finished("change", f"{count} file{'' if count == 1 else 's'}, +{change.added} -{change.removed} lines")
    return change


def policy_edits(mirror: Mirror, commits: Commits) -> tuple[str, ...]:
    """What the change's own edit of the policy file would do; it is reported, and never used for itself."""
    try:
        before, after = (mirror.read_file(sha, PATH, limit=MAX_BYTES + 1) for sha in (commits.merge_base, commits.head))
    except HostileTree as refusal:
        return (f"it into something that cannot be read ({refusal})",)
    return edits(before, after)
