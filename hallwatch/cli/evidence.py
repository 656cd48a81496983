"""`hallwatch export` and `hallwatch verify`: evidence packages, made and checked."""

from __future__ import annotations

import getpass
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from capture.archive.recorded import RecordedFiles
from console.api.redaction import RedactionRequest, redaction_of, words_of
from console.evidence.contents import Manifest, Marks
from console.evidence.exporting import key_of
from console.evidence.making import Made, Order, Progress, Workshop, make
from console.evidence.redacted_clips import Redactor
from console.evidence.signing import fingerprint, public_pem, read_public
from console.evidence.stamping import authorities_of
from console.evidence.verifying import Finding, Verified, verify
from hall.clock import SystemClock
from hall.config import Configuration, HallSettings
from hall.errors import EvidenceError, RequestRefused
from hall.journal import Json
from hall.names import CameraId
from hall.redacting import Heads, Redaction
from hall.wire import to_wire
from hallwatch.cli.options import AsJson, FileOption, moment, opened
from hallwatch.cli.outcome import ExitCode, print_json
from store import audit


def export(
    output: Annotated[Path, typer.Argument(help="The package to be made, for example evidence.zip.")],
    *,
    file: FileOption = Path("hall.yaml"),
    camera: Annotated[list[str], typer.Option(help="This camera; may be repeated.")],
    since: Annotated[str, typer.Option("--from", help="Begin of the footage, in the hall's zone.")],
    until: Annotated[str, typer.Option("--to", help="Its end.")],
    case: Annotated[str, typer.Option(help="The case it is for.")],
    reason: Annotated[
        str, typer.Option(help="Why it is made; stands in the package and in the audit trail.")
    ],
    cover_heads: Annotated[
        Heads, typer.Option(help="Whose heads are covered; the pictures are then encoded anew.")
    ] = Heads.KEPT,
    visible_window: Annotated[
        list[str], typer.Option(help="With by_standers: whose staff and customers stay visible; repeatable.")
    ] = [],  # noqa: B006 - typer reads it, nobody changes it
    mute: Annotated[bool, typer.Option("--mute", help="Leave the sound out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make an evidence package: footage without re-encoding, facts, hashes and a signature.

    Safe while the hall runs.
    """
    clock = SystemClock()
    if output.exists():
        raise typer.BadParameter(f"{output} exists already", param_hint="OUTPUT")
    for text, option in ((case, "--case"), (reason, "--reason")):
        if not text.strip():
            raise typer.BadParameter("it must not be empty", param_hint=option)
    with opened(file) as (configuration, database):
        hall = _hall(configuration, camera)
        start, end = moment(since, hall.zone_info, "--from"), moment(until, hall.zone_info, "--to")
        assert start is not None
        assert end is not None
        if start >= end:
            raise typer.BadParameter("it is not before --to", param_hint="--from")
        now = clock.now()
        marks = Marks(start.astimezone(now.tzinfo), end.astimezone(now.tzinfo), tuple(map(CameraId, camera)))
        who = f"{_user()} (command line)"
        asked = RedactionRequest(heads=cover_heads, windows=tuple(visible_window), mutes_sound=mute)
        redaction = _redaction(asked, hall, marks.cameras)
        order = Order(secrets.token_hex(8), marks, case, reason, who, now, redaction)
        workshop = Workshop(
            database,
            hall,
            RecordedFiles(configuration, database).open,
            key_of(configuration),
            f"hallwatch {version('hallwatch')}",
            configuration.site.evidence,
            Redactor(configuration.site.analysis),
        )
        with database.write() as tx:
            detail = f"case {case}: {reason}; {', '.join(camera)} {start.isoformat()} to {end.isoformat()}"
            detail += words_of(redaction)
            audit.record(
                tx, at=now, who=who, action="evidence_exported", subject=f"evidence:{order.id}", detail=detail
            )
        with _progress() as progress:
            made = make(order, workshop, output, progress)
    _tell_made(made, output, as_json=as_json)


def check_package(
    package: Annotated[Path, typer.Argument(help="The package, or the folder it was unpacked into.")],
    *,
    key: Annotated[
        Path | None,
        typer.Option(help="The public key (PEM) that must have signed; without it any key may have."),
    ] = None,
    time_stamp_authority: Annotated[
        Path | None,
        typer.Option(help="Root certificates (PEM) of the authority that must have stamped the time."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check an evidence package on any machine: signature, and every byte of every file.

    Ends with 3 when something does not stand as it was signed, or a stranger signed.
    """
    trusted = read_public(_content(key)) if key is not None else None
    authorities = authorities_of(_content(time_stamp_authority)) if time_stamp_authority is not None else ()
    if not package.exists():
        raise typer.BadParameter(f"there is no {package}", param_hint="PACKAGE")
    verified = verify(package, trusted, authorities)
    if as_json:
        print_json(_verified_json(verified))
    else:
        _tell_verified(verified)
    if not verified.holds:
        raise typer.Exit(ExitCode.FAULTS)


def public_key(file: FileOption = Path("hall.yaml")) -> None:
    """Print the public key with which this installation signs packages, made at its first use."""
    with opened(file) as (configuration, _):
        key = key_of(configuration).public_key()
    typer.echo(public_pem(key).decode(), nl=False)
    typer.echo(f"fingerprint {fingerprint(key)}", err=True)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{file}: {error.strerror or error}") from error


def _user() -> str:
    """The name of whoever runs this; a container may have no name for its user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _hall(configuration: Configuration, cameras: Sequence[str]) -> HallSettings:
    """The hall of the cameras. A package is of one hall."""
    halls = []
    for wanted in cameras:
        found = [hall for hall in configuration.halls if any(one.id == wanted for one in hall.cameras)]
        if not found:
            raise typer.BadParameter(f"the configuration has no camera '{wanted}'", param_hint="--camera")
        halls += found
    if any(hall.id != halls[0].id for hall in halls):
        raise typer.BadParameter("the cameras are of several halls", param_hint="--camera")
    return halls[0]


def _redaction(asked: RedactionRequest, hall: HallSettings, cameras: Sequence[CameraId]) -> Redaction | None:
    """The redaction that the options ask for, or None."""
    if asked.heads is Heads.KEPT and not asked.mutes_sound and not asked.windows:
        return None
    try:
        return redaction_of(asked, hall, cameras)
    except RequestRefused as error:
        raise typer.BadParameter(str(error), param_hint="--visible-window") from error


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar of recorded files on standard error, for people who wait."""
    with typer.progressbar(length=1, label="recordings", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield progress


def _tell_made(made: Made, output: Path, *, as_json: bool) -> None:
    manifest = made.manifest
    size = sum(file.size for file in manifest.files)
    changed = [source.segment for clip in manifest.clips for source in clip.sources if not source.is_whole]
    if as_json:
        print_json(
            {
                "package": str(output),
                "id": manifest.id,
                "clips": len(manifest.clips),
                "bytes": size,
                "key": manifest.key,
                "changed_recordings": list[Json](changed),
                "unstamped": made.unstamped,
                "covered_whole": _covered_whole(manifest),
            }
        )
        return
    typer.echo(f"{output}: {len(manifest.clips)} clips, {size / 1e6:.1f} MB, signed by {manifest.key}")
    if whole := _covered_whole(manifest):
        typer.echo(f"{whole} pictures are covered whole: nothing told where heads are", err=True)
    for segment in changed:
        typer.echo(f"recording {segment} is not as it was when it was recorded", err=True)
    if made.unstamped is not None:
        typer.echo(f"no time stamp: {made.unstamped}", err=True)


def _covered_whole(manifest: Manifest) -> int:
    return sum(clip.redacted.frames_covered_whole for clip in manifest.clips if clip.redacted is not None)


def _redaction_words(manifest: Manifest) -> str:
    """What of a package is not as it was recorded."""
    redaction = manifest.redaction
    if redaction is None:
        return "no: picture and sound are those that were recorded"
    heads = {
        Heads.KEPT: "no heads",
        Heads.ALL: "all heads",
        Heads.BY_STANDERS: f"all heads but those at {', '.join(redaction.windows)}",
    }[redaction.heads]
    picture = "" if redaction.heads is Heads.KEPT else ", encoded anew: NOT the picture that was recorded"
    whole = _covered_whole(manifest)
    covered = f"; {whole} pictures covered whole" if whole else ""
    return f"YES: {heads} covered{picture}{covered}; sound {'left out' if redaction.mutes_sound else 'kept'}"


def _tell_verified(verified: Verified) -> None:
    manifest = verified.manifest
    typer.echo(f"case      {manifest.case}")
    typer.echo(f"hall      {manifest.hall_name.zh} / {manifest.hall_name.en}")
    typer.echo(f"reason    {manifest.reason}")
    typer.echo(f"footage   {manifest.marks.start.isoformat()} to {manifest.marks.end.isoformat()}")
    typer.echo(f"made      {manifest.made_at.isoformat()} by {manifest.made_by}")
    known = {
        None: "compare it with the one you know",
        True: "the key you gave",
        False: "NOT the key you gave",
    }
    typer.echo(f"signed by {verified.key} ({known[verified.is_trusted]})")
    typer.echo(f"stamped   {_stamp_words(verified)}")
    typer.echo(f"redacted  {_redaction_words(manifest)}")
    for finding in verified.findings:
        typer.echo(f"{finding.fault.value}: {finding.path}: {finding.text}")
    if verified.holds:
        redacted = "; redacted before it was signed" if manifest.redaction is not None else ""
        typer.echo(f"holds: {len(manifest.files)} files are as they were signed{redacted}")
    else:
        typer.echo("does not hold")


def _stamp_words(verified: Verified) -> str:
    stamp, asked = verified.stamp, verified.manifest.time_stamp_server
    if stamp is None:
        return "no" if asked is None else f"no, although {asked} was asked"
    known = {
        None: "give its root certificates to check by whom",
        True: "the authority you gave",
        False: "NOT the authority you gave",
    }
    return f"{stamp.at.isoformat()} ({known[stamp.is_trusted]})"


def _verified_json(verified: Verified) -> dict[str, Json]:
    manifest = verified.manifest
    return {
        "holds": verified.holds,
        "id": manifest.id,
        "case": manifest.case,
        "made_at": manifest.made_at.isoformat(),
        "made_by": manifest.made_by,
        "key": verified.key,
        "trusted": verified.is_trusted,
        "stamped_at": verified.stamp.at.isoformat() if verified.stamp is not None else None,
        "stamp_trusted": verified.stamp.is_trusted if verified.stamp is not None else None,
        "redaction": to_wire(manifest.redaction) if manifest.redaction is not None else None,
        "findings": [_finding_json(finding) for finding in verified.findings],
    }


def _finding_json(finding: Finding) -> dict[str, Json]:
    return {
        "fault": finding.fault.value,
        "path": finding.path,
        "text": finding.text,
        "start": finding.start,
        "end": finding.end,
    }
