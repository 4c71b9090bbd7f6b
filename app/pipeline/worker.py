"""A whole worker put together from settings: the engine with its work, and reconciliation beside it."""

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from app.github.client import App, Installation
from app.github.errors import GitHubError, Transient
from app.github.events import HANDLED
from app.github.types import PullRequest
from app.judging.policy_in_force import read_floor
from app.pipeline.engine import Engine, EngineOptions
from app.pipeline.intake import Enqueuer
from app.pipeline.reconcile import LoggedDelivery, OpenPull, reconcile
from app.pipeline.steps.parts import Parts
from app.pipeline.steps.work import GateWork
from app.repository.workspaces import Workspaces
from app.settings import Settings
from app.store import Store
from app.telemetry.logs import logger
from app.telemetry.metrics import SANDBOX_STARTS
from runner.choose import choose
from runner.sandbox import Command, Outcome, Sandbox, SandboxInfo

log = logger(__name__)

RECONCILE_EVERY = timedelta(minutes=5)
LOOK_BACK = timedelta(days=3)  # as far as GitHub's delivery log goes
CONNECTIONS = 12


class Worker:
    """One worker process's parts. `start` raises what is missing; `stop` ends in order."""

    def __init__(self, settings: Settings) -> None:
        """Make everything that needs no connection yet.

        Raises:
            SettingsError, PolicyError, SandboxUnavailable, CredentialsRefused: something is missing or wrong.
        """
        self._app = App(settings.github_api_url, settings.required_app_id(), settings.private_key())
        self._store = Store.open(settings.database, pool_size=CONNECTIONS)
        sandbox = Counted(choose(settings.sandbox, data_dir=settings.data_dir))
        parts = Parts(
            app=self._app,
            store=self._store,
            sandbox=sandbox,
            data_dir=settings.data_dir,
            web_url=settings.github_web_url,
            floor=read_floor(settings.floor_policy),
            version=settings.application_version,
            page=lambda run: f"{settings.public_url}/runs/{run}",
        )
        options = EngineOptions(
            data_dir=settings.data_dir,
            version=settings.application_version,
            concurrency=settings.worker_concurrency,
        )
        self._engine = Engine(self._store, GateWork(parts), options)
        self._workspaces = Workspaces(settings.data_dir)
        self._stopping = threading.Event()
        self._reconciler = threading.Thread(target=self._reconcile, name="mergelock-reconcile", daemon=True)
        self.sandbox = sandbox.info

    def start(self) -> None:
        """Begin to claim work, and to look for what was missed."""
        self._workspaces.sweep()
        self._engine.start()
        self._reconciler.start()

    def stop(self) -> None:
        """End in order; what is unfinished is given back."""
        self._stopping.set()
        self._engine.stop()
        self._reconciler.join(timeout=5)
        self._app.close()
        self._store.close()

    def _reconcile(self) -> None:
        enqueuer = Enqueuer(self._store)
        while True:
            try:
                found = reconcile(self._store, enqueuer, _View(self._app), since=datetime.now(UTC) - LOOK_BACK)
                log.info("reconciled", sent_again=found.sent_again, looked_at=found.looked_at)
            except GitHubError as fault:
                log.warning("reconcile_failed", error=str(fault)[:500])
            except Exception as error:
                log.exception("reconcile_failed", error=str(error)[:500])
            if self._stopping.wait(RECONCILE_EVERY.total_seconds()):
                return


class Counted:
    """A sandbox whose starts are counted for the metrics."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    @property
    def info(self) -> SandboxInfo:
        """What it is."""
        return self._sandbox.info

    def run(
        self,
        command: Command,
        *,
        cancel: threading.Event | None = None,
        on_output: Callable[[bytes], None] | None = None,
    ) -> Outcome:
        """Count it, and run it."""
        SANDBOX_STARTS.labels(self.info.name).inc()
        return self._sandbox.run(command, cancel=cancel, on_output=on_output)


class _View:
    """GitHub as reconciliation asks it."""

    def __init__(self, app: App) -> None:
        self._app = app

    def deliveries(self, since: datetime) -> Iterable[LoggedDelivery]:
        """Only those that we wanted and did not answer well: what was answered with 2xx is stored."""
        log_entries = self._app.deliveries(since)
        answered = {one.guid for one in log_entries if one.status_code in range(200, 300)}
        return [
            LoggedDelivery(one.id, one.guid, one.at)
            for one in log_entries
            if one.guid not in answered and one.action in HANDLED.get(one.event, ())
        ]

    def send_again(self, delivery_id: int) -> None:
        self._app.redeliver(delivery_id)

    def open_pulls(self) -> Iterable[OpenPull]:
        for account in self._app.installations():
            if account.suspended:
                continue
            installation = self._app.installation(account.installation)
            for repository in installation.repositories():
                for pull in _open_pulls(installation, repository):
                    yield OpenPull(repository, pull.number, pull.head, account.installation)


def _open_pulls(installation: Installation, repository: str) -> tuple[PullRequest, ...]:
    """Those of one repository; none where it cannot be seen (removed meanwhile, say): the others must not wait."""
    try:
        return installation.open_pull_requests(repository)
    except Transient:
        raise
    except GitHubError as fault:
        log.warning("repository_not_reconciled", repository=repository, error=str(fault)[:500])
        return ()
