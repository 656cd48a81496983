"""Who an ID token says that somebody is, once it is checked (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.access.administering import MACHINES
from console.access.sign_on_failure import SignOnFailed, SignOnFault
from hall.config.access import OidcSettings, RoleMapping
from store.accounts import digest

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that the provider alone has: never by the client's secret, and never none."""
LEEWAY_SECONDS = 60
"""So far the provider's clock may be off."""
NAME = re.compile(r"[^\x00-\x1f\x7f]{1,63}")


@dataclass(frozen=True, slots=True)
class Claimed:
    """Somebody whom the provider knows. `subject` is a hash of issuer and subject: it never changes."""

    subject: str
    name: str
    mapping: RoleMapping


def checked_claims(
    token: str, keys: KeySet, settings: OidcSettings, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """The claims of an ID token that the provider made for this client and this log-in.

    Raises SignOnFailed for one of another issuer, audience or nonce, signed by another key, or out of date.
    """
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        registry.validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SignOnFailed(SignOnFault.INVALID, f"the ID token: {error}") from error
    audience = claims["aud"]
    is_for_many = isinstance(audience, list) and len(audience) > 1
    if (is_for_many or "azp" in claims) and claims.get("azp") != settings.client_id:
        raise SignOnFailed(SignOnFault.INVALID, "the ID token was made for another client")
    return claims


def claimed(claims: Mapping[str, Any], settings: OidcSettings) -> Claimed:
    """Name and role out of checked claims. Raises SignOnFailed when there is no usable one."""
    subject, name = claims["sub"], _at(claims, settings.name_claim)
    if not isinstance(subject, str) or not subject:
        raise SignOnFailed(SignOnFault.INVALID, "the ID token names nobody")
    if not isinstance(name, str) or not NAME.fullmatch(name.strip()) or name.strip().startswith(MACHINES):
        raise SignOnFailed(SignOnFault.INVALID, f"the claim {settings.name_claim} is no name")
    held = set(_values(_at(claims, settings.role_claim)))
    mapping = next((one for one in settings.roles if one.value in held), None)
    if mapping is None:
        raise SignOnFailed(SignOnFault.NO_ROLE, f"{name.strip()} has none of the values that are mapped")
    return Claimed(digest(f"{settings.issuer}\n{subject}"), name.strip(), mapping)


def _at(claims: Mapping[str, Any], path: str) -> object:
    """A claim by its name, or by its path through nested ones."""
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _values(claim: object) -> Iterator[str]:
    if isinstance(claim, str):
        yield claim
    elif isinstance(claim, list):
        yield from (one for one in claim if isinstance(one, str))
