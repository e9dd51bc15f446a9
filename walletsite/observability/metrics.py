"""The text of `/metrics`: figures from rows, then the counts of this container's processes."""

from __future__ import annotations

import tomllib
from functools import lru_cache

from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from walletsite.observability.processes import processes
from walletsite.observability.rows import RowFigures

CONTENT_TYPE = CONTENT_TYPE_LATEST


class BuildFigure:
    """Which code answers: always 1, the labels say it."""

    def collect(self) -> list[Metric]:
        """One family."""
        family = GaugeMetricFamily(
            "wallet_build", "Always 1; the labels say what runs.", labels=["version", "revision"]
        )
        family.add_metric([version(), settings.REVISION], 1)
        return [family]


def write_metrics() -> bytes:
    """Everything, in Prometheus' text format."""
    rows = CollectorRegistry(auto_describe=False)
    rows.register(BuildFigure())
    rows.register(RowFigures())
    with processes.reading():
        return generate_latest(rows) + write_process_metrics()


def write_process_metrics() -> bytes:
    """What the processes of this container counted."""
    return generate_latest(processes.collect())


@lru_cache(maxsize=1)
def version() -> str:
    """The version that the project's own file says."""
    project = settings.BASE_DIR / "pyproject.toml"
    if not project.is_file():
        return "unknown"
    said = tomllib.loads(project.read_text(encoding="utf-8"))
    return str(said["project"]["version"])
