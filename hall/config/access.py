"""How people come in, what they have to say before they look, and how often anybody may ask."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hall.place import Strict
from hall.roles import Role

CallsPerMinute = Annotated[float | None, Field(ge=1, le=1_000_000)]


class RateSettings(Strict):
    """How many calls a minute one session, key or address may make; so many may also come at once.

    None: any number. Far above what people do: it stops what runs wild.
    """

    log_ins: CallsPerMinute = 120
    """Log-ins and their second steps, for each address."""
    searches: CallsPerMinute = 600
    """Lists of matters, and the audit trail."""
    playlists: CallsPerMinute = 1200
    stills: CallsPerMinute = 1800
    exports: CallsPerMinute = 60
    """Packages ordered, and fetched."""


class AccessSettings(Strict):
    """How people come in, and what they have to say before they look. Who exports always states a reason."""

    reason_for: tuple[Literal["live", "replay", "search"], ...] = ()
    """For which of these a reason has to be stated first."""
    reason_minutes: Annotated[float, Field(gt=0, le=1440)] = 30
    """How long a stated reason holds."""
    totp_for: tuple[Role, ...] = ()
    """Roles that must have a second factor: who lacks it sets it up first, and may do nothing else."""
    rates: RateSettings = RateSettings()
