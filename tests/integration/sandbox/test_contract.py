"""What every sandbox promises about a command: what it gets, what is answered, what it can see."""

import os
import threading
from pathlib import Path, PurePosixPath

import pytest

from runner.errors import SandboxFault
from runner.sandbox import MIB, WORKSPACE, Command, EndedBy, Limits, Mount, Sandbox
from tests.integration.sandbox.conftest import SMALL, Runs

OWN = {"PATH", "HOME", "TMPDIR", "LANG"}


def test_environment_is_exactly_what_was_asked_for(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the host's environment is inherited."""
    monkeypatch.setenv("MERGELOCK_CANARY", "of-the-host")
    outcome = run("/usr/bin/env", "-0", environment={"ONE": "1", "SPACED": "a b\n=c", "LANG": "C"})
    found = dict(entry.split("=", 1) for entry in outcome.stdout.decode().split("\0") if entry)
    assert found.keys() == OWN | {"ONE", "SPACED"}
    assert found["SPACED"] == "a b\n=c"
    assert found["LANG"] == "C"


def test_process_one_hides_nothing_of_the_host(run: Runs) -> None:
    """The environment of whatever started the command is not the host's either."""
    outcome = run("/bin/sh", "-c", "cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'")
    assert not [line for line in outcome.stdout.decode().splitlines() if str(Path.home()) in line and "HOME" in line]


def test_arguments_arrive_as_they_are(run: Runs) -> None:
    """No shell looks at them, and there may be many."""
    argv = ("a b", "$HOME", "`id`", "*", "ü", "", *("x" * 1000 for _ in range(300)))
    outcome = run("/usr/bin/printf", "%s\\0", *argv)
    assert outcome.stdout.decode().split("\0")[:-1] == list(argv)


def test_working_folder(run: Runs) -> None:
    """The workspace unless another is named."""
    assert run("/bin/pwd").stdout == b"/workspace\n"
    assert run("/bin/pwd", cwd=PurePosixPath("/tmp")).stdout == b"/tmp\n"


def test_standard_input_arrives_whole(run: Runs) -> None:
    """More of it than any pipe holds, and then its end."""
    data = os.urandom(3 * MIB)
    outcome = run("/usr/bin/sha256sum", stdin=data)
    other = run("/usr/bin/wc", "-c", stdin=data)
    assert other.stdout.split()[0] == str(len(data)).encode()
    assert outcome.ok


def test_input_that_nobody_reads_is_no_trouble(run: Runs) -> None:
    """The command ends without having taken it."""
    assert run("/bin/true", stdin=b"x" * (5 * MIB)).ok


def test_output_and_error_are_told_apart(run: Runs) -> None:
    """Bytes of every value, each on its stream."""
    script = "import os; os.write(1, bytes(range(256)) * 300); os.write(2, b'\\0err\\0'); os.write(1, b'end')"
    outcome = run.python(script)
    assert outcome.stdout == bytes(range(256)) * 300 + b"end"
    assert outcome.stderr == b"\0err\0"


@pytest.mark.parametrize("status", [0, 1, 77, 137, 255])
def test_exit_status(run: Runs, status: int) -> None:
    """As the program gave it; 137 is no signal."""
    outcome = run("/bin/sh", "-c", f"exit {status}")
    assert (outcome.exit, outcome.ended_by, outcome.ok) == (status, EndedBy.EXIT, status == 0)


@pytest.mark.parametrize("number", [6, 9, 11, 15])
def test_death_by_signal(run: Runs, number: int) -> None:
    """Reads as the negative number of the signal."""
    outcome = run("/bin/sh", "-c", f"kill -{number} $$; sleep 5")
    assert (outcome.exit, outcome.ended_by) == (-number, EndedBy.EXIT)


@pytest.mark.parametrize("program", ["no-such-program", "/workspace", "/etc/passwd"], ids=["none", "folder", "text"])
def test_what_cannot_be_started(run: Runs, program: str) -> None:
    """Exits 127 as in a shell, and says why."""
    outcome = run(program)
    assert outcome.exit == 127
    assert program in outcome.stderr.decode()


def test_mounts_are_read_only_unless_said_otherwise(run: Runs, tmp_path: Path) -> None:
    """A folder and a file, shown where they were asked for."""
    folder = tmp_path / "shown"
    folder.mkdir()
    (folder / "file").write_text("text")
    mounts = (
        Mount(folder, PurePosixPath("/mergelock/folder")),
        Mount(folder / "file", PurePosixPath("/mergelock/one-file")),
    )
    outcome = run("/bin/sh", "-c", "cat /mergelock/folder/file /mergelock/one-file", mounts=mounts)
    assert outcome.stdout == b"texttext"
    for target in ("/mergelock/folder/new", "/mergelock/folder/file", "/mergelock/one-file"):
        refused = run("/bin/sh", "-c", f"echo x > {target}", mounts=mounts)
        assert not refused.ok
    assert (folder / "file").read_text() == "text"


def test_a_folder_that_only_we_could_enter_is_shown(run: Runs, tmp_path: Path) -> None:
    """Below folders that nobody else may enter, as in a home or from mkdtemp."""
    locked = tmp_path / "locked"
    shown = locked / "deep" / "shown"
    shown.mkdir(parents=True)
    (shown / "file").write_text("text")
    shown.chmod(0o700)
    locked.chmod(0o700)
    outcome = run("/bin/cat", "/mergelock/it/file", mounts=(Mount(shown, PurePosixPath("/mergelock/it")),))
    assert outcome.stdout == b"text"


def test_what_was_written_is_ours_to_read_and_remove(run: Runs) -> None:
    """Even folders that the command locked."""
    outcome = run("/bin/sh", "-c", "mkdir -p a/b && echo x > a/b/c && chmod 0500 a/b && chmod 0 a")
    assert outcome.ok
    assert (run.workspace / "a/b/c").read_text() == "x\n"


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/usr",
        "/etc",
        "/etc/passwd",
        "/proc",
        "/proc/self",
        "/mergelock",
        "/mergelock/inside",
        "/dev/x",
        "relative",
    ],
)
def test_mounts_over_the_sandbox_itself_are_refused(run: Runs, tmp_path: Path, target: str) -> None:
    """With a word on where not."""
    with pytest.raises(SandboxFault, match="mount"):
        run("/bin/true", mounts=(Mount(tmp_path, PurePosixPath(target)),))


def test_a_mount_source_must_be_there_and_no_link(run: Runs, tmp_path: Path) -> None:
    """A link would show what it points to at the moment of looking."""
    (tmp_path / "link").symlink_to("/")
    for source, word in (("absent", "absent"), ("link", "link")):
        with pytest.raises(SandboxFault, match=word):
            run("/bin/true", mounts=(Mount(tmp_path / source, PurePosixPath("/mergelock/x")),))


@pytest.mark.parametrize("path", ["/new", "/usr/new", "/etc/new", "/dev/new", "/mergelock/inside/new", "/proc/new"])
def test_everything_else_is_read_only(run: Runs, path: str) -> None:
    """Outside the workspace and the private places nothing can be made."""
    assert not run("/usr/bin/touch", path).ok


@pytest.mark.parametrize("path", ["/tmp", "/home/nobody", "/dev/shm", "/workspace"])
def test_private_places_can_be_written_and_run_from(run: Runs, path: str) -> None:
    """Builds do both there."""
    script = f"cd {path} && printf '#!/bin/sh\\necho ran' > p && chmod +x p && ./p && mkfifo f && ln -s p l"
    if path == "/dev/shm":  # engines mount it noexec, and nothing is run from there
        script = f"cd {path} && echo ran > p && cat p"
    outcome = run("/bin/sh", "-c", script)
    assert outcome.stdout == b"ran\n", outcome.stderr


def test_nothing_stays_between_two_commands(run: Runs) -> None:
    """But what is in writable mounts."""
    run("/bin/sh", "-c", "echo x > /tmp/left; echo x > ~/left; echo x > /dev/shm/left; echo x > /workspace/kept")
    outcome = run("/bin/sh", "-c", "cat /tmp/left ~/left /dev/shm/left; cat /workspace/kept")
    assert outcome.stdout == b"x\n"


def test_is_nobody_without_capabilities(run: Runs) -> None:
    """In every set, and with no way to gain any."""
    outcome = run("/bin/sh", "-c", "id -u; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status")
    lines = outcome.stdout.decode().split()
    user = "65534" if os.geteuid() == 0 or run.sandbox.info.name == "bubblewrap" else str(os.geteuid())
    assert lines[0] == user
    found = dict(zip(lines[1::2], lines[2::2], strict=True))
    assert all(int(value, 16) == 0 for name, value in found.items() if name.startswith("Cap"))
    assert (found["NoNewPrivs:"], found["Seccomp:"]) == ("1", "2")


def test_outside_it_is_nobody_too(run: Runs) -> None:
    """On a host where we are root the processes are not root's."""
    seen: list[set[int]] = []

    def look(_: bytes) -> None:
        owners = set()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    if b"canary-of-this-test" in (folder / "cmdline").read_bytes():
                        owners.add(folder.stat().st_uid)
                except OSError:
                    continue
        seen.append(owners)
        (run.workspace / "looked").touch()

    # It stays until it was looked at: the machine may be slow.
    script = "import os, time\nprint('here', flush=True)\nwhile not os.path.exists('looked'): time.sleep(0.02)"
    run.python(script + "\n'canary-of-this-test'", on_output=look)
    expected = 65534 if os.geteuid() == 0 else os.geteuid()
    assert seen[0] == {expected}


def test_the_interpreter_it_names_works(run: Runs) -> None:
    """With what a test suite imports."""
    outcome = run.python("import ssl, sqlite3, ctypes, venv, platform; print(platform.python_version())")
    assert outcome.stdout.decode().strip() == run.sandbox.info.python_version, outcome.stderr


def test_certificates_of_the_package_clients_are_there(run: Runs) -> None:
    """So that an installer behind a company's proxy trusts what pip outside trusts."""
    outcome = run.python("import ssl; print(len(ssl.create_default_context().get_ca_certs()) > 0)")
    assert outcome.stdout == b"True\n", outcome.stderr


def test_output_is_told_as_it_comes(run: Runs) -> None:
    """Live, not at the end: the command waits for us to have heard its first word."""
    heard: list[bytes] = []
    go = run.workspace / "go"

    def listen(piece: bytes) -> None:
        heard.append(piece)
        go.touch()

    script = "echo first; until [ -e go ]; do sleep 0.02; done; echo second >&2"
    outcome = run("/bin/sh", "-c", script, on_output=listen)
    assert outcome.ok
    assert b"".join(heard) == b"first\nsecond\n"


def test_commands_run_at_the_same_time(run: Runs) -> None:
    """From several threads, each with its own outcome."""
    found: dict[int, bytes] = {}

    def one(number: int) -> None:
        command = Command(("/bin/sh", "-c", f"sleep 0.2; echo {number}"), cwd=PurePosixPath("/"), limits=SMALL)
        found[number] = run.sandbox.run(command).stdout

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"{number}\n".encode() for number in range(4)}


def test_what_it_says_of_itself(sandbox: Sandbox) -> None:
    """Every limit is held by something."""
    assert sandbox.info.limits_by.keys() == set(Limits.__dataclass_fields__)
    assert set(sandbox.info.limits_by.values()) <= {"cgroup", "rlimit", "watch"}
    assert WORKSPACE.is_absolute()
