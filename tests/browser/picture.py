"""Takes the picture of a page for the documentation, from a server that runs (`mergelock demo --keep`):

`python -m tests.browser.picture SIGN-IN-LINK /runs/2 docs/images/page.png`
"""

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import sync_playwright

from tests.browser.conftest import QUIET

WIDTH = 1100


def take(link: str, path: str, target: Path) -> None:
    """Sign in by the link, which is used up by that, and save the whole page at `path`."""
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*QUIET, *sandbox])
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        page.goto(link)
        page.goto(urljoin(link, path))
        page.screenshot(path=target, full_page=True)
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
