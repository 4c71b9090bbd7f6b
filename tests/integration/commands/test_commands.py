"""The small commands: what they print, and how they end."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import sqlalchemy as sa

from app.cli import COMMANDS
from app.gate.policy import json_schema
from app.store import Store, audit, schema, sign_in
from app.store.audit import Act
from runner.sandbox import Sandbox
from tests.integration.commands.conftest import CommandLine
from tests.postgres import without_guards

pytestmark = pytest.mark.xdist_group("commands")

GROUPS = {"policy": ("check", "schema"), "audit": ("verify", "show")}
ALL = [(name,) for name in COMMANDS] + [(name, part) for name, parts in GROUPS.items() for part in parts]


@pytest.fixture
def empty(tmp_path: Path) -> CommandLine:
    """The command line with a data folder that nobody used."""
    return CommandLine({"data_dir": str(tmp_path / "data"), "DOCKER_HOST": "unix:///nonexistent/docker.sock"})


class TestHelp:
    @pytest.mark.parametrize("names", ALL, ids=" ".join)
    def test_every_command_has_one(self, empty: CommandLine, names: tuple[str, ...]) -> None:
        done = empty.run(*names, "--help")
        assert done.exit_code == 0
        assert done.stdout.startswith(f"Usage: main {' '.join(names)} ")
        assert not Path(empty.settings["data_dir"]).exists(), "asking for help changes nothing"

    def test_the_list_of_commands_loads_none_of_them(self) -> None:
        """So that it is there at once: beside Python's own modules it needs click and nothing else."""
        program = (
            "import sys; from app.cli import main\n"
            "try: main(['--help'])\n"
            "except SystemExit: print('\\n'.join(['MODULES', *sys.modules]))"
        )
        done = subprocess.run((sys.executable, "-I", "-c", program), capture_output=True, text=True, check=True)
        words, _, modules = done.stdout.partition("MODULES\n")
        assert all(name in words for name in COMMANDS)
        foreign = {name for name in modules.splitlines() if name.partition(".")[0] not in sys.stdlib_module_names}
        assert {name.partition(".")[0] for name in foreign} <= {"__main__", "app", "click", *_started_with()}
        assert {name for name in foreign if name.startswith("app")} == {"app", "app.cli"}


def _started_with() -> set[str]:
    """What Python loads before any program: site customisations of this machine."""
    done = subprocess.run(
        (sys.executable, "-I", "-c", "import sys; print('\\n'.join(sys.modules))"),
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.splitlines()}


class TestPolicy:
    def test_the_schema_is_one_and_takes_a_good_policy(self, empty: CommandLine) -> None:
        done = empty.run("policy", "schema")
        assert done.exit_code == 0
        assert json.loads(done.stdout) == json_schema()
        jsonschema.Draft202012Validator.check_schema(json.loads(done.stdout))

    def test_a_good_one(self, empty: CommandLine, tmp_path: Path) -> None:
        file = tmp_path / "policy.yml"
        file.write_text("version: 1\nreview: {approvals: 2}\n")
        done = empty.run("policy", "check", str(file))
        assert (done.exit_code, done.stdout) == (0, f"{file}: a valid policy\n")

    def test_shown_it_is_whole_and_a_policy_itself(self, empty: CommandLine, tmp_path: Path) -> None:
        file = tmp_path / "policy.yml"
        file.write_text("version: 1\nreview: {approvals: 2}\n")
        whole = empty.run("policy", "check", "--show", str(file)).stdout
        assert json.loads(whole)["review"]["approvals"] == 2
        jsonschema.validate(json.loads(whole), json_schema())
        again = tmp_path / "again.yml"
        again.write_text(whole)  # JSON is YAML
        assert empty.run("policy", "check", "--show", str(again)).stdout == whole

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            pytest.param(b"version: 1\nreview:\n  labell: x\n", "line 3, column 3: review.labell", id="unknown-key"),
            pytest.param(b"version: 2\n", "line 1", id="version"),
            pytest.param(b"version: 1\nx: [\n", "line 3", id="no-yaml"),
            pytest.param(b"version: 1\n\x1b]0;x\x07: 1\n", "line 2, column 1", id="steers-a-terminal"),
            pytest.param(b"\xff\n", "UTF-8", id="no-text"),
        ],
    )
    def test_a_bad_one_says_where(self, empty: CommandLine, tmp_path: Path, text: bytes, said: str) -> None:
        file = tmp_path / "policy.yml"
        file.write_bytes(text)
        done = empty.run("policy", "check", str(file))
        assert (done.exit_code, done.stdout) == (2, "")
        assert said in done.stderr
        assert "\x1b" not in done.stderr

    def test_one_that_is_not_there(self, empty: CommandLine) -> None:
        assert empty.run("policy", "check", "/nonexistent/policy.yml").exit_code == 2


class TestAudit:
    @pytest.fixture
    def kept(self, empty: CommandLine) -> CommandLine:
        """The command line with a record of three deeds."""
        with _store(empty) as store, store.writing() as connection:
            for number, action in enumerate(("review-accepted", "policy\x1b[2Jread", "gate-opened"), 1):
                data = {"why": "because\u202e"}
                act = Act(actor="maintainer", action=action, repository="acme/library", number=number, data=data)
                audit.record(connection, act)
        return empty

    def test_a_whole_record_holds(self, kept: CommandLine) -> None:
        done = kept.run("audit", "verify")
        assert done.exit_code == 0
        assert "3 entries" in done.stdout
        anchor = done.stdout.split()[-1]
        assert kept.run("audit", "verify", "--anchor", anchor).exit_code == 0

    def test_a_changed_record_is_found(self, kept: CommandLine) -> None:
        with _store(kept) as store, without_guards(store) as connection:
            connection.execute(sa.text("UPDATE audit SET actor = 'somebody' WHERE seq = 2"))
            connection.commit()
        done = kept.run("audit", "verify")
        assert (done.exit_code, done.stdout) == (1, "")
        assert "entry 2 was changed" in done.stderr

    def test_a_record_that_was_cut_off_is_found_by_its_anchor(self, kept: CommandLine) -> None:
        anchor = kept.run("audit", "verify").stdout.split()[-1]
        with _store(kept) as store, without_guards(store) as connection:
            connection.execute(sa.text("DELETE FROM audit WHERE seq = 3"))
            connection.commit()
        assert kept.run("audit", "verify").exit_code == 0
        done = kept.run("audit", "verify", "--anchor", anchor)
        assert done.exit_code == 1
        assert "cut off" in done.stderr

    @pytest.mark.parametrize("anchor", ["", "3", "3:xyz", "-1:" + "0" * 64, "3:" + "0" * 63])
    def test_a_wrong_anchor_is_usage(self, empty: CommandLine, anchor: str) -> None:
        assert empty.run("audit", "verify", "--anchor", anchor).exit_code == 2

    def test_it_is_shown_without_steering_the_terminal(self, kept: CommandLine) -> None:
        for options, numbers in (
            ((), ["1", "2", "3"]),
            (("--limit", "2"), ["1", "2"]),
            (("--after", "1"), ["2", "3"]),
            (("--number", "2"), ["2"]),
            (("--repository", "acme/library"), ["1", "2", "3"]),
            (("--repository", "acme/other"), []),
        ):
            done = kept.run("audit", "show", *options)
            assert done.exit_code == 0
            assert [line.split()[0] for line in done.stdout.splitlines()] == numbers, options
            assert "\x1b" not in done.stdout
            assert "\u202e" not in done.stdout


class TestSignIn:
    def test_it_prints_a_link_that_works_once(self, empty: CommandLine) -> None:
        with _store(empty) as store:
            done = empty.run("sign-in", public_url="https://mergelock.example")
            assert done.exit_code == 0
            start, _, token = done.stdout.strip().partition("?token=")
            assert start == "https://mergelock.example/sign-in"
            assert token not in empty.run("sign-in").stdout
            with store.writing() as connection:
                assert sign_in.redeem(connection, token) is not None
                assert sign_in.redeem(connection, token) is None


@pytest.mark.parametrize("command", [("sign-in",), ("audit", "verify"), ("audit", "show")], ids=" ".join)
class TestWithoutDatabase:
    def test_none_is_made(self, empty: CommandLine, command: tuple[str, ...]) -> None:
        done = empty.run(*command)
        assert (done.exit_code, done.stdout) == (3, "")
        assert "mergelock.db" in done.stderr
        assert not Path(empty.settings["data_dir"]).exists()

    def test_one_without_tables_is_told(self, empty: CommandLine, command: tuple[str, ...]) -> None:
        file = Path(empty.settings["data_dir"]) / "mergelock.db"
        file.parent.mkdir()
        file.touch()
        assert empty.run(*command).exit_code == 3

    def test_one_that_is_away_is_told_without_its_password(self, empty: CommandLine, command: tuple[str, ...]) -> None:
        done = empty.run(*command, database_url="postgresql://someone:s3cret@127.0.0.1:1/none")
        assert done.exit_code == 3
        assert "database cannot be used" in done.stderr
        assert "s3cret" not in done.stderr


class TestDoctor:
    def test_a_good_machine(self, empty: CommandLine, bubblewrap_sandbox: Sandbox) -> None:
        done = empty.run("doctor")
        assert done.exit_code == 0, done.stdout
        assert f"✓ bubblewrap   {bubblewrap_sandbox.info.version}" in done.stdout

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            pytest.param({"sandbox": "docker"}, "docker", id="the-chosen-sandbox-cannot-run"),
            pytest.param({"sandbox": "none"}, "MERGELOCK_SANDBOX", id="a-wrong-setting"),
            pytest.param({"floor_policy": "/nonexistent/floor.yml"}, "floor", id="no-floor"),
            pytest.param({"data_dir": "/dev/null/data"}, "/dev/null/data", id="no-data-folder"),
        ],
    )
    def test_what_is_wrong_is_marked(self, empty: CommandLine, settings: dict[str, str], said: str) -> None:
        done = empty.run("doctor", **settings)
        assert done.exit_code == 3, done.stdout
        assert any(line.startswith("✗") and said in line for line in done.stdout.splitlines()), done.stdout

    def test_a_wrong_floor_says_where(self, empty: CommandLine, tmp_path: Path) -> None:
        floor = tmp_path / "floor.yml"
        floor.write_text("version: 1\nreveiw: {}\n")
        done = empty.run("doctor", floor_policy=str(floor))
        assert done.exit_code == 3
        assert "line 2, column 1" in done.stdout


class TestServers:
    @pytest.mark.parametrize(
        ("command", "settings", "said"),
        [
            pytest.param("serve", {}, "MERGELOCK_WEBHOOK_SECRETS", id="serve-without-secret"),
            pytest.param("worker", {}, "MERGELOCK_APP_ID", id="worker-without-app"),
            pytest.param("worker", {"app_id": "1"}, "MERGELOCK_PRIVATE_KEY_FILE", id="worker-without-key"),
        ],
    )
    def test_what_is_missing_is_named(
        self, empty: CommandLine, command: str, settings: dict[str, str], said: str
    ) -> None:
        done = empty.start(command, settings=settings)
        out, err = done.communicate(timeout=60)
        assert (done.returncode, out) == (2, b"")
        assert said in err.decode()
        assert b"Traceback" not in err


def _store(command_line: CommandLine) -> "_Opened":
    return _Opened(Path(command_line.settings["data_dir"]))


class _Opened:
    """The command line's database, made where it is not there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._store = Store.open(f"sqlite:///{folder / 'mergelock.db'}")

    def __enter__(self) -> Store:
        schema.upgrade(self._store.engine)
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()
