"""The pages: what they show, to whom, and that text from strangers stays text."""

import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from app.store import Store, runs
from app.store.events import EventKind
from app.store.tables import runs as table
from tests.integration.web.example import HOSTILE, judged_run, new_run, say

PLAIN = "nothing special"


class Elements(HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Their names and their attributes' names: what text must not be able to change."""
        return [(tag, tuple(attributes)) for tag, attributes in self.found]


def test_without_runs_the_list_says_what_to_expect(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "No run yet." in answer.text


def test_the_list_shows_the_newest_first_and_pages_on(client: FlaskClient, store: Store) -> None:
    with store.writing() as connection:
        for number in range(1, 41):
            new_run(connection, f"k{number}", number, text=PLAIN)
    first = client.get("/").text
    numbers = [int(n) for n in re.findall(r"octo/hello#(\d+)", first)]
    assert numbers == list(range(40, 10, -1))
    older = re.search(r'href="(/\?before=\d+)"', first)
    assert older is not None
    numbers = [int(n) for n in re.findall(r"octo/hello#(\d+)", client.get(older[1]).text)]
    assert numbers == list(range(10, 0, -1))


def test_a_run_shows_verdict_reasons_steps_tests_findings_and_sandbox(client: FlaskClient, store: Store) -> None:
    with store.writing() as connection:
        run = judged_run(connection, text=PLAIN)
    page = client.get(f"/runs/{run.id}").text
    for said in (
        "Failed", "One finding blocks: nothing special", "Remove it: nothing special", "Codex", "fetched",
        "1 failed nothing special", "line one nothing special\nline two", "tests.test_a::broken nothing special",
        "tests.test_a::fixed nothing special", "11 tests pass both before and after", "src/nothing special.py",
        "eval of input nothing special", "bandit · B307", "https://github.com/octo/hello/pull/7",
        "bubblewrap 0.11.0", "memory 4 GiB", "time 20 min 0 s", "443", "+10", "7.5 s",
        f"https://github.com/octo/hello/blob/{run.head}/src/nothing%20special.py#L9",
    ):  # fmt: skip
        assert said in page, said
    assert page.index("line 2") < page.index("line 9", page.index("findings-title"))
    assert "data-events" not in page
    assert "http-equiv" not in page


@pytest.mark.parametrize("path", ["/", "/runs/{id}"])
def test_hostile_text_changes_nothing_but_text(client: FlaskClient, store: Store, path: str) -> None:
    with store.writing() as connection:
        plain, hostile = judged_run(connection, "k1", PLAIN), judged_run(connection, "k2", HOSTILE)
        if path == "/":
            connection.execute(table.update().where(table.c.id == plain.id).values(title=HOSTILE))
    page = client.get(path.format(id=hostile.id)).text
    assert all(
        trick not in page for trick in ("<script>alert", "<img src=x", "\u202e", "\u200b", "\x1b", "\x07", "7000021")
    )
    assert "⟨U+202E⟩" in page
    if path != "/":
        assert Elements(page).shape == Elements(client.get(f"/runs/{plain.id}").text).shape
    for tag, attributes in Elements(page).found:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert not str(attributes.get("href", "")).lower().startswith(("javascript:", "data:"))
        if tag == "script":
            assert str(attributes["src"]).startswith("/static/")


def test_a_run_under_way_is_live_and_loads_itself_anew_without_scripts(client: FlaskClient, store: Store) -> None:
    with store.writing() as connection:
        run = new_run(connection, text=PLAIN)
        runs.start(connection, run.id, "w")
        say(connection, run, "fetch", EventKind.STARTED, "fetching now")
    page = client.get(f"/runs/{run.id}").text
    assert f'data-events="/runs/{run.id}/events" data-cursor="1"' in page
    assert '<noscript><meta http-equiv="refresh" content="4"></noscript>' in page
    assert "fetching now" in page
    assert "Judging" in page


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param("error", "Could not judge", id="error"),
        pytest.param("superseded", "A newer commit took its place", id="superseded"),
        pytest.param("cancelled", "Cancelled", id="cancelled"),
    ],
)
def test_ends_without_a_verdict_say_so(client: FlaskClient, store: Store, change: str, says: str) -> None:
    with store.writing() as connection:
        run = new_run(connection, text=PLAIN)
        say(connection, run, "fetch", EventKind.STARTED, "fetching")
        if change == "error":
            runs.fail(connection, run.id, "GitHub did not answer")
        elif change == "superseded":
            runs.supersede(connection, new_run(connection, "k2", text=PLAIN))
        else:
            runs.cancel(connection, "octo/hello", 7)
    page = client.get(f"/runs/{run.id}").text
    assert says in page
    assert "stopped" in page  # the step that was under way


def test_a_long_log_has_an_end_and_keeps_all_steps(client: FlaskClient, store: Store) -> None:
    with store.writing() as connection:
        run = new_run(connection, text=PLAIN)
        runs.start(connection, run.id, "w")
        say(connection, run, "fetch", EventKind.STARTED, "fetching")
        say(connection, run, "fetch", EventKind.FINISHED, "fetched at first", "done")
        say(connection, run, "tests:head", EventKind.STARTED, "running the suite")
        for turn in range(2100):
            say(connection, run, "tests:head", EventKind.OUTPUT, f"<{turn}>\n")
    page = client.get(f"/runs/{run.id}").text
    assert "fetched at first" in page
    assert "running the suite" in page
    assert "&lt;2099&gt;" in page
    assert "&lt;5&gt;" not in page


@pytest.mark.parametrize("path", ["/runs/999", "/runs/999999999999999999999999", "/runs/x", "/none"])
def test_what_is_not_there_is_not_there(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is nothing here." in answer.text


def test_a_newer_results_odd_shape_breaks_no_page(client: FlaskClient, store: Store) -> None:
    odd = {"schema": "mergelock.result/1", "tests": {"runs": {"new": {}}, "removed": 7}, "findings": [{}], "extra": 1}
    with store.writing() as connection:
        run = new_run(connection, text=PLAIN)
        runs.finish(connection, run.id, verdict="unheard-of", reasons=[{}], result=odd)
    assert client.get(f"/runs/{run.id}").status_code == 200
