"""A real browser on the pages as they are really served."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Playwright, sync_playwright

from app.store.tables import run_events, runs
from app.web.guard import sign_in_link
from tests.serving import Served, serving

QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Chromium; parametrised with False, one that does not know scripts at all (emulation leaves <noscript> out)."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium: install the package chromium")
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    scripts = () if getattr(request, "param", True) else ("--blink-settings=scriptEnabled=false",)
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()  # its own sandbox refuses to run as root
    launched = playwright.chromium.launch(executable_path=program, args=[*QUIET, *sandbox, *scripts])
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def served(server: Served) -> Served:
    """The server, with no run in its database."""
    with server.store.writing() as connection:
        connection.execute(run_events.delete())
        connection.execute(runs.delete())
    return server


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser profile of its own; `@pytest.mark.parametrize("context", [options], indirect=True)` changes it."""
    made = browser.new_context(**getattr(request, "param", {}))
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, served: Served) -> Page:
    """A page, signed in."""
    opened = context.new_page()
    opened.goto(sign_in_link(served.settings, served.store))
    return opened


@pytest.fixture
def complaints(context: BrowserContext) -> list[str]:
    """What the browser's console complains of: script errors, breaches of the content policy, dialogs."""
    heard: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    context.on("weberror", lambda error: heard.append(str(error.error)))
    context.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    context.on("dialog", dismiss)
    return heard
