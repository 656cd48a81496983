"""Media facts and packets: what was recorded, what was not, and what travels from a source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict

from hall.interval import Interval
from hall.names import CameraId, ObjectKey, RunId, SegmentId


class TrackKind(StrEnum):
    """Picture or sound."""

    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class Track:
    """One elementary stream of a source.

    `codec` is FFmpeg's name (`h264`, `hevc`, `aac`, `opus`, `pcm_alaw`, `pcm_mulaw`). `time_base` is the
    length of one tick of `Packet.pts` as a fraction (numerator, denominator) of a second.
    `extradata` is the codec's private data as the source gave it (Annex B parameter sets or avcC for
    H.264, AudioSpecificConfig for AAC).
    """

    index: int
    kind: TrackKind
    codec: str
    time_base: tuple[int, int]
    extradata: bytes = b""
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    sample_rate: int = 0
    channels: int = 0

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="hex", val_json_bytes="hex")


@dataclass(frozen=True, slots=True)
class Packet:
    """One coded picture or block of sound, as it came from the source.

    `pts` and `dts` count ticks of the track's time base. `arrived` is monotonic seconds (hall.clock).
    `sent_at_us` is the camera's own wall clock for this packet (UTC microseconds), once known from
    RTCP sender reports. `units` are the sizes of the NAL units of a picture's `data`, where the source knows
    them and each stands behind a start code of four bytes; empty where it does not say.
    """

    track: int
    kind: TrackKind
    data: bytes
    pts: int
    dts: int
    duration: int
    is_key: bool
    arrived: float
    sent_at_us: int | None = None
    units: tuple[int, ...] = ()


class GapReason(StrEnum):
    """Why there is no recording over an interval."""

    OFFLINE = "offline"
    STALLED = "stalled"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    MALFORMED = "malformed"
    DISK_FULL = "disk_full"
    WRITE_FAILED = "write_failed"
    PROCESS_RESTART = "process_restart"
    STARTING = "starting"
    NOT_SCHEDULED = "not_scheduled"
    DELETED_BY_RETENTION = "deleted_by_retention"
    LOST = "lost"
    """It was recorded, or should have been, and is not there any more; found by `hallwatch check`."""


@dataclass(frozen=True, slots=True)
class Run:
    """One unbroken connection to a source. `ended_because` is empty while it goes on."""

    id: RunId
    camera: CameraId
    interval: Interval
    tracks: tuple[Track, ...]
    ended_because: str = ""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One movie fragment (moof + mdat) inside a segment file: where it lies and what it plays.

    `offset` and `size` are bytes; `start` and `duration` are seconds of media time from the
    beginning of the segment.
    """

    offset: int
    size: int
    start: float
    duration: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One recorded file of a run, cut on a key frame.

    `interval` is wall time (UTC, half-open); `media_duration` is what the file plays, in seconds.
    The two differ by clock drift, at most 500 ppm (more only after the
    machine's clock was set back, see docs/design/0003-time.md). `header_size` is the length in bytes of the
    initialisation part (ftyp + moov) at the start of the file; `fragments` index the rest.
    `sequence` counts the segments of a run from 0. `has_audio` and `has_picture` say what the file still
    holds: retention may take either out earlier. `is_local` is false once only the archive has the file.
    """

    id: SegmentId
    run: RunId
    camera: CameraId
    sequence: int
    interval: Interval
    media_duration: float
    size: int
    sha256: bytes
    key: ObjectKey
    header_size: int
    fragments: tuple[Fragment, ...]
    has_audio: bool
    has_picture: bool = True
    is_local: bool = True

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="hex", val_json_bytes="hex")


@dataclass(frozen=True, slots=True)
class PlayedFile:
    """What a player has to know of a recorded file; each as of `Segment`.

    `fragments` may be told together: the same bytes and the same time in fewer parts.
    """

    id: SegmentId
    interval: Interval
    media_duration: float
    header_size: int
    fragments: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Time without a recording, always with a reason. `detail` is for people and holds no secret."""

    camera: CameraId
    interval: Interval
    reason: GapReason
    detail: str = ""
