"""How long a sandbox takes to start a program that does nothing, against `docker run --rm … true`.

`python -m tests.bench.sandboxes`
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from runner.choose import choose
from runner.errors import SandboxUnavailable
from runner.images.recipe import image_name
from runner.sandbox import Command, Sandbox
from tests.bench.paired import in_turn

ROUNDS = 15


def measure() -> list[dict[str, str | float]]:
    """A row for each sandbox that can run here."""
    rows: list[dict[str, str | float]] = []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        sandboxes: dict[str, Sandbox] = {}
        for name in ("docker", "bubblewrap"):
            try:
                sandboxes[name] = choose(name, data_dir=Path(folder))
            except SandboxUnavailable as error:
                rows.append({"sandbox": name, "cannot run": str(error)})
        bare = _docker_run() if "docker" in sandboxes else None
        rows += [{"sandbox": name, **_against(sandbox, bare)} for name, sandbox in sandboxes.items()]
    return rows


def _against(sandbox: Sandbox, bare: Callable[[], object] | None) -> dict[str, str | float]:
    command = Command(("/bin/true",), cwd=PurePosixPath("/tmp"))

    def start() -> None:
        outcome = sandbox.run(command)
        if not outcome.ok:
            raise RuntimeError(f"true failed: {outcome}")

    found = in_turn(start, bare or start, rounds=ROUNDS)
    row: dict[str, str | float] = {"seconds": round(found.medians[0], 4)}
    if bare is not None:
        row |= {"docker run --rm true, seconds": round(found.medians[1], 4), "ratio": round(found.ratio, 3)}
    return row


def _docker_run() -> Callable[[], object]:
    """Plain `docker run` of the same image."""
    image = image_name()  # choosing the docker sandbox has made it
    command = ("docker", "run", "--rm", "--network", "none", image, "/bin/true")
    return lambda: subprocess.run(command, check=True, capture_output=True, timeout=60)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=2) + "\n")
