"""One clip redacted: looked at from front to back, and then written anew with every head covered.

Two passes, because a head is covered before it was first found too. Every picture of the clip is in the other
one, at the same time; the sound is copied or left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import structlog
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from analysis.heads import following
from analysis.heads.finding import FoundHead
from analysis.heads.following import Covers, Look
from console.evidence.redacting.painting import painted
from console.evidence.redacting.task import METHOD, METHOD_VERSION, Redacted, Share, Task, VisibleZone
from hall.errors import DetectorError, EvidenceError
from hall.redacting import Heads

if TYPE_CHECKING:
    from hall.ports import Picture

LOOK_EVERY = 0.2
"""Seconds between two pictures that are looked at: somebody who walks moves by two heads."""
ROUNDING = 1e-6
LOOKING, WRITING = 0.75, 0.25
"""Shares of the whole work."""
ENCODER = "libx264"
QUALITY = "20"
"""Constant rate factor: what is not covered looks as it was recorded."""
KEY_EVERY = 2
"""Seconds from one key frame to the next: a player seeks."""

log = structlog.get_logger(__name__)

Find = Callable[["Picture", float], list[FoundHead]]
"""All heads in a picture that is shown at a moment of the film. Raises DetectorError."""


@dataclass(slots=True)
class _Counted:
    frames: int = 0
    with_heads: int = 0
    whole: int = 0
    lost: int = 0


def redacted(task: Task, find: Find, detector: str, share: Share) -> Redacted:
    """Write the redacted clip, and say what was done. `detector` names what `find` asks.

    Raises EvidenceError when it cannot be done: never is anything left uncovered in silence.
    """
    try:
        if task.redaction.heads is Heads.KEPT:
            return _without_sound(task)
        covers = Covers(_looks(task, find, share), covers_all=task.redaction.heads is Heads.ALL)
        counted = _written(task, covers, share)
    except (av.FFmpegError, OSError) as error:
        raise EvidenceError(f"the clip {task.clip.name} cannot be redacted: {error}") from error
    return Redacted(
        picture_is_original=False,
        sound_is_muted=task.redaction.mutes_sound,
        method=METHOD,
        method_version=METHOD_VERSION,
        detector=detector,
        encoder=f"{ENCODER} crf {QUALITY}",
        parameters={
            "look_every": LOOK_EVERY,
            "margin": following.MARGIN,
            "hold": following.HOLD,
            "spread": following.SPREAD,
            "still_lost": following.STILL_LOST,
            "mostly": following.MOSTLY,
        },
        zones=tuple(VisibleZone(zone.id, zone.polygon) for zone in task.visible),
        frames=counted.frames,
        frames_with_heads=counted.with_heads,
        frames_covered_whole=counted.whole,
        frames_lost=counted.lost,
        heads=covers.tracks,
    )


def _looks(task: Task, find: Find, share: Share) -> list[Look]:
    """What is found in the pictures that are looked at: one each `LOOK_EVERY`, and the last one."""
    looks: list[Look] = []
    due, unseen, failure = float("-inf"), None, ""

    def look(frame: av.VideoFrame, at: float) -> None:
        nonlocal failure
        try:
            looks.append(Look(at, tuple(find(cast("Picture", frame.to_ndarray(format="bgr24")), at))))
        except DetectorError as error:
            log.warning("a picture cannot be looked at: it is covered whole", at=at, error=str(error))
            failure = str(error)
            looks.append(Look(at, None))

    with av.open(str(task.clip), "r", format="mp4") as container:
        whole = _seconds(container)
        for at, frame in _pictures(container):
            share(LOOKING * min(1.0, at / whole))
            unseen = (frame, at)
            if at >= due - ROUNDING:
                look(frame, at)
                due, unseen = at + LOOK_EVERY, None
        if unseen is not None:
            look(*unseen)
    if not looks:
        raise EvidenceError(f"no picture of the clip {task.clip.name} can be decoded")
    if all(one.heads is None for one in looks):
        raise EvidenceError(f"nothing tells where heads are: {failure}")
    return looks


def _written(task: Task, covers: Covers, share: Share) -> _Counted:
    counted = _Counted()
    with (
        av.open(str(task.clip), "r", format="mp4") as source,
        av.open(str(task.output), "w", format="mp4", options={"movflags": "+faststart"}) as target,
    ):
        whole = _seconds(source)
        target.metadata["comment"] = "Redacted: this is not the picture that was recorded."
        picture = _encoder(source.streams.video[0], target)
        sound = _sound(task, source, target)
        streams = [source.streams.video[0], *(source.streams.audio[:1] if sound else ())]
        for packet in source.demux(streams):
            if not isinstance(packet.stream, VideoStream):
                if packet.dts is not None and sound is not None:
                    packet.stream = sound
                    target.mux(packet)
                continue
            for frame in _decoded(cast("Packet[VideoStream]", packet), counted):
                at = _moment(frame)
                share(LOOKING + WRITING * min(1.0, at / whole))
                covered = covers.at(at)
                counted.frames += 1
                counted.whole += covered is None
                counted.with_heads += bool(covered)
                target.mux(picture.encode(painted(frame, covered)))
        target.mux(picture.encode(None))
    return counted


def _without_sound(task: Task) -> Redacted:
    """The same coded pictures, without the sound."""
    with (
        av.open(str(task.clip), "r", format="mp4") as source,
        av.open(str(task.output), "w", format="mp4", options={"movflags": "+faststart"}) as target,
    ):
        target.metadata["comment"] = "Redacted: the sound was left out."
        picture = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = picture
                target.mux(packet)
    return Redacted(picture_is_original=True, sound_is_muted=True)


def _encoder(source: VideoStream, target: OutputContainer) -> VideoStream:
    rate = source.average_rate or Fraction(25)
    stream = cast(VideoStream, target.add_stream(ENCODER, rate=rate))
    context, of_source = stream.codec_context, source.codec_context
    stream.width, stream.height = (
        of_source.width - of_source.width % 2,
        of_source.height - of_source.height % 2,
    )
    stream.pix_fmt = "yuv420p"
    assert source.time_base is not None
    stream.time_base = context.time_base = source.time_base
    stream.options = {
        "preset": "veryfast",
        "crf": QUALITY,
        "bf": "0",
        "g": str(max(1, round(KEY_EVERY * rate))),
        "threads": "1",
    }
    return stream


def _sound(task: Task, source: InputContainer, target: OutputContainer) -> AudioStream | None:
    if task.redaction.mutes_sound or not source.streams.audio:
        return None
    return target.add_stream_from_template(source.streams.audio[0])


def _pictures(container: InputContainer) -> Iterator[tuple[float, av.VideoFrame]]:
    """Every picture with the moment at which it is shown, in seconds of the film."""
    for packet in container.demux(container.streams.video[0]):
        for frame in _decoded(packet, _Counted()):
            yield _moment(frame), frame


def _decoded(packet: Packet[VideoStream], counted: _Counted) -> list[av.VideoFrame]:
    """The pictures of a packet. What cannot be decoded is not in the redacted clip either, and counted."""
    try:
        return packet.decode()
    except av.error.InvalidDataError:
        counted.lost += 1
        return []


def _moment(frame: av.VideoFrame) -> float:
    if frame.pts is None or frame.time_base is None:
        raise EvidenceError("a picture of the clip has no time")
    return float(frame.pts * frame.time_base)


def _seconds(container: InputContainer) -> float:
    """How long the film plays, at least a little."""
    stream = container.streams.video[0]
    if stream.duration is not None and stream.time_base is not None:
        return max(0.04, float(stream.duration * stream.time_base))
    return max(0.04, (container.duration or 0) / av.time_base)
