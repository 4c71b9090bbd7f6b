"""The pages in a browser: live, without scripts, under hostile text, in both colour schemes, with a keyboard."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.store import runs
from app.store.events import EventKind
from app.store.runs import Run
from app.web.guard import sign_in_link
from tests.integration.web.example import HOSTILE, judged_run, new_run, result, say
from tests.serving import Served

pytestmark = pytest.mark.browser
PLAIN = "the usual"
expect.set_options(timeout=20_000)


def running(served: Served) -> Run:
    """A run under way, with one step done."""
    with served.store.writing() as connection:
        run = new_run(connection, text=PLAIN)
        runs.start(connection, run.id, "w")
        say(connection, run, "fetch", EventKind.STARTED, "fetching")
        say(connection, run, "fetch", EventKind.FINISHED, "fetched 2 files", "done")
    return run


def tell(served: Served, run: Run, step: str, kind: EventKind, text: str, state: str = "") -> None:
    with served.store.writing() as connection:
        say(connection, run, step, kind, text, state)


def end(served: Served, run: Run) -> None:
    whole = result(PLAIN)
    with served.store.writing() as connection:
        runs.finish(connection, run.id, verdict="failed", reasons=whole["reasons"], result=whole)


def test_a_link_signs_in_once(context: BrowserContext, served: Served) -> None:
    page, link = context.new_page(), sign_in_link(served.settings, served.store)
    page.goto(served.url)
    expect(page.get_by_role("heading")).to_have_text("Sign in with a link")
    page.goto(link)
    expect(page).to_have_url(served.url + "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading")).to_have_text("Sign in with a link")
    page.goto(link)
    expect(page.get_by_role("heading")).to_have_text("This link no longer works")


def test_the_list_changes_by_itself_and_leads_to_a_run(page: Page, served: Served, complaints: list[str]) -> None:
    expect(page.get_by_text("No run yet.")).to_be_visible()
    page.evaluate("window.loadedOnce = true")
    run = running(served)
    row = page.get_by_role("listitem").filter(has_text="octo/hello#7")
    expect(row).to_contain_text("Judging")
    end(served, run)
    expect(row).to_contain_text("Failed")
    assert page.evaluate("window.loadedOnce") is True
    row.get_by_role("link").click()
    expect(page).to_have_url(f"{served.url}/runs/{run.id}")
    assert complaints == []


def test_a_runs_page_is_live_without_loading_anew(page: Page, served: Served, complaints: list[str]) -> None:
    run = running(served)
    page.goto(f"{served.url}/runs/{run.id}")
    page.evaluate("window.loadedOnce = true")
    expect(page.locator("#stream-state")).to_have_text("Live.")
    step = page.locator('[data-step="tests:head"]')
    tell(served, run, "tests:head", EventKind.STARTED, "running 12 tests")
    expect(step).to_contain_text("running 12 tests")
    tell(served, run, "tests:head", EventKind.OUTPUT, "first line\n")
    expect(step.locator(".log")).to_have_text("first line")
    expect(step.locator(".log")).to_be_visible()
    tell(served, run, "tests:head", EventKind.OUTPUT, f"{HOSTILE}\n")
    expect(step.locator(".log")).to_contain_text("<script>alert(1)</script>⟨U+202E⟩gnp.exe")
    tell(served, run, "tests:head", EventKind.FINISHED, "1 failed, 11 passed", "failed")
    expect(step.locator(".state")).to_have_text("failed")
    expect(step).to_contain_text("1 failed, 11 passed")
    end(served, run)
    expect(page.locator("h1 .badge")).to_have_text("Failed")
    expect(page.get_by_role("heading", name="Findings")).to_be_visible()
    expect(page.get_by_text("One finding blocks: the usual")).to_be_visible()
    assert page.evaluate("window.loadedOnce") is True
    expect(step.locator("details")).to_have_attribute("open", "")
    assert complaints == []


def test_a_stream_that_is_cut_goes_on_where_it_was(page: Page, served: Served) -> None:
    run = running(served)
    page.goto(f"{served.url}/runs/{run.id}")
    expect(page.locator("#stream-state")).to_have_text("Live.")
    tell(served, run, "tests:head", EventKind.OUTPUT, "one\n")
    log = page.locator('[data-step="tests:head"] .log')
    expect(log).to_have_text("one")
    page.context.set_offline(True)
    page.context.set_offline(False)
    tell(served, run, "tests:head", EventKind.OUTPUT, "two\n")
    expect(log).to_have_text(re.compile(r"^one\s+two\s*$"))


@pytest.mark.parametrize("browser", [False], indirect=True, ids=["no-scripts"])
def test_without_scripts_the_page_loads_itself_anew_until_the_end(page: Page, served: Served) -> None:
    run = running(served)
    page.goto(f"{served.url}/runs/{run.id}")
    told = "This page loads itself anew every few seconds."
    expect(page.locator("#stream-state")).to_have_text(told, use_inner_text=True)
    expect(page.locator('[data-step="fetch"]')).to_contain_text("fetched 2 files")
    tell(served, run, "tests:head", EventKind.OUTPUT, "a line of output\n")
    step = page.locator('[data-step="tests:head"]')
    expect(step).to_be_visible()
    end(served, run)
    expect(page.locator("h1 .badge")).to_have_text("Failed")
    expect(page.locator('meta[http-equiv="refresh"]')).to_have_count(0)
    step.locator("summary").click()
    expect(step.locator(".log")).to_contain_text("a line of output")


def test_hostile_text_stays_text(page: Page, served: Served, complaints: list[str]) -> None:
    with served.store.writing() as connection:
        run = judged_run(connection, text=HOSTILE)
    for path in ("/", f"/runs/{run.id}"):
        page.goto(served.url + path)
        assert page.locator("script").count() == 1
        assert page.locator("img").count() == 1
        expect(page.get_by_text("⟨U+202E⟩gnp.exe").first).to_be_visible()
        for bad in ("\u202e", "\u200b", "\x1b", "\x07"):
            assert bad not in page.locator("body").inner_text()
    assert page.locator('a[href^="javascript:"]').count() == 0
    assert complaints == []


def test_a_keyboard_is_enough(page: Page, served: Served) -> None:
    with served.store.writing() as connection:
        run = judged_run(connection, text=PLAIN)
    page.goto(f"{served.url}/runs/{run.id}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    summary = page.locator('[data-step="fetch"] summary')
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator('[data-step="fetch"] details')).to_have_attribute("open", "")


CONTRAST = (Path(__file__).parent / "contrast.js").read_text()


@pytest.mark.parametrize(
    "context", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True, ids=["light", "dark"]
)
def test_text_can_be_read_in_both_colour_schemes(page: Page, served: Served) -> None:
    with served.store.writing() as connection:
        run = judged_run(connection, text=PLAIN)
        runs.fail(connection, new_run(connection, "k2", text=PLAIN).id, "GitHub did not answer")
        new_run(connection, "k3", text=PLAIN)
        runs.finish(connection, new_run(connection, "k4").id, verdict="needs-review", reasons=[], result=None)
        runs.finish(connection, new_run(connection, "k5").id, verdict="passed", reasons=[], result=None)
    for path in ("/", f"/runs/{run.id}", "/none"):
        page.goto(served.url + path)
        for details in page.locator("details").all():
            details.evaluate("d => { d.open = true }")
        assert page.evaluate(CONTRAST) == [], path


@pytest.mark.parametrize("context", [{"viewport": {"width": 360, "height": 700}}], indirect=True, ids=["phone"])
def test_a_small_screen_needs_no_sideways_scrolling(page: Page, served: Served) -> None:
    with served.store.writing() as connection:
        run = judged_run(connection, text="x" * 200)
    for path in ("/", f"/runs/{run.id}"):
        page.goto(served.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


def test_the_pages_ask_nobody_else(page: Page, served: Served) -> None:
    with served.store.writing() as connection:
        run = judged_run(connection, text=HOSTILE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", f"/runs/{run.id}"):
        page.goto(served.url + path, wait_until="networkidle")
    assert len(asked) >= 4
    assert [url for url in asked if not url.startswith(served.url + "/")] == []
