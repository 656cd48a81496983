"""`hallwatch check`: whether the disk holds what the catalogue says."""

from __future__ import annotations

import typer

from capture.objects import LocalObjects
from hall.clock import SystemClock
from hallwatch.cli.options import DEFAULT_FILE, AsJson, File, opened
from hallwatch.cli.outcome import ExitCode, print_json
from hallwatch.invariants import examine


def check(file: File = DEFAULT_FILE, *, as_json: AsJson = False) -> None:
    """Check the record: every segment has its file, and all time between is a gap with its reason.

    Each file is read and its SHA-256 compared. Ends with 3 when a fault was found. Safe while recording.
    """
    with opened(file) as (configuration, database):
        report = examine(database, LocalObjects(*configuration.site.disks), SystemClock().now())
    if as_json:
        print_json(
            {
                "segments": report.segments,
                "gaps": report.gaps,
                "bytes": report.bytes,
                "faults": [{"subject": fault.subject, "message": fault.message} for fault in report.faults],
            }
        )
    else:
        for fault in report.faults:
            typer.echo(f"{fault.subject}: {fault.message}", err=True)
        typer.echo(
            f"{report.segments} segments, {report.gaps} gaps, {report.bytes} bytes, "
            f"{len(report.faults)} faults"
        )
    if report.faults:
        raise typer.Exit(ExitCode.FAULTS)
