"""What capture counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

PACKETS = Counter(
    "hallwatch_capture_packets",
    "Packets taken from sources, by camera and kind (video, audio).",
    ["camera", "kind"],
)
LOST = Counter(
    "hallwatch_capture_lost_packets",
    "RTP packets that a camera sent, or should have sent, and that did not arrive whole, by camera.",
    ["camera"],
)
BYTES = Counter("hallwatch_capture_recorded_bytes", "Bytes written to segment files, by camera.", ["camera"])
SEGMENTS = Counter("hallwatch_capture_segments", "Segment files finished, by camera.", ["camera"])
DROPPED = Counter(
    "hallwatch_capture_dropped",
    "Packets not recorded, by reason (backwards, late, before_key, undecodable).",
    ["reason"],
)
TAP_DROPPED = Counter(
    "hallwatch_capture_tap_dropped",
    "Packets not kept for new viewers because the last group of pictures grew beyond its limit, by camera.",
    ["camera"],
)
FAILURES = Counter(
    "hallwatch_capture_source_failures",
    "Connections that failed or ended, by camera and gap reason.",
    ["camera", "reason"],
)
RECONNECTS = Counter(
    "hallwatch_capture_reconnects",
    "Connections made again after an earlier one of the same process had ended, by camera.",
    ["camera"],
)
CLOCK_STEPS = Counter(
    "hallwatch_capture_clock_steps",
    "Steps of the machine's wall clock that a run noticed, by camera.",
    ["camera"],
)
CAMERA_CLOCK = Gauge(
    "hallwatch_capture_camera_clock_offset_seconds",
    "By how much the camera's own clock is ahead of recorded time, by camera.",
    ["camera"],
    multiprocess_mode="mostrecent",
)
LATENESS = Histogram(
    "hallwatch_capture_lateness_seconds",
    "By how much later than the promptest of its segment a key frame was taken: network, and waiting here.",
    buckets=(0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.75, 1, 2, 5, 10),
)
RECORDING = Gauge(
    "hallwatch_capture_recording",
    "1 while a camera is being recorded, 0 while it is not, by camera.",
    ["camera"],
    multiprocess_mode="mostrecent",
)
FACTS_WAITING = Gauge(
    "hallwatch_capture_facts_waiting",
    "Facts that wait for the database.",
    multiprocess_mode="livesum",
)
FACTS_RETRIED = Counter(
    "hallwatch_capture_facts_retried", "Attempts to enter facts that the database could not take yet."
)
FACTS_REFUSED = Counter(
    "hallwatch_capture_facts_refused", "Facts that the store refused for good; their files stay on the disk."
)
LOGBOOK_FAILED = Counter(
    "hallwatch_capture_logbook_failed", "Lines that could not be written into the logbooks on the disks."
)
SALVAGED = Counter(
    "hallwatch_capture_salvaged",
    "Files put in order after an abrupt end, by what was done (finished, adopted, empty, unreadable).",
    ["how"],
)
WORKER_FAILURES = Counter(
    "hallwatch_capture_worker_failures",
    "Threads of recording that failed by a fault nobody foresaw and were begun again, by thread.",
    ["thread"],
)
SUBSTREAM_FAILURES = Counter(
    "hallwatch_capture_substream_failures",
    "Connections to a camera's sub-stream that failed or ended, by camera and reason.",
    ["camera", "reason"],
)
TAP_SUBSTREAM = Gauge(
    "hallwatch_capture_tap_substream",
    "1 while analysis and live view get the sub-stream, 0 while they get the main stream, by camera.",
    ["camera"],
    multiprocess_mode="mostrecent",
)
