"""One pass of each check over a change of 20 files of a real library. `python -m tests.bench.scans`"""

import json
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from app.demo.library import unpack_release
from checks.change import Change, ChangedFile, FileStatus
from checks.registry import REGISTRY
from checks.scan import scan
from runner.choose import choose
from runner.progress import Silent

PACKAGE, VERSION, FILES = "werkzeug", "3.1.3", 20


def measure() -> dict[str, object]:
    """Seconds of wall time by check, one at a time and all side by side."""
    with tempfile.TemporaryDirectory(prefix="mergelock-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        change = _change(folder)
        sandbox = choose("auto", data_dir=folder / "data")
        found: dict[str, object] = {"files": len(change.files), "lines": change.added}
        for checks in (*((name,) for name in REGISTRY), tuple(REGISTRY)):
            scratch = folder / "scratch"
            scratch.mkdir()
            report = scan(
                change,
                sandbox=sandbox,
                scratch=scratch,
                enabled=frozenset(checks),
                progress=Silent(),
                cancel=threading.Event(),
            )
            found["all" if len(checks) > 1 else checks[0]] = round(report.seconds, 2)
            shutil.rmtree(scratch)
    return found


def _change(folder: Path) -> Change:
    """Its largest source files, each with every second line taken for new."""
    release = folder / "release"
    release.mkdir()
    unpack_release(PACKAGE, VERSION, release)
    sources = sorted((release / "src").rglob("*.py"), key=lambda path: -path.stat().st_size)[:FILES]
    head, base = folder / "head", folder / "base"
    files = []
    for source in sources:
        path = source.relative_to(release)
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        for tree, kept in ((head, lines), (base, lines[::2])):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text("".join(kept), encoding="utf-8")
        added = frozenset(range(2, len(lines) + 1, 2))
        files.append(ChangedFile(str(path), FileStatus.MODIFIED, added=added, size=source.stat().st_size))
    return Change("0" * 40, "1" * 40, tuple(files), head, base)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=2) + "\n")
