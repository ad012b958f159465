"""/metrics, on a port of its own that no Ingress leads to, served by gunicorn's master.

The master answers even when every thread of every worker is busy, which is when the figures are wanted most.
"""

import os
import platform
import time
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from cloudnova_webapp import VERSION, drain

_STARTED = time.time()


class _Master:
    """Metrics that only the master knows."""

    def __init__(self, workers: Callable[[], int]):
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("webapp_build_info", "Always 1; the labels tell what runs.",
                                  labels=("version", "python"))
        build.add_metric((VERSION, platform.python_version()), 1)
        yield build
        yield GaugeMetricFamily("webapp_workers", "Worker processes that are alive.", value=self._workers())
        yield GaugeMetricFamily("webapp_draining", "1 from SIGTERM on, until the end.", value=int(drain.has_begun()))
        yield GaugeMetricFamily("webapp_process_start_time_seconds", "Start of the master, seconds since 1970.",
                                value=_STARTED)


def prepare_folder(path: str) -> None:
    """Create the folder of the workers' values and empty it.

    A container that starts again in the same pod finds the files of the one before: their gauges would count
    processes that are long gone.
    """
    os.makedirs(path, exist_ok=True)
    for name in os.listdir(path):
        if name.endswith(".db"):
            os.unlink(os.path.join(path, name))


def registry(workers: Callable[[], int]) -> CollectorRegistry:
    """All metrics: the sum over the workers, and the master's own. `workers` counts those alive."""
    result = CollectorRegistry()
    MultiProcessCollector(result)
    result.register(_Master(workers))
    return result


def serve(port: int, workers: Callable[[], int]) -> None:
    """Answer /metrics on `port` of all addresses from a thread of this process. Raises OSError if the port is taken."""
    start_http_server(port, registry=registry(workers))
