"""A local change judged as the server would: the same functions in a row, commits taken from a repository on disk."""

import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from app.gate.agent import Agent
from app.gate.authorship import Authorship, Commit, recognise
from app.gate.policy import MAX_BYTES, PATH, Policy, PolicyError, Problem
from app.gate.protected import protected_paths
from app.gate.result import ChangeSummary, Result
from app.judging.change import Commits, compare_commits, lay_out
from app.judging.conclusion import Subject, conclude, shows_in_tests, summary_of
from app.judging.examination import Examination, Wanted, examine
from app.judging.policy_in_force import PolicyInForce, edits, in_force, read_floor
from app.repository.errors import CommitMissing, HostileTree
from app.repository.git import Remote
from app.repository.mirror import Mirror
from app.repository.workspaces import Workspaces
from app.settings import Settings
from runner.progress import Progress, StepState
from runner.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class LocalChange:
    """What to judge: two revisions of a repository on disk, and how much of it."""

    repository: Path
    base: str
    head: str
    policy_file: Path | None = None
    tests: bool = True
    scans: bool = True
    require_evidence: bool = False


def judge_locally(
    asked: LocalChange,
    *,
    settings: Settings,
    sandbox: Sandbox,
    progress: Progress,
    cancel: threading.Event,
    began: float,
) -> Result:
    """Judge it; `began` is the monotonic time at which the person started to wait.

    Raises:
        CommitMissing, NoMergeBase: a revision is not there, or they share no history.
        PolicyError: the policy cannot be used.
        FetchTrouble, Cancelled: git failed; the event was set.
    """
    git_dir = _git_dir(asked.repository)
    progress.started("fetch", "reading the commits")
    mirror = Mirror(settings.data_dir, f"file:{git_dir}")
    shas = tuple(_resolve(git_dir, revision) for revision in (asked.base, asked.head))
    mirror.fetch(Remote(str(git_dir)), shas, cancel=cancel)
    commits = compare_commits(mirror, *shas, cancel=cancel)
    policy = _policy(mirror, commits, asked.policy_file, read_floor(settings.floor_policy))
    agent = _agent(mirror, commits, policy.policy)
    progress.finished("fetch", f"{commits.merge_base[:12]} … {commits.head[:12]}")
    wanted = Wanted(asked.tests, asked.scans)
    workspaces = Workspaces(settings.data_dir)
    workspaces.sweep()
    with workspaces.new() as folder:
        try:
            change = lay_out(mirror, commits, folder, progress=progress, cancel=cancel)
        except HostileTree as refusal:
            progress.finished("change", str(refusal), StepState.FAILED)
            summary = ChangeSummary(commits.merge_base, commits.head, 0, 0, 0, agent)
            subject = Subject(summary, policy, refused=str(refusal))
            found = Examination()
        else:
            subject = Subject(
                summary_of(change, agent),
                policy,
                evidence_expected=shows_in_tests(change),
                protected=protected_paths(policy.policy, change.files).hits,
                policy_changes=_policy_edits(mirror, commits),
            )
            found = examine(
                change,
                policy.policy,
                wanted=wanted,
                sandbox=sandbox,
                data_dir=settings.data_dir,
                scratch=folder,
                progress=progress,
                cancel=cancel,
            )
    return conclude(
        subject,
        found,
        review=None,
        local=True,
        wanted=wanted,
        sandbox=sandbox.info,
        total_seconds=time.monotonic() - began,
        require_evidence=asked.require_evidence,
    )


def _policy(mirror: Mirror, commits: Commits, file: Path | None, floor: Policy | None) -> PolicyInForce:
    """Locally a policy that cannot be used is the caller's to mend before anything runs, so it raises."""
    text = file.read_bytes() if file else mirror.read_file(commits.base_tip, PATH, limit=MAX_BYTES + 1)
    policy = in_force(text, floor, where=str(file or PATH))
    if policy.problem:
        raise PolicyError((Problem(1, 1, "", policy.problem),))
    return policy


def _policy_edits(mirror: Mirror, commits: Commits) -> tuple[str, ...]:
    before, after = (mirror.read_file(sha, PATH, limit=MAX_BYTES + 1) for sha in (commits.merge_base, commits.head))
    return edits(before, after)


def _agent(mirror: Mirror, commits: Commits, policy: Policy) -> Agent:
    """Who wrote it, by what the commits say: on a local machine there is no pull request to ask."""
    authors = tuple(
        Commit(
            commit.sha,
            commit.author_name,
            commit.author_email,
            commit.message,
            commit.committer_name,
            commit.committer_email,
        )
        for commit in mirror.commits(commits.merge_base, commits.head)
    )
    return recognise(Authorship(commits=authors), policy)


def _git_dir(repository: Path) -> Path:
    found = _git(repository, "rev-parse", "--absolute-git-dir")
    if found is None:
        raise CommitMissing(f"{repository} (not a git repository)")
    return Path(found)


def _resolve(git_dir: Path, revision: str) -> str:
    sha = _git(git_dir, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if sha is None:
        raise CommitMissing(revision)
    return sha


def _git(folder: Path, *arguments: str) -> str | None:
    """One read-only question to the user's own repository, under the user's own git configuration."""
    done = subprocess.run(
        ("git", "-C", str(folder), *arguments), capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None
