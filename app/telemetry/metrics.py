"""Prometheus metrics. With PROMETHEUS_MULTIPROC_DIR set (see app.web.launch) all processes of a machine are summed."""

import os
from collections.abc import Iterable

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.store import Store, deliveries, runs, workers
from app.store.runs import RunStatus

DELIVERIES = Counter(
    "mergelock_deliveries", "Webhook requests, by event and how they were answered.", ["event", "answer"]
)
INTAKE_SECONDS = Histogram(
    "mergelock_intake_seconds",
    "Seconds to answer a webhook request.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
VERDICTS = Counter("mergelock_verdicts", "Runs that ended, by verdict.", ["verdict"])
RUN_SECONDS = Histogram(
    "mergelock_run_seconds",
    "Seconds of a run, from its start to its verdict.",
    buckets=(1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600),
)
SANDBOX_STARTS = Counter("mergelock_sandbox_starts", "Commands started in a sandbox.", ["sandbox"])
STREAMS_REFUSED = Counter("mergelock_streams_refused", "Live streams refused because too many were open.")


def run_finished(verdict: str, seconds: float) -> None:
    """A run ended with this verdict after so many seconds."""
    VERDICTS.labels(verdict).inc()
    RUN_SECONDS.observe(seconds)


class StoreCollector(Collector):
    """What the database knows: true for all machines, whichever of them is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Count anew at each reading."""
        with self._store.reading() as connection:
            counted = runs.counts(connection)
            waiting = deliveries.waiting(connection)
            alive = len(workers.alive(connection))
        by_status = GaugeMetricFamily("mergelock_runs", "Runs, by status and verdict.", labels=["status", "verdict"])
        for (status, verdict), count in sorted(counted.items()):
            by_status.add_metric([status.value, verdict], count)
        depth = sum(count for (status, _), count in counted.items() if status is RunStatus.QUEUED)
        return [
            by_status,
            GaugeMetricFamily("mergelock_queue_depth", "Runs that wait for a worker.", value=depth),
            GaugeMetricFamily("mergelock_deliveries_waiting", "Deliveries stored and not yet handled.", value=waiting),
            GaugeMetricFamily("mergelock_workers_alive", "Workers heard of lately.", value=alive),
        ]


def exposition(store: Store) -> bytes:
    """All metrics in Prometheus' text format."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        own = generate_latest(registry)
    else:
        own = generate_latest(REGISTRY)
    shared = CollectorRegistry()
    shared.register(StoreCollector(store))
    return own + generate_latest(shared)
