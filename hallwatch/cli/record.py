"""`hallwatch check` and `hallwatch reindex`: whether the record is whole, mending it, and making it anew."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer

from capture.books.logbook import Logbook
from capture.record.check import Check, Scope
from capture.record.invariants import MEANING, Examined, Fault
from capture.record.objects import LocalObjects
from capture.record.reindex import Reindexed
from capture.record.reindex import reindex as rebuild
from capture.record.repair import Repair, is_idle, mend_all
from hall.clock import SystemClock
from hall.config import Configuration
from hall.errors import Conflict, RoleError
from hall.journal import Json
from hall.names import CameraId
from hallwatch.cli.audit import check_trail
from hallwatch.cli.copies import check_copies
from hallwatch.cli.options import DEFAULT_FILE, AsJson, File, moment, opened
from hallwatch.cli.outcome import ExitCode, print_json
from hallwatch.folder import holder
from hallwatch.taking_up import take_up
from store import catalogue
from store.database import Database

ANY_CAMERA: list[str] = []


def check(
    file: File = DEFAULT_FILE,
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended; the hall must not be running.")
    ] = False,
    accept_loss: Annotated[
        bool,
        typer.Option("--accept-loss", help="With --repair: files count as lost even if a disk is empty."),
    ] = False,
    camera: Annotated[
        list[str], typer.Option(help="Look at this camera alone; may be repeated.")
    ] = ANY_CAMERA,
    since: Annotated[
        str | None, typer.Option("--from", help="Look at the time from here on, in the hall's zone.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Look at the time before this.")] = None,
    no_hash: Annotated[
        bool, typer.Option("--no-hash", help="A quick look: only ask files for their size.")
    ] = False,
    archive: Annotated[
        bool, typer.Option("--archive", help="Read the archive's copies back in place of the local files.")
    ] = False,
    audit: Annotated[
        bool,
        typer.Option("--audit", help="Check the audit trail's chain of hashes in place of the record."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the record: files, rows, logbook, and that every second is recorded or a gap with its reason.

    Each fault is named with the number of the invariant that does not hold. Ends with 3 when a fault was
    found, and with --repair when one is left. Safe while recording.
    """
    with opened(file) as (configuration, database):
        if audit:
            check_trail(database, as_json=as_json)
            return
        zone = configuration.halls[0].zone_info
        scope = Scope(
            frozenset(CameraId(one) for one in camera),
            moment(since, zone, "--from"),
            moment(until, zone, "--to"),
            not no_hash,
        )
        looking = _Looking(configuration, database, scope)
        if archive:
            left = check_copies(
                configuration,
                database,
                scope.cameras,
                scope.since,
                scope.until,
                repair=repair,
                as_json=as_json,
            )
        elif repair:
            left = looking.repair(accept_loss=accept_loss, as_json=as_json)
        else:
            left = looking.check(as_json=as_json)
    if left:
        raise typer.Exit(ExitCode.FAULTS)


class _Looking:
    """One call of `hallwatch check`."""

    def __init__(self, configuration: Configuration, database: Database, scope: Scope) -> None:
        self._configuration = configuration
        self._database = database
        self._scope = scope
        self._clock = SystemClock()
        self._objects = LocalObjects(*configuration.site.disks)
        self._logbook = Logbook(self._objects.disks, self._clock)

    def check(self, *, as_json: bool) -> int:
        """Look once, and print; how many faults there are."""
        faults: list[Json] = []
        count = 0
        looking = self._look()
        for fault in looking.faults():
            count += 1
            if as_json:
                faults.append(_as_json(fault))
            else:
                _say(_line(fault))
        _progress_ends()
        if as_json:
            print_json({**_examined(looking.examined), "faults": faults})
        else:
            _summary(looking.examined, f"{count} faults" if count != 1 else "1 fault")
        return count

    def repair(self, *, accept_loss: bool, as_json: bool) -> int:
        """Look, mend, and look again; how many faults are left."""
        if _runs(self._configuration) or not is_idle(self._objects, self._clock.now()):
            raise RoleError("these recordings are being written: stop the hall before it is repaired")
        repair = Repair(
            self._database,
            self._objects,
            self._logbook,
            self._configuration,
            self._clock,
            accept_loss=accept_loss,
        )
        mended: list[Json] = []
        left: dict[tuple[int, str, str], Fault] = {}
        for fault, done in mend_all(repair, lambda quick: self._look(quick=quick).faults()):
            if done is None:
                left[fault.invariant, fault.camera, fault.subject] = fault
                continue
            mended.append({**_as_json(fault), "mended": done})
            if not as_json:
                _say(f"{_line(fault)}\n    mended: {done}")
        looking = self._look(quick=True)
        left |= {(fault.invariant, fault.camera, fault.subject): fault for fault in looking.faults()}
        _progress_ends()
        if as_json:
            faults: list[Json] = [_as_json(fault) for fault in left.values()]
            print_json({**_examined(looking.examined), "mended": mended, "faults": faults})
        else:
            for fault in left.values():
                _say(f"{_line(fault)}\n    not mended")
            _summary(looking.examined, f"{len(mended)} faults mended, {len(left)} left")
        return len(left)

    def _look(self, *, quick: bool = False) -> Check:
        scope = replace(self._scope, hashes=False) if quick else self._scope

        def progress(camera: CameraId, examined: Examined) -> None:
            _progress(f"{camera}: {examined.segments} segments, {_bytes(examined.bytes)}")

        return Check(
            self._database,
            self._objects,
            self._logbook,
            self._configuration,
            self._clock.now(),
            running=_runs(self._configuration),
            scope=scope,
            progress=progress,
        )


def reindex(
    file: File = DEFAULT_FILE,
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget the runs, segments and gaps of the catalogue first.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Enter what the catalogue does not have yet, and leave the rest.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the catalogue of recordings again, from the disks alone.

    The hall must not be running. Refused for a catalogue that is not empty, without --fresh or --resume.
    Ends with 3 when a file could not be entered.
    """
    if fresh and resume:
        raise typer.BadParameter("--fresh forgets what --resume goes on from: choose one")
    with opened(file) as (configuration, database):
        objects, clock = LocalObjects(*configuration.site.disks), SystemClock()
        if _runs(configuration) or not is_idle(objects, clock.now()):
            raise RoleError("these recordings are being written: stop the hall before it is indexed again")
        with database.read() as tx:
            is_empty = catalogue.is_empty(tx)
        if not (is_empty or fresh or resume):
            raise Conflict("the catalogue is not empty: --resume to go on, --fresh to begin anew")
        with database.write() as tx:
            take_up(tx, configuration, clock.now())
            if fresh:
                catalogue.clear(tx)

        def progress(camera: CameraId, done: Reindexed) -> None:
            _progress(f"{camera}: {done.segments + done.known} segments, {_bytes(done.bytes)}")

        done = rebuild(database, objects, Logbook(objects.disks, clock), progress=progress)
    _progress_ends()
    _report(done, as_json=as_json)
    if done.unreadable:
        raise typer.Exit(ExitCode.FAULTS)


def _report(done: Reindexed, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "runs": done.runs,
                "segments": done.segments,
                "gaps": done.gaps,
                "known": done.known,
                "bytes": done.bytes,
                "damaged_lines": done.damaged_lines,
                "unreadable": [{"key": file.key, "message": file.why} for file in done.unreadable],
            }
        )
        return
    for file in done.unreadable:
        _say(f"{file.key}: {file.why}")
    typer.echo(
        f"entered {done.segments} segments ({_bytes(done.bytes)}), {done.runs} runs and {done.gaps} gaps; "
        f"{done.known} segments were known, {len(done.unreadable)} files could not be entered"
    )


def _runs(configuration: Configuration) -> bool:
    return holder(configuration.site.data) is not None


def _line(fault: Fault) -> str:
    return f"I{fault.invariant.value} {fault.camera} {fault.subject}: {fault.message}".replace("  ", " ")


def _as_json(fault: Fault) -> dict[str, Json]:
    interval = fault.interval
    return {
        "invariant": fault.invariant.value,
        "rule": MEANING[fault.invariant],
        "camera": fault.camera or None,
        "subject": fault.subject,
        "message": fault.message,
        "start": interval.start.isoformat() if interval is not None else None,
        "end": interval.end.isoformat() if interval is not None and interval.end is not None else None,
    }


def _examined(examined: Examined) -> dict[str, Json]:
    return {
        "cameras": examined.cameras,
        "segments": examined.segments,
        "gaps": examined.gaps,
        "runs": examined.runs,
        "bytes": examined.bytes,
        "notes": [
            {"camera": note.camera, "subject": note.subject, "message": note.message}
            for note in examined.notes
        ],
    }


def _summary(examined: Examined, result: str) -> None:
    for note in examined.notes:
        typer.echo(f"note: {note.camera} {note.subject}: {note.message}", err=True)
    typer.echo(
        f"{examined.cameras} cameras, {examined.runs} runs, {examined.segments} segments "
        f"({_bytes(examined.bytes)}), {examined.gaps} gaps: {result}"
    )


def _bytes(count: int) -> str:
    size, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"


def _progress(text: str) -> None:
    """One line that is written over, for people who wait."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def _progress_ends() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _say(line: str) -> None:
    _progress_ends()
    typer.echo(line, err=True)
