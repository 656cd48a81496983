"""What retention counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

DELETED = Counter(
    "hallwatch_capture_retention_deleted",
    "Local files of segments deleted, by rule (age, space, disk).",
    ["rule"],
)
STRIPPED = Counter(
    "hallwatch_capture_retention_stripped",
    "Segments of which a part was taken out, by part (video, audio).",
    ["part"],
)
FREED = Counter(
    "hallwatch_capture_retention_freed_bytes",
    "Bytes freed by retention, by rule (age, space, disk).",
    ["rule"],
)
FAILED = Counter(
    "hallwatch_capture_retention_failures", "Passes of retention that ended early and were begun again."
)
DISK_FREE = Gauge(
    "hallwatch_capture_disk_free_bytes",
    "Bytes free on a disk of recordings, by folder.",
    ["disk"],
    multiprocess_mode="mostrecent",
)
DISK_RATE = Gauge(
    "hallwatch_capture_disk_bytes_per_second",
    "Bytes recorded a second, by folder and camera, over the last day.",
    ["disk", "camera"],
    multiprocess_mode="mostrecent",
)
DISK_SHORT = Gauge(
    "hallwatch_capture_disk_short_seconds",
    "Seconds until footage has to go before its promised age, by folder; +Inf when that is not foreseen.",
    ["disk"],
    multiprocess_mode="mostrecent",
)
DISK_STATE = Gauge(
    "hallwatch_capture_disk_state",
    "1 for the state that a disk is in (ok, short_soon, short, full, unreachable), else 0, by folder.",
    ["disk", "state"],
    multiprocess_mode="mostrecent",
)
