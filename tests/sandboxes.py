"""The sandboxes as fixtures, each found out once for the whole session."""

import os
from pathlib import Path

import pytest

from runner.choose import choose
from runner.errors import SandboxUnavailable
from runner.sandbox import Sandbox


def sandbox_or_skip(name: str, data_dir: Path) -> Sandbox:
    """The sandbox of that name; where it cannot run the test is skipped, in continuous integration it fails."""
    try:
        return choose(name, data_dir=data_dir)
    except SandboxUnavailable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def bubblewrap_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """Bubblewrap."""
    return sandbox_or_skip("bubblewrap", tmp_path_factory.mktemp("bubblewrap"))


@pytest.fixture(scope="session")
def docker_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """Docker, with its image made if it is not there."""
    return sandbox_or_skip("docker", tmp_path_factory.mktemp("docker"))


@pytest.fixture(params=["bubblewrap", pytest.param("docker", marks=pytest.mark.docker)])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Each sandbox in turn."""
    found: Sandbox = request.getfixturevalue(f"{request.param}_sandbox")
    return found
