"""Takes the documentation's pictures anew, from a demo that it plays itself: `python -m tests.browser.pictures`."""

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin

from markdown_it import MarkdownIt
from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from app.demo.board import Board
from app.demo.play import REPOSITORY, Demo, Opened
from app.demo.servers import Servers, running
from app.gate.check_run import REQUIRED
from app.store import Store, runs
from tests.browser.conftest import QUIET

FOLDER = Path("docs/images")
SHOWN = "dangerous"
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2328; margin: 0; padding: 24px 28px; width: 860px; }
h3 { margin: 0 0 12px; } code { background: #eff1f3; border-radius: 5px; padding: 2px 5px; font-size: 12.5px; }
table { border-collapse: collapse; margin: 8px 0; } td, th { border: 1px solid #d1d9e0; padding: 4px 12px; }
header { color: #59636e; border-bottom: 1px solid #d1d9e0; margin: 0 0 18px; padding: 0 0 10px; }
"""


def main() -> int:
    """Play, take both pictures, and say what went wrong if something did."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mergelock-pictures-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running(folder, "auto") as servers, Board(Console(file=io.StringIO())) as board:
            demo = Demo(servers, board, folder)
            opened = demo.play()
            demo.close()
            shown = next(one for one in opened if one.scene.key == SHOWN)
            _take(servers, shown)
    for problem in demo.wrong:
        sys.stderr.write(problem + "\n")
    return 1 if demo.wrong else 0


def _take(servers: Servers, shown: Opened) -> None:
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*QUIET, *sandbox])
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        _report(page, servers, shown)
        page.goto(servers.sign_in)
        page.goto(urljoin(servers.page, f"/runs/{_run(servers, shown)}"))
        page.screenshot(path=FOLDER / "page.png", full_page=True)
        browser.close()


def _report(page: Page, servers: Servers, shown: Opened) -> None:
    """The required check's summary as GitHub has it, in a frame like GitHub's."""
    check = servers.github.do("check_runs", full_name=REPOSITORY, head=shown.head, name=REQUIRED)[-1]
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(check["summary"])
    header = f"<header><b>{REQUIRED}</b> · {check['conclusion']} · {check['title']}</header>"
    page.set_content(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{header}{body}")
    page.locator("body").screenshot(path=FOLDER / "report.png")


def _run(servers: Servers, shown: Opened) -> int:
    store = Store.open(servers.database, pool_size=1)
    try:
        with store.reading() as connection:
            run = runs.latest(connection, REPOSITORY, shown.number, shown.head)
    finally:
        store.close()
    assert run is not None
    return run.id


if __name__ == "__main__":
    sys.exit(main())
