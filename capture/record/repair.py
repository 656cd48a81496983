"""Mending what `check` found, where it can be mended: each repair in the logbook, then in the catalogue.

Nothing recorded is thrown away: what cannot be used is set aside under another name. Nobody may be recording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

import structlog

from capture.books.books import Books
from capture.books.facts import Fact, FactWriter
from capture.books.logbook import GapNoted, Logbook, RunBegan, RunEnded, TimeRecorded, Word
from capture.record.files import DAMAGED, segment_of, segment_paths
from capture.record.history import History, history
from capture.record.invariants import FRESH, Fault, Invariant
from capture.record.objects import PARTIAL, LocalObjects
from capture.record.recorded_file import read_recorded
from capture.record.salvage import salvage
from hall.clock import EPOCH, Clock
from hall.config import Configuration
from hall.errors import MediaError, NotFound
from hall.interval import Interval
from hall.media import Gap, GapReason, Segment
from hall.names import CameraId, HallId, ObjectKey, RunId, SegmentId
from store import catalogue, copies, deletion, recording
from store.database import Database

log = structlog.get_logger(__name__)


class _AtOnce:
    """Enters each fact when it is given: nothing else happens meanwhile that could have to wait."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, fact: Fact) -> None:
        """Enter it. Raises StoreBusy."""
        with self._database.write() as tx:
            fact(tx)


class Repair:
    """Mends faults one by one."""

    def __init__(
        self,
        database: Database,
        objects: LocalObjects,
        logbook: Logbook,
        configuration: Configuration,
        clock: Clock,
        *,
        accept_loss: bool = False,
    ) -> None:
        """`accept_loss`: files count as lost even where a disk looks as if it was not mounted."""
        self._database = database
        self._objects = objects
        self._logbook = logbook
        self._configuration = configuration
        self._clock = clock
        self._accept_loss = accept_loss
        self._salvaged: set[CameraId] = set()

    def mend(self, fault: Fault) -> str | None:
        """What was done about it, in words; None when it cannot be mended here.

        Raises StoreBusy, and RecordingError or OSError when a disk cannot be written.
        """
        menders: dict[Invariant, Callable[[Fault], str | None]] = {
            Invariant.FILE: self._lose,
            Invariant.CONTENT: self._set_aside,
            Invariant.INSCRIPTION: self._describe,
            Invariant.SEQUENCE: self._explain,
            Invariant.COVERAGE: self._explain,
            Invariant.STRAY: self._adopt,
            Invariant.GAPS: self._cut_gap,
            Invariant.RUNS: self._mend_run,
            Invariant.LOGBOOK: self._agree,
            Invariant.COPIES: self._mend_copy,
        }
        mender = menders.get(fault.invariant)
        try:
            return mender(fault) if mender is not None else None
        except (NotFound, MediaError) as error:
            log.warning("a fault could not be mended", subject=fault.subject, because=str(error))
            return None

    def _hall(self, camera: CameraId) -> HallId:
        found = self._configuration.camera(camera)
        if found is not None:
            return found[0].id
        with self._database.read() as tx:
            return catalogue.hall_of(tx, camera)

    def _write(self, camera: CameraId, *words: Word) -> None:
        self._logbook.append(self._hall(camera), camera, *words)

    def _segment(self, fault: Fault) -> Segment:
        with self._database.read() as tx:
            return recording.segment(tx, SegmentId(fault.subject))

    def _lose(self, fault: Fault) -> str | None:
        """The file is gone: the archive's copy counts, or else its time becomes a gap."""
        if not self._accept_loss and any(_is_bare(disk) for disk in self._objects.disks):
            return None
        return self._give_up(self._segment(fault), fault.message)

    def _give_up(self, segment: Segment, why: str) -> str:
        now = self._clock.now()
        with self._database.read() as tx:
            has_copy = copies.is_copied(tx, segment)
        if has_copy:
            with self._database.write() as tx:
                deletion.delete_segments(tx, [segment.id], "check", now)
            return "the archive has it: it is not local any more"
        if self._was_deleted(segment):
            with self._database.write() as tx:
                deletion.forget_segments(tx, [segment.id], "check", now)
            return "retention had deleted it: its time is a gap that says so"
        gap = Gap(segment.camera, segment.interval, GapReason.LOST, why)
        hall = self._hall(segment.camera)
        self._write(segment.camera, GapNoted(gap))
        with self._database.write() as tx:
            catalogue.lose_segment(tx, hall, segment, why, now)
        return "its row went, and its time is a gap 'lost'"

    def _was_deleted(self, segment: Segment) -> bool:
        """Whether the logbook tells so, as it does of what a catalogue still has that was restored."""
        gaps = (noted.gap.interval for noted in self._history(segment.camera).deleted)
        return not [*catalogue.rests(segment.interval, gaps)]

    def _set_aside(self, fault: Fault) -> str:
        segment = self._segment(fault)
        path = self._objects.path(segment.key)
        path.rename(path.with_name(path.name + DAMAGED))
        return f"the file was set aside as {path.name + DAMAGED}; {self._give_up(segment, fault.message)}"

    def _describe(self, fault: Fault) -> str | None:
        """The content is what was recorded: the row is made to say what the file says."""
        segment = self._segment(fault)
        file = read_recorded(self._objects.path(segment.key), segment.key).segment
        same = (file.id, file.camera, file.run, file.sequence, file.interval.start, file.sha256)
        if same != (
            segment.id,
            segment.camera,
            segment.run,
            segment.sequence,
            segment.interval.start,
            segment.sha256,
        ):
            return None
        with self._database.write() as tx:
            deletion.change_segment(tx, segment, file, "check", self._clock.now())
        return "the row says now what the file says"

    def _explain(self, fault: Fault) -> str | None:
        if fault.interval is None:
            return None
        gap = Gap(fault.camera, fault.interval, GapReason.LOST, "nothing explained this time")
        hall = self._hall(fault.camera)
        self._write(fault.camera, GapNoted(gap))
        with self._database.write() as tx:
            entered = recording.add_gap(tx, hall, gap)
        return "the time is a gap 'lost'" if entered else "it is a gap 'lost' already"

    def _adopt(self, fault: Fault) -> str | None:
        key = ObjectKey(fault.subject)
        if key.endswith(PARTIAL):
            return self._salvage(fault.camera)
        path = self._objects.path(key)
        try:
            file = read_recorded(path, key)
            if file.segment.id != segment_of(path) or file.segment.camera != fault.camera:
                raise MediaError(f"it says that it is {file.segment.id}")
        except MediaError as error:
            path.rename(path.with_name(path.name + DAMAGED))
            return f"{error}: it was set aside as {path.name + DAMAGED}"
        segment, hall = file.segment, file.inscription.hall
        told = self._history(segment.camera)
        if segment.run not in told.runs:
            self._logbook.append(hall, segment.camera, RunBegan(file.run))
        self._logbook.append(hall, segment.camera, TimeRecorded(segment.interval))
        with self._database.write() as tx:
            catalogue.enter_run(tx, hall, told.run(file.run))
            recording.add_segment(tx, hall, segment)
            catalogue.cut_gaps(tx, segment.camera, segment.interval)
        return "it was entered"

    def _salvage(self, camera: CameraId) -> str:
        """Finish what was left unfinished, end what never ended, and begin the gap until a start."""
        if camera not in self._salvaged:
            self._salvaged.add(camera)
            books = Books(cast(FactWriter, _AtOnce(self._database)), self._logbook, self._hall(camera))
            found = self._configuration.camera(camera)
            reason = None if found is not None and found[1].record else GapReason.NOT_SCHEDULED
            salvage(self._database, self._objects, books, camera, self._clock.now(), reason)
        return "it was finished and entered, or set aside"

    def _cut_gap(self, fault: Fault) -> str | None:
        """What is recorded is no gap."""
        if fault.interval is None or fault.interval.end is None:
            return None
        start, end = fault.interval.start, fault.interval.end
        with self._database.read() as tx:
            there = recording.segments_between(tx, fault.camera, start, end, fragments=False)
        self._write(fault.camera, *(TimeRecorded(segment.interval) for segment in there))
        with self._database.write() as tx:
            for segment in there:
                catalogue.cut_gaps(tx, fault.camera, segment.interval)
        return "the gap ends where the recording begins"

    def _mend_run(self, fault: Fault) -> str | None:
        identifier = RunId(fault.subject)
        with self._database.read() as tx:
            run = catalogue.run(tx, identifier)
        if run is None:
            return self._enter_run(fault.camera, identifier)
        if run.interval.end is not None:
            return None
        self._salvage(fault.camera)
        return "it was ended"

    def _enter_run(self, camera: CameraId, identifier: RunId) -> str | None:
        told = self._history(camera)
        known = told.runs.get(identifier)
        if known is None:
            places = segment_paths(self._objects, camera)
            place = next((one for one in places if one.segment.startswith(f"{identifier}-")), None)
            if place is None:
                return None
            known = read_recorded(place.path, place.key).run
            self._write(camera, RunBegan(known))
        with self._database.write() as tx:
            catalogue.enter_run(tx, self._hall(camera), told.run(known))
        return "it was entered"

    def _agree(self, fault: Fault) -> str | None:
        if fault.interval is not None:
            return self._enter_told(fault)
        camera, hall = fault.camera, self._hall(fault.camera)
        told = self._history(camera)
        in_book = {(noted.gap.interval, noted.gap.reason) for noted in told.gaps}
        words: list[Word] = []
        with self._database.read() as tx:
            after = (EPOCH, 0)
            while page := catalogue.gaps_from(tx, camera, after):
                after = (page[-1][1].interval.start, page[-1][0])
                words += (
                    GapNoted(gap)
                    for _, gap in page
                    if gap.interval.end is not None
                    and gap.reason is not GapReason.DELETED_BY_RETENTION
                    and (gap.interval, gap.reason) not in in_book
                )
            words += self._untold_runs(camera, told)
        self._logbook.append(hall, camera, *words)
        return f"{len(words)} lines were added to the logbook"

    def _untold_runs(self, camera: CameraId, told: History) -> list[Word]:
        words: list[Word] = []
        with self._database.read() as tx:
            after = (EPOCH, RunId(""))
            while page := catalogue.runs_from(tx, camera, after):
                after = (page[-1].interval.start, page[-1].id)
                for run in page:
                    if run.id in told.runs:
                        continue
                    words.append(RunBegan(run))
                    if run.interval.end is not None and run.id not in told.endings:
                        words.append(RunEnded(run.id, run.interval.end, run.ended_because))
        return words

    def _enter_told(self, fault: Fault) -> str:
        """A gap that only the logbook knows: entered where nothing is recorded, or taken back."""
        told = self._history(fault.camera)
        wanted = [
            (noted.hall, noted.gap)
            for noted in told.gaps
            if noted.gap.interval == fault.interval and noted.gap.reason.value == fault.subject
        ]
        free = [(hall, gap) for hall, gap in wanted if not self._is_recorded(gap.interval, fault.camera)]
        with self._database.write() as tx:
            catalogue.enter_gaps(tx, fault.camera, free)
        if len(free) < len(wanted) and fault.interval is not None:
            self._write(fault.camera, TimeRecorded(fault.interval))
            return "the logbook says now that this time is recorded"
        return "it was entered"

    def _is_recorded(self, interval: Interval, camera: CameraId) -> bool:
        if interval.end is None or interval.end <= interval.start:
            return False
        with self._database.read() as tx:
            return bool(
                recording.segments_between(tx, camera, interval.start, interval.end, 1, fragments=False)
            )

    def _mend_copy(self, fault: Fault) -> str | None:
        identifier = SegmentId(fault.subject)
        with self._database.read() as tx:
            known = catalogue.known(tx, {identifier})
            archives = [copy.archive for copy in copies.copies_of(tx, identifier)]
        if not known:
            with self._database.write() as tx:
                for archive in archives:
                    copies.forget(tx, identifier, archive)
            return "the catalogue does not speak of the copy any more; the archive was not touched"
        return self._give_up(self._segment(fault), fault.message)

    def _history(self, camera: CameraId) -> History:
        return history(camera, self._logbook.read(camera).lines)


LAST: Final = frozenset({Invariant.COVERAGE, Invariant.SEQUENCE})
"""Time counts as unexplained only when all that could explain it has been mended."""


def mend_all(repair: Repair, look: Callable[[bool], Iterable[Fault]]) -> Iterator[tuple[Fault, str | None]]:
    """Mend what `look` (told whether a quick look is enough) finds: each fault, and what was done."""
    for fault in list(look(False)):
        if fault.invariant not in LAST:
            yield fault, repair.mend(fault)
    for fault in list(look(True)):
        if fault.invariant in LAST:
            yield fault, repair.mend(fault)


def is_idle(objects: LocalObjects, now: datetime) -> bool:
    """Whether nobody has written to an unfinished file for a while."""
    for disk in objects.disks:
        for path in disk.glob(f"*/[0-9]*/[0-9]*/[0-9]*/*{PARTIAL}"):
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if abs(now - changed) < FRESH:
                return False
    return True


def _is_bare(disk: Path) -> bool:
    """Whether a disk holds nothing at all, as a folder does on which no disk is mounted."""
    try:
        return next(disk.iterdir(), None) is None
    except OSError:
        return True
