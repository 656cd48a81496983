"""`hallwatch check --archive`: whether the archive still gives back every byte of its copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

import typer

from capture.archive.objects import S3Objects
from capture.archive.verification import CopyState, Examined, send_again, verify_copies
from hall.clock import EPOCH, SystemClock
from hall.config import Configuration
from hall.errors import ConfigurationError, Problem
from hall.journal import Json
from hall.names import CameraId
from hallwatch.cli.outcome import print_json
from store.database import Database

MEANING = {
    CopyState.DAMAGED: "the archive has something else",
    CopyState.MISSING: "entered as copied, but the archive has nothing",
    CopyState.LOST: "has neither a local file nor a copy",
}


def check_copies(
    configuration: Configuration,
    database: Database,
    cameras: Collection[CameraId],
    since: datetime | None,
    until: datetime | None,
    *,
    repair: bool,
    as_json: bool,
) -> int:
    """Read every copy of a time back, and print what is wrong; how many faults are left.

    `repair`: copies of which the local file is still here are made anew by the hall once it runs. Raises
    ConfigurationError without an archive, ArchiveUnreachable and StoreBusy.
    """
    settings = configuration.site.storage.archive
    if settings is None:
        raise ConfigurationError([Problem("site.storage.archive", None, "is not set: there is no archive")])
    clock, states, faulty = SystemClock(), Counter[CopyState](), list[Examined]()
    archive = S3Objects(settings)
    for one in verify_copies(database, archive, since or EPOCH, until or clock.now(), cameras or None):
        states[one.state] += 1
        if one.is_fault:
            faulty.append(one)
            if not as_json:
                typer.echo(f"{one.segment.camera} {one.segment.id}: {MEANING[one.state]}", err=True)
    again = send_again(database, settings.name, faulty, clock) if repair else 0
    left = len(faulty) - again
    if as_json:
        faults: list[Json] = [
            {"segment": one.segment.id, "camera": one.segment.camera, "state": one.state.value}
            for one in faulty
        ]
        counted: dict[str, Json] = {state.value: states[state] for state in CopyState}
        print_json({**counted, "sent_again": again, "faults": faults})
    else:
        sent = f", {again} will be sent again" if repair else ""
        typer.echo(
            f"{states[CopyState.WHOLE]} copies are whole, {states[CopyState.WAITING]} segments wait to be "
            f"copied, {len(faulty)} faults{sent}"
        )
    return left
