"""What the archive counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

COPIED = Counter("hallwatch_capture_archive_copied", "Segments copied into the archive and verified there.")
SENT = Counter("hallwatch_capture_archive_sent_bytes", "Bytes of the segments that were copied and verified.")
REMOVED = Counter(
    "hallwatch_capture_archive_removed",
    "Copies taken out of the archive, by reason (deleted: the segment is gone; expired: its days are over).",
    ["reason"],
)
STRIPPED = Counter(
    "hallwatch_capture_archive_stripped",
    "Copies out of which the sound was taken, because the local file was gone.",
)
REFUSED = Counter(
    "hallwatch_capture_archive_refused",
    "Segments not copied because their local file is not the one entered.",
)
FAILURES = Counter(
    "hallwatch_capture_archive_failures",
    "Attempts that failed and are made again, by reason (archive, store, disk).",
    ["reason"],
)
WAITING = Gauge(
    "hallwatch_capture_archive_waiting",
    "Segments that have not been looked at for the archive yet.",
    multiprocess_mode="mostrecent",
)
WAITING_BYTES = Gauge(
    "hallwatch_capture_archive_waiting_bytes",
    "Bytes of the segments that wait.",
    multiprocess_mode="mostrecent",
)
OLDEST = Gauge(
    "hallwatch_capture_archive_oldest_seconds",
    "How long ago the oldest segment that waits ended; 0 when none waits.",
    multiprocess_mode="mostrecent",
)
WORKING = Gauge(
    "hallwatch_capture_archive_working",
    "1 while the archive takes copies, 0 while it does not.",
    multiprocess_mode="mostrecent",
)
