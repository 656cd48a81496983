"""`hallwatch analyse`: what analysis says of recordings now, beside what it said when they were made."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from analysis.afterwards.story import compare, joined
from hall.clock import SystemClock
from hall.config import Configuration
from hall.errors import NotFound, RecordingError
from hall.interval import Interval
from hall.names import CameraId
from hall.observing import Observation
from hallwatch.addresses import database_url
from hallwatch.afterwards.plan import DoneStretches, Stretch, stretches
from hallwatch.afterwards.telling import Comparison, comparison, lines, recorded_seconds
from hallwatch.afterwards.telling import as_json as as_json_object
from hallwatch.afterwards.work import Progress, work_off
from hallwatch.cli.options import DEFAULT_FILE, AsJson, File, moment, opened
from hallwatch.cli.outcome import ExitCode, print_json
from hallwatch.logs import configure_logging
from store import observing
from store.database import Database

ANY_CAMERA: list[str] = []
FOLDER = "analysed"
MOST_OBSERVATIONS = 1_000_000
"""Of one camera: a change a second, for eleven days."""


def analyse(
    file: File = DEFAULT_FILE,
    *,
    since: Annotated[str, typer.Option("--from", help="Analyse from here on, in the hall's zone.")],
    until: Annotated[
        str | None, typer.Option("--to", help="Analyse before this; without it, until now.")
    ] = None,
    camera: Annotated[list[str], typer.Option(help="This camera alone; may be repeated.")] = ANY_CAMERA,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes that work; one a core without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Analyse recordings again, and compare with the observations that stand. Changes nothing.

    Broken off, the same command goes on where it was. Safe while the hall runs, which it slows down. Ends
    with 3 when a recording could not be read.
    """
    configure_logging("analyse", level=logging.WARNING)
    clock = SystemClock()
    with opened(file) as (configuration, database):
        whole = _time(configuration, since, until, clock.now())
        wanted = stretches(configuration, database, _cameras(configuration, camera), whole)
        if not any(recorded_seconds(wanted).values()):
            zone = configuration.halls[0].zone_info
            raise NotFound(f"nothing is recorded {_words(whole, zone)}: see --from, --to and --camera")
        done = DoneStretches(configuration.site.data / FOLDER)
        done.tidy(clock.now())
        url = database_url(configuration.site, os.environ, file)
        with _progress(sum(stretch.seconds for stretch in wanted)) as progress:
            try:
                results = work_off(wanted, done, configuration, url, workers or _cores(), progress)
            except OSError as error:
                raise RecordingError(
                    f"results cannot be kept in {configuration.site.data / FOLDER}: {error}"
                ) from error
        afterwards = joined(one for result in results.values() for one in result.observations)
        agreements = compare(_standing(database, wanted, whole), afterwards, whole)
        told = comparison(whole, wanted, results.values(), afterwards, agreements)
        _tell(told, configuration.halls[0].zone_info, in_json=as_json)
        for stretch in wanted:
            done.forget(stretch)
    if told.unreadable:
        raise typer.Exit(ExitCode.FAULTS)


def _cores() -> int:
    """Those that this process may use: a container may have fewer than the machine."""
    return len(os.sched_getaffinity(0))


def _words(whole: Interval, zone: ZoneInfo) -> str:
    end = whole.end or whole.start
    return (
        f"from {whole.start.astimezone(zone):%Y-%m-%d %H:%M:%S} to {end.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    )


def _time(configuration: Configuration, since: str, until: str | None, now: datetime) -> Interval:
    zone = configuration.halls[0].zone_info
    start, end = moment(since, zone, "--from"), moment(until, zone, "--to") or now
    assert start is not None
    if end > now:
        raise typer.BadParameter("nothing is recorded yet of a time that lies ahead", param_hint="--to")
    if start >= end:
        raise typer.BadParameter("it is not before --to", param_hint="--from")
    return Interval(start, end)


def _cameras(configuration: Configuration, wanted: Sequence[str]) -> list[CameraId]:
    known = {camera.id for hall in configuration.halls for camera in hall.cameras}
    for one in wanted:
        if one not in known:
            raise typer.BadParameter(f"the configuration has no camera '{one}'", param_hint="--camera")
    return [CameraId(one) for one in wanted]


def _standing(database: Database, wanted: Sequence[Stretch], whole: Interval) -> list[Observation]:
    found: list[Observation] = []
    with database.read() as tx:
        for camera in dict.fromkeys(stretch.camera.id for stretch in wanted):
            found += observing.between(
                tx, whole.start, whole.end or whole.start, camera=camera, limit=MOST_OBSERVATIONS
            )
    return found


@contextmanager
def _progress(seconds: float) -> Iterator[Progress]:
    """A bar of recorded time on standard error, for people who wait."""
    total = max(1, round(seconds))
    with typer.progressbar(length=total, label="analysed", file=sys.stderr) as bar:
        told = 0.0

        def progress(more: float) -> None:
            nonlocal told
            before, told = round(told), told + more
            bar.update(round(told) - before)

        yield progress


def _tell(told: Comparison, zone: ZoneInfo, *, in_json: bool) -> None:
    for why in told.unreadable:
        typer.echo(f"not read: {why}", err=True)
    if in_json:
        print_json(as_json_object(told))
        return
    for line in lines(told, zone):
        typer.echo(line)
