"""`mergelock demo`, as it is given to those who look for the first time."""

import subprocess
import sys
from pathlib import Path

import pytest

from runner.sandbox import Sandbox
from tests.judged import registry_or_skip

pytestmark = [pytest.mark.slow, pytest.mark.registry, pytest.mark.xdist_group("e2e-demo")]


@pytest.mark.parametrize("name", ["bubblewrap", pytest.param("docker", marks=pytest.mark.docker)])
def test_every_outcome_is_as_it_must_be(request: pytest.FixtureRequest, name: str, tmp_path: Path) -> None:
    registry_or_skip()
    sandbox: Sandbox = request.getfixturevalue(f"{name}_sandbox")
    assert sandbox.info.name == name
    done = subprocess.run(
        (sys.executable, "-m", "app.cli", "demo", "--sandbox", name),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Every outcome was as it must be" in done.stdout
    assert "\x1b" not in done.stdout, "plain where there is no terminal"
