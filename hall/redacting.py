"""Redaction: what of the people in an evidence package is made unrecognisable before it is handed out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hall.names import WindowId


class Heads(StrEnum):
    """Whose heads are covered."""

    KEPT = "kept"
    """Nobody's: the picture is that of the recording."""
    BY_STANDERS = "by_standers"
    """Of everybody who is in no staff or customer zone of the chosen windows."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is redacted. `windows` are those whose staff and customers stay visible."""

    heads: Heads
    windows: tuple[WindowId, ...] = ()
    mutes_sound: bool = False

    @property
    def changes_anything(self) -> bool:
        """False where the package would be the same without."""
        return self.heads is not Heads.KEPT or self.mutes_sound
