"""Whether the change's Python files parse: semgrep reads what it can of a broken one and says little or nothing of it.

Python's own parser says, in the sandbox. So a file that no scanner can be trusted with is trouble, whichever checks are
on.
"""

import json
import sys
from dataclasses import replace

from checks.check import CheckInput
from checks.errors import UnreadableReport
from checks.staging import Language, StagedFile
from checks.targets import Target, heads, named
from checks.tool import LIMITS, OUR_PROGRAMS, WITH_OUR_PROGRAMS, ended_badly, read_json, run_python
from runner.sandbox import Outcome

_SECONDS = 60.0
_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def unparsed(work: CheckInput, files: tuple[StagedFile, ...]) -> tuple[str, ...]:
    """A sentence for each of the files that is Python and does not parse, or of which this is not known."""
    targets = heads(file for file in files if file.language is Language.PYTHON)
    if not targets:
        return ()
    outcome = run_python(
        work,
        ("-m", "checks.inside.parse_python"),
        mounts=(OUR_PROGRAMS,),
        environment=WITH_OUR_PROGRAMS,
        stdin=json.dumps({"files": [target.name for target in targets]}).encode(),
        limits=replace(LIMITS, time=_SECONDS),
    )
    return read(outcome, targets)


def read(outcome: Outcome, targets: tuple[Target, ...]) -> tuple[str, ...]:
    """What the run gave. Lines before a crash count; files without a line are named."""
    told, trouble = answers(outcome.stdout)
    sentences = [
        f"{target.path} is not Python {_VERSION}, so semgrep may have read only parts of it: {told[target.name]}"
        for target in targets
        if told.get(target.name)
    ]
    missing = [target for target in targets if target.name not in told]
    trouble = ended_badly("Python's parser", outcome, frozenset({0})) or trouble
    if missing:
        sentences.append(f"it is not known whether these files parse: {named(missing)}" + (trouble and f" ({trouble})"))
    elif trouble:
        sentences.append(trouble)
    return tuple(sentences)


def answers(data: bytes) -> tuple[dict[str, str], str]:
    """Each file's error ("" for none) by its staged name, up to a line that is no answer, and what is odd."""
    told: dict[str, str] = {}
    for line in data.splitlines():
        try:
            answer = read_json("Python's parser", line)
            name, error = answer["name"], answer["error"]
        except (UnreadableReport, KeyError):
            return told, "Python's parser gave an answer that is none"
        if not isinstance(name, str) or not isinstance(error, str):
            return told, "Python's parser gave an answer that is none"
        told[name] = error
    return told, ""
