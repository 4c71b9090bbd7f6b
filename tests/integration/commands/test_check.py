"""`mergelock check` on real repositories: verdicts, exit statuses, and what is printed where."""

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

from app.gate.result import json_schema
from tests.e2e.conftest import FIX
from tests.integration.commands.conftest import CommandLine, Library
from tests.judged import registry_or_skip

pytestmark = pytest.mark.xdist_group("commands")

BREAKS = {"arith/__init__.py": "def add(a, b):\n    return 0\n"}
DANGER = {"arith/run.py": "import sys\n\n\ndef run():\n    return eval(sys.argv[1])\n"}
SAME = {"arith/__init__.py": "def add(a, b):\n    return b + a if a != 2 else a - b\n"}
WORDS = {"README.md": "words\n"}
BAD_POLICY = "version: 1\nreview:\n  labell: ok\n"


@pytest.mark.registry
class TestTests:
    """With the tests run, without the scans."""

    @pytest.fixture(autouse=True)
    def _index(self) -> None:
        registry_or_skip()

    @pytest.mark.parametrize(
        ("files", "options", "status", "said"),
        [
            pytest.param(FIX, (), 0, "test_add_two", id="a-fix-passes"),
            pytest.param(FIX, ("--require-evidence",), 0, "PASSED", id="a-fix-has-evidence"),
            pytest.param(BREAKS, (), 1, "test_add", id="a-break-fails"),
            pytest.param(WORDS, (), 0, "PASSED", id="words-pass"),
            pytest.param(WORDS, ("--require-evidence",), 0, "PASSED", id="words-need-no-evidence"),
            pytest.param(SAME, ("--require-evidence",), 1, "evidence-required", id="code-without-evidence-fails"),
        ],
    )
    def test_the_verdict_is_the_exit_status(
        self,
        judging: CommandLine,
        library: Library,
        files: dict[str, str | bytes | None],
        options: tuple[str, ...],
        status: int,
        said: str,
    ) -> None:
        done = judging.run(*library.arguments(library.change(files), "--no-scans", *options))
        assert (done.exit_code, said in done.stdout) == (status, True), done.output
        assert done.stderr == "", "quiet where there is no terminal"

    def test_json_is_one_object_and_nothing_else(self, judging: CommandLine, library: Library, fix: str) -> None:
        """As a process, with both outputs looked at: nothing that runs below may print there."""
        out, err = judging.start(*library.arguments(fix, "--no-scans", "--json")).communicate(timeout=120)
        found = json.loads(out)
        assert out.count(b"\n") == 1
        assert err == b""
        jsonschema.validate(found, json_schema())
        assert found["verdict"] == "passed"
        assert found["tests"]["fail_to_pass"] == ["tests.test_add::test_add_two"]
        assert found["change"]["head"] == library.source.git("rev-parse", fix)

    def test_an_invalid_policy_of_the_base_gives_way_to_a_file(
        self, judging: CommandLine, library: Library, tmp_path: Path
    ) -> None:
        library.source.commit({".github/mergelock.yml": BAD_POLICY})
        file = tmp_path / "policy.yml"
        file.write_text("version: 1\ntests: {required: true}\n")
        branch = library.change(FIX)
        assert judging.run(*library.arguments(branch, "--no-scans")).exit_code == 2
        assert judging.run(*library.arguments(branch, "--no-scans", "--policy", str(file))).exit_code == 0

    @pytest.mark.docker
    def test_in_docker(self, library: Library, fix: str, docker_sandbox: object, data_dir: Path) -> None:
        docker = CommandLine({"data_dir": str(data_dir)})
        done = docker.run(*library.arguments(fix, "--no-scans", "--sandbox", "docker", "--json"))
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["sandbox"]["name"] == "docker"


class TestScans:
    """With the scans made, without the tests."""

    def test_a_finding_fails_and_is_in_the_sarif_file(
        self, judging: CommandLine, library: Library, tmp_path: Path
    ) -> None:
        file = tmp_path / "found.sarif"
        done = judging.run(*library.arguments(library.change(DANGER), "--no-tests", "--sarif", str(file)))
        assert done.exit_code == 1, done.output
        assert "arith/run.py:5" in done.stdout
        sarif = json.loads(file.read_text())
        assert sarif["version"] == "2.1.0"
        places = {
            (place["physicalLocation"]["artifactLocation"]["uri"], place["physicalLocation"]["region"]["startLine"])
            for run in sarif["runs"]
            for result in run["results"]
            for place in result["locations"]
        }
        assert ("arith/run.py", 5) in places

    def test_a_sarif_file_that_cannot_be_written_is_no_failed_change(
        self, judging: CommandLine, library: Library, tmp_path: Path
    ) -> None:
        done = judging.run(
            *library.arguments(library.change(WORDS), "--no-tests", "--sarif", str(tmp_path / "none" / "found.sarif"))
        )
        assert done.exit_code == 3
        assert "none/found.sarif" in done.stderr

    def test_json_holds_a_finding_in_a_file_with_a_strange_name(self, judging: CommandLine, library: Library) -> None:
        name = b"arith/caf\xe9 \xf0\x9f.py".decode("utf-8", "surrogateescape")
        done = judging.run(*library.arguments(library.change({name: DANGER["arith/run.py"]}), "--no-tests", "--json"))
        found = json.loads(done.stdout)
        jsonschema.validate(found, json_schema())
        assert done.exit_code == 1


class TestRefusals:
    """What ends before anything runs."""

    def test_an_invalid_policy_on_base_says_where(self, judging: CommandLine, library: Library) -> None:
        library.source.commit({".github/mergelock.yml": BAD_POLICY})
        done = judging.run(*library.arguments(library.change(FIX)))
        assert (done.exit_code, done.stdout) == (2, "")
        assert "line 3, column 3: review.labell" in done.stderr
        assert "'label'" in done.stderr

    @pytest.mark.parametrize("revision", ["nowhere", "-x", "--upload-pack=x", "a\x1b]0;b", ""])
    def test_an_unknown_revision_is_a_usage_error(self, judging: CommandLine, library: Library, revision: str) -> None:
        arguments = ("check", "--repo", library.path, "--base=main", f"--head={revision}", "--json")
        done = judging.run(*arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "no commit" in done.stderr
        assert "\x1b" not in done.stderr

    def test_a_folder_that_is_no_repository(self, judging: CommandLine, tmp_path: Path) -> None:
        (tmp_path / "plain").mkdir()
        done = judging.run("check", "--repo", str(tmp_path / "plain"), "--base", "a", "--head", "b")
        assert done.exit_code == 2
        assert "not a git repository" in done.stderr

    def test_no_common_history(self, judging: CommandLine, library: Library) -> None:
        library.source.git("checkout", "--quiet", "--orphan", "alone")
        library.source.commit(WORDS)
        done = judging.run(*library.arguments("alone"))
        assert (done.exit_code, done.stdout) == (2, "")
        assert "share no commit" in done.stderr

    def test_a_shallow_clone(self, judging: CommandLine, library: Library, fix: str, tmp_path: Path) -> None:
        clone = tmp_path / "clone"
        subprocess.run(
            ("git", "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{library.path}", str(clone)),
            check=True,
        )
        done = judging.run("check", "--repo", str(clone), "--base", "origin/main", "--head", f"origin/{fix}")
        assert done.exit_code == 2
        assert "--unshallow" in done.stderr

    def test_a_hostile_tree_fails(self, judging: CommandLine, library: Library) -> None:
        library.source.git("checkout", "--quiet", "-B", "hostile")
        (library.source.directory / "notes").symlink_to("/etc/passwd")
        library.source.commit({})
        done = judging.run(*library.arguments("hostile", "--json"))
        assert done.exit_code == 1
        found = json.loads(done.stdout)
        jsonschema.validate(found, json_schema())
        assert "notes" in found["reasons"][0]["text"]

    def test_no_sandbox_is_no_failed_change(self, mergelock: CommandLine, library: Library, fix: str) -> None:
        done = mergelock.run(*library.arguments(fix, "--sandbox", "docker"))
        assert (done.exit_code, done.stdout) == (3, "")
        assert "no sandbox" in done.stderr

    def test_a_data_folder_that_cannot_be_is_no_failed_change(
        self, judging: CommandLine, library: Library, fix: str
    ) -> None:
        done = judging.run(*library.arguments(fix), data_dir="/dev/null/data")
        assert (done.exit_code, done.stdout) == (3, "")
        assert "/dev/null/data" in done.stderr

    @pytest.mark.parametrize(
        "arguments",
        [
            pytest.param(("check",), id="nothing-said"),
            pytest.param(("check", "--base", "main", "--head", "x", "--no-tests", "--no-scans"), id="nothing-to-do"),
            pytest.param(("check", "--base", "a", "--head", "b", "--repo", "/nonexistent"), id="no-folder"),
            pytest.param(("check", "--base", "a", "--head", "b", "--sandbox", "none"), id="no-such-sandbox"),
            pytest.param(("nothing",), id="no-such-command"),
        ],
    )
    def test_wrong_usage(self, mergelock: CommandLine, arguments: tuple[str, ...]) -> None:
        assert mergelock.run(*arguments).exit_code == 2

    def test_a_wrong_setting_is_named_without_its_value(self, mergelock: CommandLine, library: Library) -> None:
        done = mergelock.run(*library.arguments("main"), worker_concurrency="s3cret")
        assert done.exit_code == 2
        assert "MERGELOCK_WORKER_CONCURRENCY" in done.stderr
        assert "s3cret" not in done.stderr
