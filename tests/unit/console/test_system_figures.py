"""What is read out of the metrics of all roles: losses added up, clocks, rates, what the archive owes."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.metrics import MetricWrapperBase

from alerts import metrics as of_alerts
from analysis import metrics as of_analysis
from bus import metrics as of_bus
from capture import metrics as of_capture
from capture.archive import metrics as of_archive
from capture.retention import metrics as of_retention
from console import metrics as of_console
from console.system import figures
from console.system.figures import Dropped, figures_of, shared_figures

MODULES = (of_alerts, of_analysis, of_bus, of_capture, of_archive, of_retention, of_console)


def test_losses_are_added_up_and_what_went_well_is_none() -> None:
    registry = CollectorRegistry()
    lost = Counter("hallwatch_capture_lost_packets", "-", ["camera"], registry=registry)
    lost.labels("c1").inc(3)
    lost.labels("c2").inc(4)
    frames = Counter("hallwatch_analysis_frames", "-", ["camera", "result"], registry=registry)
    frames.labels("c1", "examined").inc(1000)
    frames.labels("c1", "superseded").inc(2)
    frames.labels("c1", "damaged").inc(1)
    Counter("hallwatch_capture_facts_refused", "-", registry=registry).inc()
    facts = Counter("hallwatch_analysis_facts", "-", ["result"], registry=registry)
    facts.labels("written").inc(500)
    facts.labels("dropped").inc(5)
    found = figures_of(registry.collect()).dropped
    assert set(found) == set(Dropped)
    assert {what: count for what, count in found.items() if count} == {
        Dropped.PACKETS: 7,
        Dropped.PICTURES: 3,
        Dropped.FACTS: 6,
    }


def test_clocks_rates_and_the_archive_are_read_by_camera() -> None:
    registry = CollectorRegistry()
    offset = Gauge("hallwatch_capture_camera_clock_offset_seconds", "-", ["camera"], registry=registry)
    offset.labels("c1").set(-1.5)
    rate = Gauge("hallwatch_capture_disk_bytes_per_second", "-", ["disk", "camera"], registry=registry)
    rate.labels("/a", "c1").set(100)
    rate.labels("/b", "c1").set(50)
    Gauge("hallwatch_capture_archive_waiting", "-", registry=registry).set(12)
    found = figures_of(registry.collect())
    assert found.clock_offsets == {"c1": -1.5}
    assert found.rates == {"c1": 150}
    assert found.archive == {"archive_waiting": 12}


def test_every_metric_that_is_looked_for_is_one_that_a_role_counts() -> None:
    known = {
        family.name
        for module in MODULES
        for metric in vars(module).values()
        if isinstance(metric, MetricWrapperBase)
        for family in metric.describe()
    }
    assert set(figures._COUNTED) | set(figures._GAUGES) <= known
    assert "hallwatch_capture_disk_bytes_per_second" in known
    assert "hallwatch_capture_camera_clock_offset_seconds" in known


def test_who_does_not_share_the_folder_of_metrics_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    assert shared_figures() is None
