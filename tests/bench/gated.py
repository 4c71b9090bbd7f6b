"""Gated wall time of a warm run against the same suite run bare, on consecutive releases of real libraries.

`python -m tests.bench.gated [PACKAGE OLD NEW]…`

Bare is what a developer does: `pytest` in a virtual environment in which the head is installed. The gate does more: it
runs the head's suite, the head's tests on the base's source, and the scans, side by side; the base's own suite is known
from before, as it is on a server. So each is told apart.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from app.demo.library import Author, Checkout, unpack_release
from app.gate.result import Result
from app.judging.local import LocalChange, judge_locally
from app.settings import load
from runner.choose import choose
from runner.progress import Silent
from runner.sandbox import Sandbox
from tests.bench.paired import in_turn, timed

LIBRARIES = (("cachetools", "7.3.1", "7.3.2"), ("more-itertools", "10.8.0", "11.0.0"))
ROUNDS = 3
AUTHOR = Author("release", "release@example.com")


def measure(package: str, old: str, new: str, folder: Path, sandbox: Sandbox) -> dict[str, object]:
    """One library's figures, seconds of wall time."""
    checkout = _repository(package, old, new, folder / package)
    settings = load().model_copy(update={"data_dir": folder / "data"})

    def gate(*, scans: bool = True) -> Result:
        asked = LocalChange(checkout.folder, "main", "change", scans=scans)
        began = time.monotonic()
        return judge_locally(
            asked, settings=settings, sandbox=sandbox, progress=Silent(), cancel=threading.Event(), began=began
        )

    cold = timed(gate)
    bare = _bare(checkout, folder / f"{package}-venv")
    whole = in_turn(gate, bare, rounds=ROUNDS)
    tests_only = in_turn(lambda: gate(scans=False), bare, rounds=ROUNDS)
    result = gate()
    runs = result.tests.runs
    return {
        "library": f"{package} {old} → {new}",
        "tests": runs["head"].passed + runs["head"].failed + runs["head"].skipped,
        "bare": round(whole.medians[1], 2),
        "gated, first time": round(cold, 2),
        "gated, warm": round(whole.medians[0], 2),
        "gated, warm, tests only": round(tests_only.medians[0], 2),
        "head's run in the gate": runs["head"].seconds,
        "ratio, whole": round(whole.ratio, 2),
        "ratio, tests only": round(tests_only.ratio, 2),
        "scans": result.timing.scans,
    }


def _repository(package: str, old: str, new: str, folder: Path) -> Checkout:
    folder.mkdir(parents=True)
    checkout = Checkout(folder)
    checkout.git("init", "--quiet", "--initial-branch=main")
    for version, branch in ((old, "main"), (new, "change")):
        if branch == "change":
            checkout.git("checkout", "--quiet", "-b", branch)
        with tempfile.TemporaryDirectory() as tree:
            unpack_release(package, version, Path(tree))
            checkout.replace_with(Path(tree))
        checkout.commit(f"{package} {version}", AUTHOR)
    return checkout


def _bare(checkout: Checkout, venv: Path) -> Callable[[], object]:
    uv = Path(sys.executable).with_name("uv")
    subprocess.run((uv, "venv", "--quiet", str(venv)), check=True)
    python = venv / "bin" / "python"
    install = (uv, "pip", "install", "--quiet", "--python", str(python), "--compile-bytecode", "pytest")
    subprocess.run((*install, str(checkout.folder)), check=True)
    command = (str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider")
    return lambda: subprocess.run(command, cwd=checkout.folder, capture_output=True, check=False)


def main() -> None:
    """Print the rows."""
    given = sys.argv[1:]
    libraries = tuple(zip(given[0::3], given[1::3], given[2::3], strict=True)) or LIBRARIES
    with tempfile.TemporaryDirectory(prefix="mergelock-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        sandbox = choose("auto", data_dir=folder / "data")
        rows = [measure(*library, folder, sandbox) for library in libraries]
    sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
