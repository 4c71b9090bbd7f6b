"""Running a scanner in the sandbox: it parses hostile input, so it gets no network, no credentials and tight limits."""

import json
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checks.check import CheckInput
from checks.errors import UnreadableReport
from runner.errors import Cancelled
from runner.sandbox import GIB, JUDGE, MIB, Command, EndedBy, Limits, Mount, Outcome, SandboxInfo

TOOLS = JUDGE / "tools"
SCAN = JUDGE / "scan"
PROGRAMS = JUDGE / "programs"

# cpus: scanners of one change run side by side. output: a report quotes code, so it may be larger than the change.
LIMITS = Limits(cpus=2.0, memory=3 * GIB, processes=128, disk=256 * MIB, file_size=256 * MIB, time=180, output=64 * MIB)

_ENVIRONMENT = {
    "PYTHONPATH": str(TOOLS),
    "PYTHONSAFEPATH": "1",  # neither the working folder nor a script's own: nothing staged is ever imported
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUTF8": "1",
}
OUR_PROGRAMS = Mount(Path(__file__).parent / "inside", PROGRAMS / "checks" / "inside")
"""What a run of `python -m checks.inside.NAME` needs to see, with `WITH_OUR_PROGRAMS` in its environment."""
WITH_OUR_PROGRAMS = {"PYTHONPATH": f"{PROGRAMS}:{TOOLS}"}
_SHOWN = 300
MAX_TROUBLE = 50


def run_python(
    work: CheckInput,
    arguments: tuple[str, ...],
    *,
    mounts: tuple[Mount, ...] = (),
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    limits: Limits = LIMITS,
) -> Outcome:
    """Run the sandbox's Python with our own installed packages in reach and the staged files at `SCAN`, read-only.

    Raises:
        Cancelled: the work was called off.
        SandboxFault: the sandbox failed.
    """
    packages = Mount(Path(sysconfig.get_path("purelib")), TOOLS)
    command = Command(
        argv=(str(work.sandbox.info.interpreter), *arguments),
        cwd=SCAN,
        environment={**_ENVIRONMENT, **(environment or {})},
        mounts=(packages, Mount(work.staged.folder, SCAN), *mounts),
        limits=limits,
        stdin=stdin,
    )
    outcome = work.sandbox.run(command, cancel=work.cancel)
    if outcome.ended_by is EndedBy.CANCELLED or work.cancel.is_set():
        raise Cancelled("the scan was called off")
    return outcome


def wrong_interpreter(info: SandboxInfo) -> str:
    """Why the sandbox's Python cannot run our scanners; "" if it can. Compiled packages are for one minor version."""
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    theirs = ".".join(info.python_version.split(".")[:2])
    if ours == theirs:
        return ""
    return f"the scanners need Python {ours} and the sandbox has {theirs or 'another'}: use an image with Python {ours}"


def ended_badly(tool: str, outcome: Outcome, good: frozenset[int]) -> str:
    """What went wrong with the run itself, in words; "" if it ended by itself with one of the good exit codes."""
    if outcome.ended_by is not EndedBy.EXIT:
        return f"{tool} met its limit of {outcome.ended_by.value} after {outcome.seconds:.0f} s and was ended"
    if outcome.output_truncated:
        return f"{tool} said more than can be kept, so its report is cut off"
    if outcome.exit not in good:
        return f"{tool} failed with exit code {outcome.exit}: {last_words(outcome.stderr) or 'it said nothing'}"
    return ""


def few(troubles: tuple[str, ...]) -> tuple[str, ...]:
    """At most so many that a person reads them; the last then says how many more there are."""
    if len(troubles) <= MAX_TROUBLE:
        return troubles
    return (*troubles[: MAX_TROUBLE - 1], f"and {len(troubles) - MAX_TROUBLE + 1} more of this kind")


def last_words(stderr: bytes) -> str:
    """The last line that says something, shortened; printable characters only."""
    lines = [line.strip() for line in stderr[-4096:].decode("utf-8", "replace").splitlines() if line.strip()]
    return "".join(c if c.isprintable() else "?" for c in lines[-1][:_SHOWN]) if lines else ""


def read_json(tool: str, data: bytes) -> dict[str, Any]:
    """The report as an object.

    Raises:
        UnreadableReport: it is not one.
    """
    try:
        report = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableReport(f"{tool} gave a report that is not JSON") from error
    if not isinstance(report, dict):
        raise UnreadableReport(f"{tool} gave a report that is not a JSON object")
    return report
