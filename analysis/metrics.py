"""What analysis counts and measures."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

FRAMES = Counter(
    "hallwatch_analysis_frames",
    "Key frames taken from the bus, by camera and result (examined, damaged, superseded, failed).",
    ["camera", "result"],
)
CROPS = Counter(
    "hallwatch_analysis_crops",
    "Crops of zones, by result (examined: the detector answered; unchanged: the last answer holds; "
    "failed: the detector failed; unclear: it could not tell).",
    ["result"],
)
PICTURES = Counter(
    "hallwatch_analysis_picture_states",
    "Changes of what is stated of a camera's whole picture, by camera and new state (clear, covered, black, "
    "washed_out, frozen, blurred, moved, unknown).",
    ["camera", "state"],
)
FRAME_SECONDS = Histogram(
    "hallwatch_analysis_frame_seconds",
    "Time to decode and to examine one key frame, by part (decode, examine).",
    ["part"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2),
)
LAG = Gauge(
    "hallwatch_analysis_lag_seconds",
    "Age of the last examined key frame when its observations were ready, by camera.",
    ["camera"],
    multiprocess_mode="livemax",
)
SEEN = Gauge(
    "hallwatch_analysis_last_seen_timestamp_seconds",
    "When the last examined key frame was taken (seconds since 1970), by camera.",
    ["camera"],
    multiprocess_mode="livemax",
)
PARTS = Gauge(
    "hallwatch_analysis_camera_seconds",
    "Mean time that the last key frames of a camera took, by part (decode, examine: the detector included).",
    ["camera", "part"],
    multiprocess_mode="livemax",
)
ZONE_SEEN = Gauge(
    "hallwatch_analysis_zone_last_seen_timestamp_seconds",
    "When the last key frame was taken by which a zone could be judged, by camera and zone.",
    ["camera", "zone"],
    multiprocess_mode="livemax",
)
ZONE_UNANSWERED = Gauge(
    "hallwatch_analysis_zone_unanswered",
    "Key frames since analysis began by which a zone could not be judged, by camera and zone.",
    ["camera", "zone"],
    multiprocess_mode="livemax",
)
SOUND = Counter(
    "hallwatch_analysis_sound_batches",
    "Batches of sound taken from the bus, by camera and result (heard, damaged, superseded).",
    ["camera", "result"],
)
SOUND_SECONDS = Counter(
    "hallwatch_analysis_sound_seconds",
    "Seconds of sound, by what judged whether somebody speaks (faint, voiceless, known, model, nobody).",
    ["judged"],
)
SPEECH_CHUNKS = Counter(
    "hallwatch_analysis_speech_chunks", "Chunks of 32 ms of sound that the speech model was asked about."
)
SOUND_BATCH_SECONDS = Histogram(
    "hallwatch_analysis_sound_batch_seconds",
    "Time to decode and to judge one batch of sound, which lasts about a second.",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1),
)
UNREADABLE = Counter(
    "hallwatch_analysis_unreadable",
    "Messages from the bus that are no tap messages or belong to no camera of this process.",
)
WAITING = Gauge(
    "hallwatch_analysis_facts_waiting",
    "Observations that wait for the database.",
    multiprocess_mode="livesum",
)
WRITTEN = Counter(
    "hallwatch_analysis_facts",
    "Observations, by result (written, retried, dropped).",
    ["result"],
)
