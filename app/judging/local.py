"""A local change judged as the server would: the same functions in a row, commits taken from a repository on disk."""

import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from app.gate.agent import Agent
from app.gate.authorship import Authorship, Commit, recognise
from app.gate.policy import MAX_BYTES, PATH, Policy, PolicyError
from app.gate.result import ChangeSummary, Result
from app.judging.change import Commits, compare_commits, lay_out, policy_edits
from app.judging.conclusion import Basis, Subject, conclude, known_of, subject_of
from app.judging.examination import Examination, Wanted, examine
from app.judging.policy_in_force import PolicyInForce, in_force, read_floor
from app.repository.errors import CommitMissing, HostileTree, NotARepository
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
    base, head = (_resolve(git_dir, revision) for revision in (asked.base, asked.head))
    floor = read_floor(settings.floor_policy)
    wanted = Wanted(asked.tests, asked.scans)
    try:
        mirror.fetch(Remote(str(git_dir)), (base, head), cancel=cancel)
    except HostileTree as refusal:
        progress.finished("fetch", str(refusal), StepState.FAILED)
        summary = ChangeSummary(base, head, 0, 0, 0, Agent(authored=False))
        basis = Basis(Subject(summary, in_force(None, floor), refused=str(refusal)), Examination())
    else:
        commits = compare_commits(mirror, base, head, cancel=cancel)
        policy = _policy(mirror, commits, asked.policy_file, floor)
        agent = _agent(mirror, commits, policy.policy)
        progress.finished("fetch", f"{commits.merge_base[:12]} … {commits.head[:12]}")
        work = _Work(mirror, settings.data_dir, sandbox, progress, cancel)
        basis = _find_out(work, commits, policy, agent, wanted)
    known = known_of(basis, review=None, local=True, wanted=wanted, require_evidence=asked.require_evidence)
    return conclude(known, basis, sandbox=sandbox.info, total_seconds=time.monotonic() - began)


@dataclass(frozen=True, slots=True)
class _Work:
    mirror: Mirror
    data_dir: Path
    sandbox: Sandbox
    progress: Progress
    cancel: threading.Event


def _find_out(work: _Work, commits: Commits, policy: PolicyInForce, agent: Agent, wanted: Wanted) -> Basis:
    """Lay the change out, run and scan it."""
    workspaces = Workspaces(work.data_dir)
    workspaces.sweep()
    with workspaces.new() as folder:
        try:
            change = lay_out(work.mirror, commits, folder, progress=work.progress, cancel=work.cancel)
        except HostileTree as refusal:
            work.progress.finished("change", str(refusal), StepState.FAILED)
            summary = ChangeSummary(commits.merge_base, commits.head, 0, 0, 0, agent)
            return Basis(Subject(summary, policy, refused=str(refusal)), Examination())
        found = examine(
            change,
            policy.policy,
            wanted=wanted,
            sandbox=work.sandbox,
            data_dir=work.data_dir,
            scratch=folder,
            progress=work.progress,
            cancel=work.cancel,
        )
    return Basis(subject_of(change, agent, policy, policy_edits(work.mirror, commits)), found)


def _policy(mirror: Mirror, commits: Commits, file: Path | None, floor: Policy | None) -> PolicyInForce:
    """Locally a policy that cannot be used is the caller's to mend before anything runs, so it raises."""
    text = file.read_bytes() if file else mirror.read_file(commits.base_tip, PATH, limit=MAX_BYTES + 1)
    policy = in_force(text, floor)
    if policy.problems:
        raise PolicyError(policy.problems)
    return policy


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
    done = _git(repository, "rev-parse", "--absolute-git-dir")
    if done.returncode != 0:
        raise NotARepository(f"git cannot read a repository in {repository}: {done.stderr.strip()[:1000]}")
    return Path(done.stdout.strip())


def _resolve(git_dir: Path, revision: str) -> str:
    done = _git(git_dir, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if done.returncode != 0:
        raise CommitMissing(revision)
    return done.stdout.strip()


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One read-only question to the user's own repository, under the user's own git configuration."""
    return subprocess.run(
        ("git", "-C", str(folder), *arguments), capture_output=True, text=True, timeout=60, check=False
    )
