"""Taking the history of a queue system in, from a file: CSV with a header, or one JSON object a line.

The file is streamed, and may be given again after a break: events are known by their ids. What is refused is
told with its line and not kept among the refused events: the file is there to be mended and given again.
"""

from __future__ import annotations

import csv
import json
import tempfile
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, get_args

from capture.queueing.batch import Outcome, accept_all
from capture.queueing.intake import parse
from capture.queueing.mapping import events_of
from hall.config import Configuration, HallSettings
from hall.config.mapping import EventMapping, MemberMapping, MemberName
from hall.errors import Conflict, EventRefused, RequestRefused, StoreBusy
from hall.queueing import LARGEST_EVENT
from store import queue_events
from store.database import Database

BATCH = 500
ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = ",;\t"
CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
JSON_SUFFIXES = frozenset({".jsonl", ".ndjson"})
_MEMBERS: tuple[MemberName, ...] = get_args(MemberName)
_LONGEST_LINE = LARGEST_EVENT + 2


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the file, with the line (1-based) on which its row ends."""

    line: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the event on a line was refused."""

    line: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How many events of the file were accepted, known already, and refused; `lines` read so far."""

    lines: int = 0
    accepted: int = 0
    repeated: int = 0
    refused: int = 0


def import_history(
    database: Database,
    configuration: Configuration,
    told: Iterator[Told],
    now: datetime,
    report: Callable[[Summary, Sequence[Refused]], None],
    *,
    dry_run: bool = False,
) -> Summary:
    """Take events in by batches; `report` is told how far it is and what was refused after each.

    With `dry_run` nothing is kept: the events are judged among themselves, in a database of their own, and
    those that are known here already count as repeated. Raises StoreBusy: give the file again.
    """
    summary = Summary()
    with tempfile.TemporaryDirectory(prefix="hallwatch-dry-run-") as folder:
        trial = Database(f"sqlite:///{Path(folder) / 'trial.db'}") if dry_run else None
        if trial is not None:
            trial.migrate()
        try:
            for batch in _batches(told):
                raws = [one.raw for one in batch]
                outcomes = accept_all(trial or database, configuration, raws, now, keep_refused=False)
                if trial is not None:
                    outcomes = _as_known(database, raws, outcomes)
                summary = _counted(summary, batch, outcomes)
                report(summary, [_refusal(batch[one.index], one) for one in outcomes if one.field])
                if any(one.status == "not_taken" for one in outcomes):
                    raise StoreBusy(f"the database was busy after line {summary.lines}: give the file again")
        finally:
            if trial is not None:
                trial.close()
    return summary


def read_history(
    path: Path, hall: HallSettings, mappings: Sequence[EventMapping] = (), encoding: str | None = None
) -> Iterator[Told]:
    """The events that a file tells. Without mappings the columns, or members, are those of an event.

    `encoding` is UTF-8 if the whole file is, else GB18030, unless it is given. Raises RequestRefused when
    the file cannot be read at all.
    """
    suffix = path.suffix.lower()
    try:
        encoding = encoding or _encoding_of(path)
        if suffix in CSV_SUFFIXES:
            yield from _from_csv(path, hall, mappings, encoding)
        elif suffix in JSON_SUFFIXES:
            yield from _from_lines(path, hall, mappings, encoding)
        else:
            known = ", ".join(sorted(CSV_SUFFIXES | JSON_SUFFIXES))
            raise RequestRefused("file", f"'{path.name}' ends in none of {known}")
    except (OSError, LookupError) as error:
        raise RequestRefused("file", f"{path}: {error}") from error


def _from_csv(
    path: Path, hall: HallSettings, mappings: Sequence[EventMapping], encoding: str
) -> Iterator[Told]:
    csv.field_size_limit(LARGEST_EVENT)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        header = file.readline(_LONGEST_LINE)
        delimiter = max(DELIMITERS, key=header.count)
        names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
        if not any(names) or len(set(names)) < len(names):
            raise RequestRefused("file", "the first line must name the columns, each of them once")
        chosen = mappings or _columns_as_members(names)
        rows = csv.reader(file, delimiter=delimiter)
        while True:
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield Told(rows.line_num + 1, json.dumps(f"cannot be read: {error}").encode())
                continue
            line = rows.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(names) or any("\ufffd" in cell for cell in cells):
                yield Told(line, json.dumps(cells, ensure_ascii=False).encode())
                continue
            row = dict(zip(names, cells, strict=False))
            yield from (Told(line, raw) for raw in events_of(row, chosen, hall))


def _columns_as_members(names: Sequence[str]) -> tuple[EventMapping, ...]:
    strange = [name for name in names if name not in _MEMBERS]
    if strange or not {"at", "type"} <= set(names):
        wrong = f"'{strange[0]}' is no member of an event" if strange else "'at' or 'type' is missing"
        raise RequestRefused("file", f"{wrong}: say with --mapping which column is which")
    members = {name: MemberMapping(field=name) for name in _MEMBERS if name in names}
    return (EventMapping(members=members),)


def _from_lines(
    path: Path, hall: HallSettings, mappings: Sequence[EventMapping], encoding: str
) -> Iterator[Told]:
    with path.open("rb") as file:
        for line, piece in enumerate(_lines(file), 1):
            text = piece.decode(encoding, "replace").strip()
            if not text:
                continue
            if not mappings or len(piece) > LARGEST_EVENT:
                yield Told(line, text.encode())
                continue
            try:
                row = json.loads(text)
            except (ValueError, RecursionError):
                yield Told(line, text.encode())
                continue
            yield from (Told(line, raw) for raw in events_of(row, mappings, hall))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines, each at most so long that it is seen to be too long."""
    while piece := file.readline(_LONGEST_LINE):
        yield piece
        while not piece.endswith(b"\n") and (piece := file.readline(_LONGEST_LINE)):
            pass


def _encoding_of(path: Path) -> str:
    decoder = getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return ENCODINGS[1]
    return ENCODINGS[0]


def _batches(told: Iterator[Told]) -> Iterator[list[Told]]:
    batch: list[Told] = []
    for one in told:
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _as_known(database: Database, raws: Sequence[bytes], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes with what the real database knows already."""
    found: list[Outcome] = []
    with database.read() as tx:
        for outcome in outcomes:
            try:
                known = queue_events.is_known(tx, parse(raws[outcome.index]))
            except EventRefused:
                known = False
            except Conflict as error:
                told = str(error).removeprefix("id: ")
                found.append(replace(outcome, status="refused", field="id", message=told))
                continue
            found.append(Outcome(outcome.index, outcome.id, "repeated") if known else outcome)
    return found


def _counted(summary: Summary, batch: Sequence[Told], outcomes: Sequence[Outcome]) -> Summary:
    statuses = [outcome.status for outcome in outcomes]
    return Summary(
        max(summary.lines, batch[-1].line),
        summary.accepted + statuses.count("accepted"),
        summary.repeated + statuses.count("repeated"),
        summary.refused + statuses.count("refused"),
    )


def _refusal(told: Told, outcome: Outcome) -> Refused:
    return Refused(told.line, outcome.field or "body", outcome.message or "")
