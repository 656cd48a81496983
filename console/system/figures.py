"""What all roles of this machine count, read out of their metrics: nothing is measured a second time."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from hall.names import CameraId

NOTHING_LOST: Final = frozenset({"examined", "heard", "written", "retried"})


class Dropped(StrEnum):
    """What is counted when it is lost."""

    PACKETS = "packets"
    """Packets that a camera sent and that did not arrive whole."""
    NOT_RECORDED = "not_recorded"
    FACTS = "facts"
    """Facts that the database never took."""
    LOGBOOK = "logbook"
    PICTURES = "pictures"
    """Pictures that analysis left out, because newer ones had come or they were damaged."""
    SOUND = "sound"
    MESSAGES = "messages"
    """Messages between the processes."""
    LIVE = "live"
    """Packets of live views whose viewers were too slow."""


_COUNTED: Final[Mapping[str, Dropped]] = {
    "hallwatch_capture_lost_packets": Dropped.PACKETS,
    "hallwatch_capture_dropped": Dropped.NOT_RECORDED,
    "hallwatch_capture_facts_refused": Dropped.FACTS,
    "hallwatch_analysis_facts": Dropped.FACTS,
    "hallwatch_capture_logbook_failed": Dropped.LOGBOOK,
    "hallwatch_analysis_frames": Dropped.PICTURES,
    "hallwatch_analysis_sound_batches": Dropped.SOUND,
    "hallwatch_bus_dropped": Dropped.MESSAGES,
    "hallwatch_console_live_dropped": Dropped.LIVE,
}
"""Families of counters, as the collector names them: without `_total`."""
_GAUGES: Final[Mapping[str, str]] = {
    "hallwatch_capture_archive_waiting": "archive_waiting",
    "hallwatch_capture_archive_oldest_seconds": "archive_oldest_seconds",
    "hallwatch_capture_archive_working": "archive_working",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over all processes of this machine since `hallwatch run` started.

    `clock_offsets`: seconds by which a camera's own clock is ahead. `rates`: bytes a camera records a second,
    over the last day. `archive`: gauges of copying, by name; empty without an archive.
    """

    dropped: Mapping[Dropped, int] = field(default_factory=dict)
    clock_offsets: Mapping[CameraId, float] = field(default_factory=dict)
    rates: Mapping[CameraId, float] = field(default_factory=dict)
    archive: Mapping[str, float] = field(default_factory=dict)


def shared_figures() -> Figures | None:
    """The figures of every role, or None when this process does not share their folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return None
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return figures_of(registry.collect())


def figures_of(families: Iterable[Metric]) -> Figures:
    """The figures in families of metrics."""
    dropped: dict[Dropped, float] = dict.fromkeys(Dropped, 0.0)
    offsets: dict[CameraId, float] = {}
    rates: dict[CameraId, float] = defaultdict(float)
    archive: dict[str, float] = {}
    for family in families:
        what = _COUNTED.get(family.name)
        for sample in family.samples:
            labels = sample.labels
            if what is not None and sample.name.endswith("_total"):
                if labels.get("result") not in NOTHING_LOST:
                    dropped[what] += sample.value
            elif family.name == "hallwatch_capture_camera_clock_offset_seconds":
                offsets[CameraId(labels["camera"])] = sample.value
            elif family.name == "hallwatch_capture_disk_bytes_per_second":
                rates[CameraId(labels["camera"])] += sample.value
            elif family.name in _GAUGES:
                archive[_GAUGES[family.name]] = sample.value
    return Figures({what: round(count) for what, count in dropped.items()}, offsets, dict(rates), archive)
