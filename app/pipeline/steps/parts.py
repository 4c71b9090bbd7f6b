"""What the steps work with, made once for each worker."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from app.gate.policy import Policy
from app.github.client import App, Installation
from app.pipeline.errors import PipelineError
from app.repository.mirror import Mirror
from app.repository.workspaces import Workspaces
from app.store import Store
from app.store.runs import Run
from runner.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything outside the process that steps touch. `page` gives the address of a run's live page."""

    app: App
    store: Store
    sandbox: Sandbox
    data_dir: Path
    web_url: str
    floor: Policy | None
    version: str
    page: Callable[[int], str]

    def installation(self, run: Run) -> Installation:
        """GitHub in the name of the installation that a run belongs to."""
        if run.installation is None:
            raise PipelineError(f"run {run.id} belongs to no installation of the App")
        return self.app.installation(run.installation)

    def app_login(self) -> str:
        """The account that the App acts as."""
        return f"{self.app.info().slug}[bot]"

    def mirror(self, repository: str) -> Mirror:
        """The mirror of a repository."""
        return Mirror(self.data_dir, f"{self.web_url}/{repository.casefold()}")

    def workspace(self) -> AbstractContextManager[Path]:
        """A folder for one run's trees, gone with it."""
        return Workspaces(self.data_dir).new()
