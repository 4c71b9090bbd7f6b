"""The pages for people: all runs, and one run."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.store import Store, events, runs
from app.web import view
from app.web.guard import Guard

PAGE = 30


def blueprint(guard: Guard, store: Store, web_url: str) -> Blueprint:
    """/, /runs/<id>."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    @guard.signed_in
    def runs_page() -> AnyResponse:
        before = request.args.get("before", type=int)
        with store.reading() as connection:
            found = runs.recent(connection, limit=PAGE + 1, before=before)
        more = found[PAGE - 1].id if len(found) > PAGE else None
        return _page("runs.html", runs=found[:PAGE], more=more, before=before, web_url=web_url)

    @routes.get("/runs/<int:run_id>")
    @guard.signed_in
    def run_page(run_id: int) -> AnyResponse:
        with store.reading() as connection:
            run = runs.get(connection, run_id) if run_id < 2**63 else None
            if run is None:
                abort(404)
            # Starts and ends of all steps, output only of the newest part: a page has to have an end.
            tail = events.tail(connection, run_id)
            told = {event.seq for event in tail}
            early = [event for event in events.steps(connection, run_id) if event.seq not in told]
        log = sorted([*early, *tail], key=lambda event: event.seq)
        result: dict[str, Any] = run.result or {}
        return _page(
            "run.html",
            run=run,
            result=result,
            steps=view.steps(log),
            cursor=log[-1].seq if log else 0,
            test_runs=view.test_runs(result),
            test_lists=view.test_lists(result),
            findings=view.by_file(result.get("findings")),
            tampering=view.by_file(result.get("tests", {}).get("tampering")),
            web_url=web_url,
            line_link=view.line_link,
        )

    return routes


def _page(template: str, **values: Any) -> AnyResponse:
    # Lone surrogates cannot be sent; `visible` shows them, and what it was not asked about must not end in a 500.
    text = render_template(template, **values)
    return Response(text.encode("utf-8", "replace"), mimetype="text/html")
