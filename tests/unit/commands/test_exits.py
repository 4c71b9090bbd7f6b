"""With which status a command ends, and what it says, for each kind of trouble."""

import click
import pytest
from sqlalchemy.exc import OperationalError

from app.commands.exits import Exit, exits
from app.demo.errors import DemoError
from app.gate.errors import PolicyError, Problem
from app.github.errors import GitHubError
from app.pipeline.errors import SecondWorker
from app.repository.errors import CommitMissing, FetchTrouble, NoMergeBase
from app.settings import SettingsError
from app.store.errors import SchemaBehind
from runner.errors import Cancelled, SandboxFault, SandboxUnavailable

PROBLEMS = (Problem(3, 5, "review.labell", "is no key", "label"), Problem(4, 1, "x", "is \x1b[2J no key"))


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        pytest.param(PolicyError(PROBLEMS), 2, "line 3, column 5: review.labell", id="policy"),
        pytest.param(PolicyError(PROBLEMS), 2, "line 4, column 1: x", id="policy-second-problem"),
        pytest.param(SettingsError("set it", "and that"), 2, "set it\nand that\n", id="settings"),
        pytest.param(DemoError("no server:\nits log"), 3, "no server:\nits log\n", id="demo"),
        pytest.param(CommitMissing("nowhere"), 2, "'nowhere'", id="no-commit"),
        pytest.param(NoMergeBase("a" * 40, "b" * 40), 2, "share no commit", id="no-history"),
        pytest.param(SandboxUnavailable(("install it",)), 3, "install it", id="no-sandbox"),
        pytest.param(SandboxFault("disk full"), 3, "disk full", id="sandbox"),
        pytest.param(FetchTrouble("git\nended"), 3, "git ended", id="git"),
        pytest.param(SchemaBehind("older"), 3, "older", id="store"),
        pytest.param(SecondWorker("/data"), 3, "another worker", id="worker"),
        pytest.param(GitHubError("refused"), 3, "refused", id="github"),
        pytest.param(PermissionError(13, "Permission denied", "/data"), 3, "/data", id="system"),
        pytest.param(OperationalError("SELECT", {}, OSError("away\nsecret")), 3, "(away)", id="database"),
        pytest.param(ZeroDivisionError("a bug \x1b[2J"), 3, "Traceback", id="a-bug-of-ours"),
        pytest.param(Cancelled("superseded"), 130, "stopped", id="called-off"),
        pytest.param(KeyboardInterrupt(), 130, "stopped", id="interrupted"),
    ],
)
def test_each_trouble_has_its_status(
    error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Exit) as ended, exits():
        raise error
    printed = capsys.readouterr()
    assert (ended.value.exit_code, printed.out) == (status, "")
    assert said in printed.err
    assert "\x1b" not in printed.err
    assert "secret" not in printed.err


@pytest.mark.parametrize("own", [click.UsageError("wrong"), Exit(1)], ids=["usage", "exit"])
def test_what_is_an_end_already_passes(own: Exception) -> None:
    with pytest.raises(type(own)), exits():
        raise own
