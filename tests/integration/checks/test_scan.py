"""Whole scans in a real sandbox: what the change brings must not steer them."""

import threading
from pathlib import Path

import pytest

from checks.errors import UnknownCheck
from checks.finding import Level
from checks.registry import REGISTRY
from checks.report import ScanReport
from checks.scan import scan
from runner.errors import Cancelled
from runner.progress import Silent, StepState
from runner.sandbox import Sandbox
from tests.integration.checks.conftest import Scan, change_of

EVAL = 'from flask import request\n\n\ndef view():\n    return eval(request.args["x"])\n'
CLEAN = "def add(a: int, b: int) -> int:\n    return a + b\n"
KEY = "AKIA" + "QYLPMN5HFIQR7XYA"  # in two parts: no secret stands in this file


def rules_of(report: ScanReport, check: str) -> set[str]:
    return {finding.rule for finding in report.findings if finding.check == check}


def test_a_clean_change(scan_files: Scan) -> None:
    report = scan_files({"app/x.py": CLEAN, "web/x.ts": "export const a: number = 1;\n", "README.md": "# Hello\n"})
    assert [r.check for r in report.reports] == list(REGISTRY)
    assert all(r.clean for r in report.reports), report


def test_every_check_finds_its_own(scan_files: Scan) -> None:
    report = scan_files({"app/x.py": EVAL, "app/y.py": f'KEY = "{KEY}"\n# right\u202eleft\n'})
    assert "python-eval-of-input" in rules_of(report, "semgrep")
    assert "B307-blacklist" in rules_of(report, "bandit")
    assert rules_of(report, "secrets") == {"aws-access-key"}
    assert rules_of(report, "hidden-text") == {"bidirectional-override"}


def test_the_secret_itself_is_never_told(scan_files: Scan) -> None:
    report = scan_files({"a.py": f'KEY = "{KEY}"\n'}, enabled=frozenset({"secrets"}))
    (finding,) = report.findings
    assert finding.level is Level.CRITICAL
    assert KEY not in repr(report)
    assert "AKIA…, 20 characters" in finding.text


def test_secrets_that_are_too_many_are_trouble_that_names_the_file(scan_files: Scan) -> None:
    keys = "".join(f'k{n} = "AKIA{"QYLPMN5HFIQ"}{n:05}"\n' for n in range(10000, 12100))
    report = scan_files({"a.py": "x = 1\n", "b.py": keys}, enabled=frozenset({"secrets"}))
    assert report.reports[0].trouble == ("the search for secrets did not look at all of b.py",)
    assert report.findings[-1].rule == "more-findings"


SUPPRESSIONS = (
    "nosec",
    "nosec B307",
    "nosemgrep",
    "nosemgrep: python-eval-of-input",
    "noqa",
    "pragma: allowlist secret",
)


def test_suppressions_of_the_change_do_not_count(scan_files: Scan) -> None:
    lines = EVAL + f'KEY = "{KEY}"\n'
    report = scan_files(
        {
            f"app/{number}.py": lines.replace('["x"])', f'["x"])  # {words}').replace('"\n', f'"  # {words}\n')
            for number, words in enumerate(SUPPRESSIONS)
        }
    )
    files = {f"app/{number}.py" for number in range(len(SUPPRESSIONS))}
    for rule in ("python-eval-of-input", "B307-blacklist", "aws-access-key"):
        assert {finding.file for finding in report.findings if finding.rule == rule} == files


PLACES = (
    "tests/x.py",  # semgrep leaves such out by default
    "node_modules/p/x.py",
    ".venv/lib/x.py",  # bandit leaves such out by default
    "-r.py",
    "a b\n'c.py",
    "tools/run",  # Python by its first line
)


def test_no_place_is_out_of_sight(scan_files: Scan) -> None:
    report = scan_files(dict.fromkeys(PLACES, "#!/usr/bin/env python3\n" + EVAL))
    for rule in ("python-eval-of-input", "B307-blacklist"):
        assert {finding.file for finding in report.findings if finding.rule == rule} == set(PLACES)


def test_configuration_of_the_change_does_not_apply(scan_files: Scan) -> None:
    report = scan_files(
        {
            "app/x.py": EVAL,
            ".semgrepignore": "*\n",
            ".gitignore": "*\n",
            ".bandit": "[bandit]\nskips: B307\n",
            "bandit.yaml": "skips: [B307]\n",
            "pyproject.toml": '[tool.bandit]\nskips = ["B307"]\n',
            "setup.cfg": "[bandit]\nskips = B307\n",
            ".secrets.baseline": "{}\n",
            "bandit/__init__.py": "raise SystemExit(0)\n",
            "sitecustomize.py": "raise SystemExit(0)\n",
        }
    )
    assert "python-eval-of-input" in rules_of(report, "semgrep")
    assert "B307-blacklist" in rules_of(report, "bandit")


def test_minified_files_are_scanned(scan_files: Scan) -> None:
    minified = "var a=1;" * 400 + "function f(req){eval(req.query.x)}" + "var b=2;" * 400
    report = scan_files({"static/app.min.js": minified}, enabled=frozenset({"semgrep"}))
    assert rules_of(report, "semgrep") == {"javascript-eval-of-input"}


def test_only_added_lines_count(scan_files: Scan) -> None:
    report = scan_files({"app/x.py": EVAL + "\nx = 1\n"}, {"app/x.py": EVAL}, added={"app/x.py": {6, 7}})
    assert report.findings == ()


def test_code_that_moved_is_not_new(scan_files: Scan) -> None:
    other = "\n\ndef first():\n    return 1\n"
    body = "\n\ndef shell(name):\n    import os\n    os.system('ls ' + name)\n    return name\n"
    head = {"app/x.py": other + body}
    report = scan_files(head, {"app/x.py": body + other}, added={"app/x.py": set(range(5, 12))})
    assert report.findings == ()


def test_an_older_line_that_the_change_makes_bad(scan_files: Scan) -> None:
    base = "from flask import request\nimport os\n\n\ndef view():\n    name = 'x'\n    os.system(name)\n"
    head = base.replace("'x'", "request.args['x']")
    report = scan_files({"a.py": head}, {"a.py": base}, added={"a.py": {6}}, enabled=frozenset({"semgrep"}))
    assert [(f.rule, f.line) for f in report.findings] == [("python-command-of-input", 7)]


def test_files_that_do_not_parse_are_told_and_not_clean(scan_files: Scan) -> None:
    report = scan_files({"old.py": 'print "two"\n', "broken.js": "function f( {\n eval(x);\n}}} @@ ((\n"})
    bandit, semgrep = report.report("bandit"), report.report("semgrep")
    assert bandit is not None
    assert semgrep is not None
    assert any("old.py" in text and "syntax error" in text for text in bandit.trouble)
    assert any("broken.js" in text and "syntax error" in text for text in semgrep.trouble)


def test_python_that_does_not_parse_is_trouble_without_bandit(scan_files: Scan) -> None:
    report = scan_files({"old.py": 'print "two"\n', "new.py": CLEAN}, enabled=frozenset({"semgrep"}))
    (trouble,) = report.reports[0].trouble
    assert trouble.startswith("old.py is not Python 3.")
    assert "syntax error at line 1" in trouble


def test_files_that_cannot_be_scanned_are_findings(scan_files: Scan) -> None:
    report = scan_files(
        {
            "nul.js": b"eval(1);\0",
            "utf16.py": "eval(1)".encode("utf-16"),
            "large.ts": b"x;" * (1024 * 1024 + 1),
        },
        enabled=frozenset({"semgrep"}),
    )
    assert {(f.rule, f.file, f.level) for f in report.findings} == {
        ("could-not-scan", "nul.js", Level.HIGH),
        ("could-not-scan", "utf16.py", Level.HIGH),
        ("could-not-scan", "large.ts", Level.HIGH),
    }


def test_a_carriage_return_hides_nothing(scan_files: Scan) -> None:
    data = b"x = 1\rfrom flask import request\reval(request.args['x'])\r"
    report = scan_files({"a.py": data}, added={"a.py": {1}})
    assert "B307-blacklist" in rules_of(report, "bandit")
    assert "lone-carriage-return" in rules_of(report, "hidden-text")


class Recorder(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, StepState]] = []

    def finished(self, step: str, text: str, state: StepState = StepState.DONE) -> None:
        self.told.append((step, text, state))


def test_progress_tells_each_step(sandbox: Sandbox, tmp_path: Path) -> None:
    progress = Recorder()
    change = change_of(tmp_path, {"a.py": EVAL})
    enabled = frozenset({"bandit", "hidden-text"})
    scan(change, sandbox=sandbox, scratch=tmp_path, enabled=enabled, progress=progress, cancel=threading.Event())
    assert {(step, state) for step, _, state in progress.told} == {
        ("checks:bandit", StepState.FAILED),
        ("checks:hidden-text", StepState.DONE),
    }


def test_called_off(sandbox: Sandbox, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    change = change_of(tmp_path, {"a.py": EVAL})
    with pytest.raises(Cancelled):
        scan(change, sandbox=sandbox, scratch=tmp_path, enabled=frozenset(REGISTRY), progress=Silent(), cancel=cancel)


def test_an_unknown_check_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    change = change_of(tmp_path, {"a.py": CLEAN})
    with pytest.raises(UnknownCheck, match="semgrap"):
        scan(
            change,
            sandbox=sandbox,
            scratch=tmp_path,
            enabled=frozenset({"semgrap"}),
            progress=Silent(),
            cancel=threading.Event(),
        )
