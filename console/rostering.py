"""Changing a roster from the console: checked, entered with its author, audited, and undone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from console.access.visitor import Visitor
from console.api.roster_shapes import LeaveEntry, RosterChangeRequest, RosterEntries, ShiftEntry
from console.dependencies import Dependencies
from console.problems import ChangedMeanwhile, MatchOwed, TooOften
from console.roster.reading import Understood
from console.roster.trial import Trial, digest_of, read_file, try_out
from hall.config import HallSettings
from hall.errors import ConfigurationError, Conflict, Problem, RequestRefused, TableRefused
from hall.interval import Interval
from hall.names import StaffId, WindowId
from hall.roster import Leave, Shift
from hall.roster_change import RosterDifference, clashes
from hall.wire import to_wire
from store import audit, roster, roster_history
from store.database import Read, Write
from store.roster_history import KeptChange, RosterAuthor, RosterOrigin

SOURCE = "roster"
LONGEST_DETAIL = 20_000
MOST_NAMED = 50
"""Entries that an audit entry spells out; the rest is counted, and kept with the change itself."""
PATIENCE = 10.0
"""Seconds for which a file waits for another one that is being read."""

_reading = threading.Lock()


def change(
    visitor: Visitor, given: Dependencies, hall: HallSettings, asked: RosterChangeRequest
) -> KeptChange:
    """Take entries out and put others in.

    Raises ConfigurationError with every fault by its field, ChangedMeanwhile when what is to be taken out is
    not there as the visitor saw it.
    """
    faults: list[Problem] = []
    removed, added = _entries(asked.remove, "remove", None, faults), _entries(asked.add, "add", hall, faults)
    if faults:
        raise ConfigurationError(faults, SOURCE)
    wanted = RosterDifference(removed[0], added[0], removed[1], added[1])
    with given.database.write() as tx:
        if (stale := roster.missing(tx, hall.id, wanted)) is not None:
            raise _changed(tx, given, hall, stale[1])
        faults += _clashing(tx, hall, wanted)
        if faults:
            raise ConfigurationError(faults, SOURCE)
        return _take(tx, visitor, given, hall, wanted, RosterAuthor(visitor.user.name, RosterOrigin.CONSOLE))


def undo(visitor: Visitor, given: Dependencies, hall: HallSettings, number: int) -> KeptChange:
    """Undo a change. Raises NotFound, Conflict when it is undone or what it changed was changed since."""
    with given.database.write() as tx:
        done = roster_history.kept(tx, hall.id, number)
        if done.undone_by is not None:
            raise Conflict("this change is undone already")
        wanted = done.difference.inverse()
        if roster.missing(tx, hall.id, wanted) is not None or _clashing(tx, hall, wanted):
            raise Conflict("what this change entered was changed again since: it cannot be undone any more")
        author = RosterAuthor(visitor.user.name, RosterOrigin.UNDO, str(number))
        undone = _take(tx, visitor, given, hall, wanted, author)
        roster_history.mark_undone(tx, number, undone.id)
        return undone


def tried(given: Dependencies, hall: HallSettings, content: bytes) -> Trial:
    """What would come of a file; what cannot be understood is among its faults."""
    try:
        said = _understood(content, hall)
    except TableRefused as error:
        return Trial(RosterDifference(), error.faults, digest_of(content))
    with given.database.read() as tx:
        return try_out(tx, hall, content, said)


def imported(
    visitor: Visitor, given: Dependencies, hall: HallSettings, content: bytes, name: str, match: str | None
) -> KeptChange:
    """Take a file whole, as its trial said.

    Raises TableRefused with every fault, MatchOwed without the digest of a trial, RequestRefused for that of
    another file, ChangedMeanwhile when something else would come of the file than the trial said.
    """
    if match is None:
        raise MatchOwed
    said = _understood(content, hall)
    wanted = match.strip().strip('"')
    if not wanted.startswith(f"{digest_of(content)}-"):
        raise RequestRefused("If-Match", "is not the digest of a trial of this file")
    with given.database.write() as tx:
        current = next((one for one in given.halls.current(tx).halls if one.id == hall.id), None)
        if current is None or (current.staff, current.windows) != (hall.staff, hall.windows):
            raise _changed(tx, given, hall, None)
        trial = try_out(tx, hall, content, said)
        if trial.faults:
            raise TableRefused(trial.faults)
        if trial.digest != wanted:
            raise _changed(tx, given, hall, None)
        author = RosterAuthor(visitor.user.name, RosterOrigin.FILE, name)
        return _take(tx, visitor, given, hall, trial.difference, author, digest_of(content))


def _understood(content: bytes, hall: HallSettings) -> Understood:
    """One file at a time: taking one apart costs much, and whoever waits loses nothing."""
    with _turn():
        return read_file(content, hall)


@contextmanager
def _turn() -> Iterator[None]:
    if not _reading.acquire(timeout=PATIENCE):
        raise TooOften(round(PATIENCE))
    try:
        yield
    finally:
        _reading.release()


def _take(
    tx: Write,
    visitor: Visitor,
    given: Dependencies,
    hall: HallSettings,
    changed: RosterDifference,
    author: RosterAuthor,
    sha256: str = "",
) -> KeptChange:
    now = given.clock.now()
    number = roster.take(tx, hall.id, hall.zone_info, changed, now, author)
    if number is None:
        return KeptChange(0, hall.id, now, author, changed, None)
    told: dict[str, object] = {"change": number, **{name: n for name, n in changed.counts().items() if n}}
    if author.origin is RosterOrigin.FILE:
        told |= {"file": author.note, "sha256": sha256}
    if author.origin is RosterOrigin.UNDO:
        told["undone"] = int(author.note)
    entries = {name: value for name, value in to_wire(changed).items() if value}
    if sum(len(value) for value in entries.values() if isinstance(value, list)) <= MOST_NAMED:
        told |= entries
    audit.record(
        tx,
        at=now,
        who=visitor.user.name,
        action=ACTIONS[author.origin],
        subject=f"hall:{hall.id}",
        detail=json.dumps(told, ensure_ascii=False)[:LONGEST_DETAIL],
        address=visitor.address,
    )
    return roster_history.kept(tx, hall.id, number)


ACTIONS = {
    RosterOrigin.CONSOLE: "roster_change",
    RosterOrigin.FILE: "roster_import",
    RosterOrigin.UNDO: "roster_undo",
}


def _entries(
    asked: RosterEntries, place: str, hall: HallSettings | None, faults: list[Problem]
) -> tuple[tuple[Shift, ...], tuple[Leave, ...]]:
    """The entries that are named. With a hall they are new: person and window are of it."""
    due = [_shift(one, f"{place}.shifts.{n}", hall, faults) for n, one in enumerate(asked.shifts)]
    away = [_leave(one, f"{place}.leaves.{n}", hall, faults) for n, one in enumerate(asked.leaves)]
    if faults:
        return (), ()
    shifts, leaves = [one for one in due if one is not None], [one for one in away if one is not None]
    _check_beginnings([(one.staff, one.interval.start) for one in shifts], f"{place}.shifts", faults)
    _check_beginnings([(one.staff, one.interval.start) for one in leaves], f"{place}.leaves", faults)
    return tuple(shifts), tuple(leaves)


def _check_beginnings(keys: Sequence[tuple[StaffId, datetime]], place: str, faults: list[Problem]) -> None:
    """Two entries of one person that begin together are no two entries."""
    first: dict[tuple[StaffId, datetime], int] = {}
    for number, key in enumerate(keys):
        if first.setdefault(key, number) != number:
            faults.append(
                Problem(f"{place}.{number}.from", None, f"begins together with number {first[key]}")
            )


def _shift(entry: ShiftEntry, field: str, hall: HallSettings | None, faults: list[Problem]) -> Shift | None:
    known = _check_person(entry.staff, field, hall, faults)
    if hall is not None and hall.window(WindowId(entry.window)) is None:
        faults.append(Problem(f"{field}.window", None, f"there is no window '{entry.window}' in this hall"))
        known = False
    try:
        over = Interval(entry.start, entry.end)
        return Shift(StaffId(entry.staff), WindowId(entry.window), over, entry.cover) if known else None
    except ValueError as error:
        faults.append(Problem(f"{field}.to", None, str(error)))
        return None


def _leave(entry: LeaveEntry, field: str, hall: HallSettings | None, faults: list[Problem]) -> Leave | None:
    known = _check_person(entry.staff, field, hall, faults)
    try:
        over = Interval(entry.start, entry.end)
        return Leave(StaffId(entry.staff), over, entry.reason) if known else None
    except ValueError as error:
        faults.append(Problem(f"{field}.to", None, str(error)))
        return None


def _check_person(staff: str, field: str, hall: HallSettings | None, faults: list[Problem]) -> bool:
    if hall is None or any(person.id == staff for person in hall.staff):
        return True
    faults.append(Problem(f"{field}.staff", None, f"there is no staff member '{staff}' in this hall"))
    return False


def _clashing(tx: Read, hall: HallSettings, wanted: RosterDifference) -> list[Problem]:
    """What of a change cannot stand beside the roster, by the field of what is put in."""
    found: list[Problem] = []
    added: Sequence[Shift | Leave]
    for clash in clashes(roster.beside(tx, hall.id, hall.zone_info, wanted), wanted):
        is_shift = isinstance(clash.entry, Shift)
        added = wanted.added_shifts if is_shift else wanted.added_leaves
        what = "shifts" if is_shift else "leaves"
        field = f"add.{what}.{added.index(clash.entry)}.from"
        found.append(Problem(field, None, clash.words(hall.zone_info)))
    return found


def _changed(
    tx: Read, given: Dependencies, hall: HallSettings, stands: roster.Entered | None
) -> ChangedMeanwhile:
    """That something is not as the visitor saw it, with who changed it last as far as that is known."""
    if stands is not None and stands.at is not None:
        return ChangedMeanwhile(stands.by, stands.at, to_wire(stands.entry))
    last = next(iter(roster_history.newest(tx, hall.id)), None)
    if last is None:
        return ChangedMeanwhile("", given.clock.now(), None)
    return ChangedMeanwhile(last.author.who, last.at, None)
