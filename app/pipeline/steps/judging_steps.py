"""The steps of a judging, in order: recognise, announce, fetch, examine, conclude, publish.

What a step gives is JSON and small; trees lie in a workspace of this process, and are laid out again where it is gone.
"""

import base64
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.gate import report
from app.gate.agent import Agent
from app.gate.authorship import MARK
from app.gate.known import Fault
from app.gate.policy import MAX_BYTES
from app.gate.result import ChangeSummary, from_json, to_json
from app.judging.change import Commits, compare_commits, lay_out, policy_edits
from app.judging.conclusion import (
    Basis,
    Subject,
    basis_from_json,
    basis_to_json,
    conclude,
    known_of,
    subject_of,
)
from app.judging.examination import Examination, Wanted, examine
from app.judging.policy_in_force import PolicyInForce, in_force
from app.pipeline.errors import Transient
from app.pipeline.facts import Known
from app.pipeline.steps import gating, holding
from app.pipeline.steps.deciding import Decided, decide_with_review, publish_decision
from app.pipeline.steps.parts import Parts
from app.pipeline.steps.posting import mark, post, posting_of, record
from app.pipeline.work import Json, Step, StepContext
from app.repository.errors import HostileTree, NoMergeBase
from app.repository.git import Remote
from app.store import runs
from app.store.runs import Run
from app.telemetry import metrics
from checks.change import Change
from runner.progress import StepState
from runner.sandbox import Sandbox


class JudgingSteps:
    """The steps, bound to what they work with."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def all(self) -> tuple[Step, ...]:
        """In order."""
        return (
            Step("recognise", self.recognise),
            Step("announce", self.announce),
            Step("fetch", self.fetch),
            Step("examine", self.examine),
            Step("conclude", self.conclude),
            Step("publish", self.publish),
        )

    def recognise(self, context: StepContext) -> Json:
        """Find out who wrote it and which policy holds."""
        run, parts = context.run, self._parts
        context.progress.started("recognise", "asking who wrote it")
        installation = parts.installation(run)
        pull = installation.pull_request(run.repository, run.number)
        # The run is for the base that it was asked for: its key says so.
        policy = gating.policy_at(installation, run.repository, run.base, parts.floor)
        known = Known(parts.app_login(), run.created_at)
        agent = gating.find_author(installation, parts.store, pull, policy.policy.policy, known)
        with parts.store.writing() as connection:
            runs.describe(
                connection,
                run.id,
                title=pull.title,
                author=pull.author.login,
                agent=gating.agent_to_json(agent),
                policy=policy.digest,
            )
        gated = gating.gated(policy.policy, agent)
        who = agent.name or ("an agent" if agent.authored else "a person")
        context.progress.finished("recognise", f"written by {who}" + ("" if gated else ": not gated"))
        text = None if policy.text is None else base64.b64encode(policy.text[: MAX_BYTES + 1]).decode("ascii")
        return {
            "agent": gating.agent_to_json(agent),
            "policy": text,
            "gated": gated,
            "marked": _has_mark(pull.labels),
            "number": run.number,
        }

    def announce(self, context: StepContext) -> Json:
        """Say on GitHub that it is being judged; mark an agent's change as one."""
        found = context.results["recognise"]
        if not found["gated"]:
            return None
        parts, run = self._parts, context.run
        post(parts, run, context.lease, [report.judging(posting_of(parts, run), doing="running its tests and scans")])
        agent = gating.agent_from_json(found["agent"])
        if agent.authored and not found["marked"]:
            mark(parts, run, context.lease, parts.installation(run), agent.signals)
        return None

    def fetch(self, context: StepContext) -> Json:
        """Bring the commits here, and lay out both trees."""
        if not self._runs(context):
            return None
        context.progress.started("fetch", "fetching the commits")
        run, parts = context.run, self._parts
        mirror = parts.mirror(run.repository)
        token = parts.installation(run).clone_token(run.repository)
        remote = Remote(f"{parts.web_url}/{run.repository}.git", token)
        try:
            # The head may live in a fork: the pull request's own ref has it in this repository.
            mirror.fetch(remote, (run.base, run.head), cancel=context.cancel)
            commits = compare_commits(mirror, run.base, run.head, cancel=context.cancel)
            context.progress.finished("fetch", f"{commits.merge_base[:12]} … {commits.head[:12]}")
            self._change(context, commits)
        except (HostileTree, NoMergeBase) as refusal:
            context.progress.finished("fetch", str(refusal), StepState.FAILED)
            return {"merge_base": run.base, "refused": str(refusal)}
        return {"merge_base": commits.merge_base, "refused": ""}

    def examine(self, context: StepContext) -> Json:
        """Run the tests and the scans, unless the change is held or refused; nobody's review counts yet."""
        policy, agent = self._policy(context), gating.agent_from_json(context.results["recognise"]["agent"])
        began = time.monotonic()
        sandbox: Sandbox | None = None
        if not self._runs(context) or context.results["fetch"]["refused"]:
            basis = self._unexamined(context, policy, agent)
        else:
            sandbox = self._parts.sandbox
            basis = self._examined(context, policy, agent, sandbox)
        executed = sandbox.info if sandbox is not None and not basis.subject.held else None
        known = known_of(basis, review=None)
        result = conclude(known, basis, sandbox=executed, total_seconds=time.monotonic() - began)
        return {"basis": basis_to_json(basis), "result": to_json(result)}

    def conclude(self, context: StepContext) -> Json:
        """Decide, with what people have said by now, and store the verdict."""
        run, parts = context.run, self._parts
        context.progress.started("conclude", "deciding")
        examined = context.results["examine"]
        basis = basis_from_json(examined["basis"])
        decided = decide_with_review(parts, run, basis, from_json(examined["result"]))
        with parts.store.writing() as connection:
            data = to_json(decided.result)
            stored = runs.finish(
                connection,
                run.id,
                verdict=decided.result.verdict,
                reasons=data["reasons"],
                result=data,
                basis=examined["basis"],
            )
            if stored:
                record(connection, run, "judged", _judgement(decided))
        if stored:
            metrics.run_finished(decided.result.verdict, _age(run))
        good = decided.result.verdict == "passed"
        context.progress.finished("conclude", f"{decided.result.verdict}", StepState.DONE if good else StepState.FAILED)
        return None

    def publish(self, context: StepContext) -> Json:
        """Put verdict and labels on GitHub, as the review stands now."""
        basis = basis_from_json(context.results["examine"]["basis"])
        publish_decision(self._parts, context.run, context.lease, basis)
        return None

    def _runs(self, context: StepContext) -> bool:
        """Whether the change is fetched at all: nothing is for a person's, nor under a policy that cannot be used."""
        return bool(context.results["recognise"]["gated"]) and not self._policy(context).problems

    def _policy(self, context: StepContext) -> PolicyInForce:
        text = context.results["recognise"]["policy"]
        return in_force(None if text is None else base64.b64decode(text), self._parts.floor)

    def _unexamined(self, context: StepContext, policy: PolicyInForce, agent: Agent) -> Basis:
        fetched = context.results["fetch"] or {"merge_base": context.run.base, "refused": ""}
        summary = ChangeSummary(fetched["merge_base"], context.run.head, 0, 0, 0, agent)
        subject = Subject(summary, policy, approvals=policy.policy.review.approvals, refused=fetched["refused"])
        return Basis(subject, Examination())

    def _examined(self, context: StepContext, policy: PolicyInForce, agent: Agent, sandbox: Sandbox) -> Basis:
        run, parts = context.run, self._parts
        commits = Commits(run.base, context.results["fetch"]["merge_base"], run.head)
        change, folder = self._change(context, commits)
        subject = subject_of(change, agent, policy, policy_edits(parts.mirror(run.repository), commits))
        reasons = holding.held(policy.policy, change.files)
        if reasons and not decide_with_review(parts, run, Basis(subject, Examination())).review.stands:
            context.progress.started("hold", "waiting for a person to release it")
            context.progress.finished("hold", f"held: {', '.join(reasons)}", StepState.TROUBLE)
            return Basis(_held(subject, reasons), Examination())
        found = examine(
            change,
            policy.policy,
            wanted=Wanted(),
            sandbox=sandbox,
            data_dir=parts.data_dir,
            scratch=folder,
            progress=context.progress,
            cancel=context.cancel,
        )
        if found.tests_trouble is not None and found.tests_trouble.fault is Fault.OURS:
            raise Transient(found.tests_trouble.text)
        if found.scans_trouble:
            raise Transient(found.scans_trouble)
        return Basis(subject, found)

    def _change(self, context: StepContext, commits: Commits) -> tuple[Change, Path]:
        """The trees on disk, made once in this process; after a hand-over they are made anew."""
        mirror = self._parts.mirror(context.run.repository)

        @contextmanager
        def made() -> Iterator[tuple[Change, Path]]:
            with self._parts.workspace() as folder:
                yield lay_out(mirror, commits, folder, progress=context.progress, cancel=context.cancel), folder

        def make() -> AbstractContextManager[tuple[Change, Path]]:
            return made()

        kept: tuple[Change, Path] = context.keep("change", make)
        return kept


def _held(subject: Subject, reasons: tuple[str, ...]) -> Subject:
    return Subject(
        subject.summary,
        subject.policy,
        subject.evidence_expected,
        subject.protected,
        subject.approvals,
        subject.policy_changes,
        reasons,
    )


def _has_mark(labels: tuple[str, ...]) -> bool:
    return any(label.casefold() == MARK for label in labels)


def _age(run: Run) -> float:
    """Seconds since it was asked for."""
    return max(0.0, (datetime.now(UTC) - run.created_at).total_seconds())


def _judgement(decided: Decided) -> dict[str, Json]:
    result = decided.result
    return {
        "verdict": str(result.verdict),
        "reasons": [str(reason.code) for reason in result.reasons],
        "agent": gating.agent_to_json(result.change.agent),
        "reviewed_by": list(decided.review.by),
    }
