"""The books of the recordings: each fact goes into the logbook on the disk, then to the catalogue.

The catalogue may be locked or gone; the logbook is written at once. What stands in both was told in the same
order, so that reading the logbook again gives the gaps and runs of the catalogue (capture.record.history).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from capture.books.facts import FactWriter
from capture.books.logbook import (
    GapBegan,
    GapEnded,
    GapNoted,
    Logbook,
    RunBegan,
    RunEnded,
    SegmentChanged,
    SegmentsDeleted,
)
from hall.media import Gap, GapReason, Run, Segment
from hall.names import CameraId, HallId, RunId
from store import recording


class Books:
    """The books of one hall's cameras. The facts of a camera come from one thread at a time."""

    def __init__(self, facts: FactWriter, logbook: Logbook, hall: HallId) -> None:
        self.hall = hall
        self.logbook = logbook
        self.facts = facts
        self._lasting: dict[CameraId, GapReason] = {}
        """Why each camera is known not to be recorded now: said again, that is no new fact."""

    def run_began(self, run: Run) -> None:
        """A connection began to be recorded. Told again, it changes nothing."""
        self.logbook.append(self.hall, run.camera, RunBegan(run))
        self.facts.put(partial(recording.begin_run, hall=self.hall, run=run))

    def run_ended(self, camera: CameraId, run: RunId, end: datetime, reason: str) -> None:
        """A connection ended, and why. The first reason stays."""
        self.logbook.append(self.hall, camera, RunEnded(run, end, reason))
        self.facts.put(partial(recording.end_run, run=run, end=end, reason=reason))

    def segment_kept(self, segment: Segment) -> None:
        """A file is finished. It says so itself: the logbook does not."""
        self.facts.put(partial(recording.add_segment, hall=self.hall, segment=segment))

    def gap_began(self, gap: Gap) -> None:
        """There is no recording from now on. One that lasts for the same reason goes on, any other ends."""
        if self._lasting.get(gap.camera) is gap.reason:
            return
        self.logbook.append(self.hall, gap.camera, GapBegan(gap))
        self.facts.put(partial(recording.open_gap, hall=self.hall, gap=gap))
        self._lasting[gap.camera] = gap.reason

    def gap_lasts(self, camera: CameraId, reason: GapReason) -> None:
        """An earlier process began a gap that still lasts."""
        self._lasting[camera] = reason

    def gap_ended(self, camera: CameraId, end: datetime) -> None:
        """The gap that lasts, if any, is over."""
        self.logbook.append(self.hall, camera, GapEnded(end))
        self.facts.put(partial(recording.close_gap, camera=camera, end=end))
        self._lasting.pop(camera, None)

    def gap_noted(self, gap: Gap) -> None:
        """A gap that is over was found afterwards."""
        self.logbook.append(self.hall, gap.camera, GapNoted(gap))
        self.facts.put(partial(recording.add_gap, hall=self.hall, gap=gap))

    def segments_deleted(self, segments: Sequence[Segment]) -> bool:
        """Write down that segments of one camera are about to be deleted: called before the first file goes.

        Into the logbook only: the catalogue is told by whoever deletes. There their time becomes a gap
        `deleted_by_retention`, one over all that touch. False when no disk took the lines.
        """
        if not segments:
            return True
        return self.logbook.append(self.hall, segments[0].camera, *_deletions(segments))

    def segment_changed(self, segment: Segment) -> bool:
        """Write down that a file is about to be replaced by what `segment` says, over the same interval.

        Into the logbook only: the catalogue is told by whoever changes. False when no disk took the line.
        """
        word = SegmentChanged(segment.id, segment.interval, segment.has_audio, segment.has_picture)
        return self.logbook.append(self.hall, segment.camera, word)


def _deletions(segments: Sequence[Segment]) -> Iterator[SegmentsDeleted]:
    """One word for those that follow each other without a break."""
    ordered = sorted(segments, key=lambda segment: segment.interval.start)
    word = SegmentsDeleted(ordered[0].interval, 1)
    for segment in ordered[1:]:
        if segment.interval.start == word.interval.end:
            word = replace(
                word, interval=replace(word.interval, end=segment.interval.end), count=word.count + 1
            )
        else:
            yield word
            word = SegmentsDeleted(segment.interval, 1)
    yield word
