"""How people come in, what they have to say before they look, and how often anybody may ask."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from hall.config.notifiers import REFERENCE, http_address
from hall.names import HallId
from hall.place import Strict, Text
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


def _issuer(value: str) -> str:
    http_address(value)
    parts = urlsplit(value)
    if parts.scheme.lower() != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("write an address that begins with https://: nobody may forge what it says")
    if parts.query or parts.fragment:
        raise ValueError("an issuer has no query")
    return value


class RoleMapping(Strict):
    """Who has `value` in the claim of roles has this role, in these halls; none named: in all."""

    value: Annotated[str, Field(min_length=1, max_length=200)]
    role: Role
    halls: tuple[HallId, ...] = ()


Scope = Annotated[str, Field(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$", max_length=100)]


class OidcSettings(Strict):
    """Single sign-on by OpenID Connect: whom the provider knows comes in with the role that it tells.

    The first of `roles` whose value is among those of the `role_claim` counts; who has none is refused.
    """

    issuer: Annotated[str, Field(max_length=500), AfterValidator(_issuer)]
    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    client_secret: Annotated[str | None, Field(pattern=REFERENCE, max_length=200)] = None
    """`${NAME}` of the environment; None for a public client, which PKCE alone protects."""
    scopes: Annotated[tuple[Scope, ...], Field(max_length=20)] = ("openid", "profile")
    name_claim: Annotated[str, Field(min_length=1, max_length=100)] = "preferred_username"
    role_claim: Annotated[str, Field(min_length=1, max_length=100)] = "groups"
    roles: Annotated[tuple[RoleMapping, ...], Field(min_length=1, max_length=100)]
    name: Text | None = None
    """What stands on the button; without it: single sign-on."""
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    """How long the provider may take for one answer."""


class AccessSettings(Strict):
    """How people come in, and what they have to say before they look. Who exports always states a reason."""

    reason_for: tuple[Literal["live", "replay", "search"], ...] = ()
    """For which of these a reason has to be stated first."""
    reason_minutes: Annotated[float, Field(gt=0, le=1440)] = 30
    """How long a stated reason holds."""
    totp_for: tuple[Role, ...] = ()
    """Roles that must have a second factor: who lacks it sets it up first, and may do nothing else."""
    passwords: bool = True
    """Whether passwords of the console open sessions beside the single sign-on."""
    oidc: OidcSettings | None = None
    rates: RateSettings = RateSettings()
