"""Redaction of a package as it is asked for, checked against the hall and the cameras that it is of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated

from pydantic import Field

from console.api.asked import Name
from console.evidence.redacted_clips import visible_zones
from hall.config import HallSettings
from hall.errors import RequestRefused
from hall.names import CameraId, WindowId
from hall.place import Strict
from hall.redacting import Heads, Redaction


class RedactionRequest(Strict):
    """What is made unrecognisable. `windows`: whose staff and customers stay visible, for `by_standers`."""

    heads: Heads
    windows: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    mutes_sound: bool = False


def redaction_of(
    asked: RedactionRequest | None, hall: HallSettings, cameras: Collection[CameraId]
) -> Redaction | None:
    """The redaction that was asked for. Raises RequestRefused for one that cannot be meant."""
    if asked is None:
        return None
    windows = tuple(dict.fromkeys(map(WindowId, asked.windows)))
    redaction = Redaction(asked.heads, windows, asked.mutes_sound)
    if not redaction.changes_anything:
        raise RequestRefused("redaction", "changes nothing: cover heads, or leave the sound out")
    if asked.heads is not Heads.BY_STANDERS:
        if windows:
            raise RequestRefused("redaction.windows", "are for the heads of by-standers alone")
        return redaction
    if not windows:
        raise RequestRefused("redaction.windows", "are needed: whose people are to stay visible")
    _shown(redaction, hall, cameras)
    return redaction


def _shown(redaction: Redaction, hall: HallSettings, cameras: Collection[CameraId]) -> None:
    """Each window must be shown by one of the cameras: a slip would cover those whom it is about."""
    zones = [zone for camera in cameras for zone in visible_zones(hall, camera, redaction)]
    shown = {zone.window for zone in zones}
    missing: Sequence[str] = [window for window in redaction.windows if window not in shown]
    if missing:
        raise RequestRefused(
            "redaction.windows", f"none of the cameras has a staff or customer zone of {', '.join(missing)}"
        )


def words_of(redaction: Redaction | None) -> str:
    """A redaction for the audit trail; empty without one."""
    if redaction is None:
        return ""
    heads = {
        Heads.KEPT: "",
        Heads.ALL: "all heads covered",
        Heads.BY_STANDERS: f"heads covered but at {', '.join(redaction.windows)}",
    }[redaction.heads]
    sound = "sound left out" if redaction.mutes_sound else ""
    return f"; redacted: {', '.join(part for part in (heads, sound) if part)}"
