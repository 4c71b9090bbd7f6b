"""Routes for check runs and suites."""

from typing import Any

from flask import request

from tests.github import git
from tests.github.api import Api, Problem, body, invalid, paged
from tests.github.world import CheckRun, Repository, now, stamp

_CONCLUSIONS = {
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "stale",
    "timed_out",
}
_STATUSES = {"queued", "in_progress", "completed", "waiting", "requested", "pending"}


class CheckRoutes:
    """Registers them."""

    def __init__(self, api: Api) -> None:
        self._world = api.parts.world
        self._render = api.parts.render
        self._people = api.parts.people
        add, checks = api.for_installation, {"needs": "checks"}
        add("POST", "/check-runs", self._create, **checks, level="write")
        add("GET", "/check-runs/<int:number>", self._get, **checks)
        add("PATCH", "/check-runs/<int:number>", self._update, **checks, level="write")
        add("GET", "/check-runs/<int:number>/annotations", self._annotations, **checks)
        add("POST", "/check-runs/<int:number>/rerequest", self._rerequest, **checks, level="write")
        add("GET", "/commits/<path:ref>/check-runs", self._list, **checks)
        add("GET", "/commits/<path:ref>/check-suites", self._suites, **checks)

    def _create(self, repository: Repository) -> Any:
        asked = body()
        name, head = asked.get("name"), asked.get("head_sha")
        if not isinstance(name, str) or not name:
            raise invalid("CheckRun", "name", "missing_field")
        if not isinstance(head, str) or git.tip(repository.path, head) != head:
            raise Problem(422, f"No commit found for SHA: {head}")
        suite = self._world.suite(repository, head)
        run = CheckRun(self._world.id(), repository, suite, name, head, self._world.app.id, started=stamp(now()))
        self._apply(run, asked)
        self._world.check_runs[run.id] = run
        self._people.check_run_event("created", run)
        if run.status == "completed":
            self._people.check_run_event("completed", run)
        return self._render.check_run(run), 201

    def _update(self, repository: Repository, number: int) -> Any:
        run = self._found(repository, number)
        was = run.status
        self._apply(run, body())
        if run.status == "completed" and was != "completed":
            self._people.check_run_event("completed", run)
        return self._render.check_run(run)

    def _get(self, repository: Repository, number: int) -> Any:
        return self._render.check_run(self._found(repository, number))

    def _annotations(self, repository: Repository, number: int) -> Any:
        return paged(self._found(repository, number).annotations)

    def _rerequest(self, repository: Repository, number: int) -> Any:
        self._people.rerun(self._world.bot.login, self._found(repository, number).id)
        return {}, 201

    def _list(self, repository: Repository, ref: str) -> Any:
        head = git.tip(repository.path, ref)
        if head is None:
            raise Problem(422, f"No commit found for SHA: {ref}")
        runs = self._world.runs_on(repository, head)
        if name := request.args.get("check_name"):
            runs = [run for run in runs if run.name == name]
        if app := request.args.get("app_id"):
            runs = [run for run in runs if str(run.app) == app]
        if status := request.args.get("status"):
            runs = [run for run in runs if run.status == status]
        if request.args.get("filter", "latest") == "latest":
            runs = list({(run.app, run.name): run for run in runs}.values())
        return {"total_count": len(runs), "check_runs": paged(runs[::-1], self._render.check_run)}

    def _suites(self, repository: Repository, ref: str) -> Any:
        head = git.tip(repository.path, ref)
        suites = [item for item in self._world.check_suites if item.repository is repository and item.head == head]
        return {"total_count": len(suites), "check_suites": paged(suites, self._render.check_suite)}

    def _found(self, repository: Repository, number: int) -> CheckRun:
        run = self._world.check_runs.get(number)
        if run is None or run.repository is not repository:
            raise Problem(404, "Not Found")
        if request.method == "PATCH" and run.app != self._world.app.id:
            raise Problem(
                403, "Invalid app_id `" + str(run.app) + "` - check run can only be modified by the GitHub App"
            )
        return run

    def _apply(self, run: CheckRun, asked: dict[str, Any]) -> None:
        _validate(asked)
        run.posts.append({"at": now(), **asked})
        for key in ("name", "external_id", "details_url", "actions"):
            setattr(run, key, asked.get(key, getattr(run, key)))
        run.started = asked.get("started_at", run.started)
        run.completed = asked.get("completed_at", run.completed)
        if "conclusion" in asked:
            run.status, run.conclusion = "completed", asked["conclusion"]
        elif "status" in asked:
            run.status, run.conclusion = asked["status"], None
        if run.status == "completed":
            run.completed = run.completed or stamp(now())
        else:
            run.completed = None
        output = asked.get("output", {})
        run.title, run.summary = output.get("title", run.title), output.get("summary", run.summary)
        run.text = output.get("text", run.text)
        for item in output.get("annotations", []):
            url = f"{self._world.url}/{run.repository.full_name}/blob/{run.head}/{item['path']}"
            blank = {"start_column": None, "end_column": None, "title": None, "raw_details": None}
            run.annotations.append({**blank, **item, "blob_href": url})


def _validate(asked: dict[str, Any]) -> None:
    """What GitHub refuses although its description allows it."""
    output = asked.get("output", {})
    if asked.get("status") == "completed" and "conclusion" not in asked:
        raise invalid("CheckRun", "conclusion", "missing_field")
    if asked.get("conclusion", "success") not in _CONCLUSIONS or asked.get("status", "queued") not in _STATUSES:
        raise invalid("CheckRun", "conclusion", "invalid")
    if len(output.get("annotations", [])) > 50:
        raise Problem(422, "Invalid request. No more than 50 items are allowed; 51 were supplied.")
    if any(len(output.get(key) or "") > 65_535 for key in ("summary", "text")):
        raise Problem(422, "Invalid request. Only 65535 characters are allowed.")
    if len(asked.get("actions", [])) > 3:
        raise Problem(422, "Invalid request. No more than 3 items are allowed.")
    for item in output.get("annotations", []):
        if not 1 <= item.get("start_line", 0) <= item.get("end_line", 0):
            raise invalid("CheckRunAnnotation", "start_line", "invalid")
