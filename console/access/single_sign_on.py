"""Log-in by OpenID Connect: authorization code with PKCE, state and nonce, begun and finished by one browser.

What a log-in was begun with travels in a sealed cookie: nothing is stored for who does not come back, and
nobody can finish what another browser began.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from console.access.id_token import Claimed, checked_claims, claimed
from console.access.sessions import LoggedIn, opened
from console.access.sign_on_failure import SignOnFailed, SignOnFault
from console.dependencies import Dependencies
from hall.config.access import OidcSettings
from hall.errors import NotFound, SecretError
from store import accounts, audit, keyring, single_sign_on
from store.accounts import User
from store.database import Write
from store.keyring import Sealed

BEGUN_FOR = timedelta(minutes=10)
"""How long somebody may take at the provider."""
PURPOSE = "a log-in by single sign-on"
CALLBACK = "/api/v1/session/oidc/callback"


@dataclass(frozen=True, slots=True)
class Begun:
    """A log-in under way: what has to come back, and where to go then."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    then: str
    until: float


@dataclass(frozen=True, slots=True)
class Away:
    """Where the browser is sent, and the cookie that it keeps meanwhile."""

    address: str
    cookie: str = field(repr=False)


def settings_of(given: Dependencies) -> tuple[OidcSettings, str]:
    """The provider's settings and the console's own address. Raises NotFound without single sign-on."""
    with given.database.read() as tx:
        site = given.halls.current(tx).site
    if site.access.oidc is None or site.console.address is None:
        raise NotFound("there is no single sign-on here")
    return site.access.oidc, site.console.address.rstrip("/")


def begin(given: Dependencies, then: str) -> Away:
    """Send somebody to the provider. Raises NotFound, or SignOnFailed when it cannot be reached."""
    settings, own = settings_of(given)
    endpoint = given.providers.endpoints(settings, given.clock.monotonic()).authorization
    until = (given.clock.now() + BEGUN_FOR).timestamp()
    begun = Begun(
        secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), then, until
    )
    address = prepare_grant_uri(
        endpoint,
        settings.client_id,
        "code",
        redirect_uri=own + CALLBACK,
        scope=" ".join(settings.scopes),
        state=begun.state,
        nonce=begun.nonce,
        code_challenge=create_s256_code_challenge(begun.verifier),
        code_challenge_method="S256",
    )
    return Away(address, _sealed(given, begun))


def finish(
    given: Dependencies, cookie: str, parameters: dict[str, str], address: str
) -> tuple[LoggedIn, str]:
    """Open the session of whom the provider sent back, and say where to go.

    Raises SignOnFailed, which is entered in the trail.
    """
    try:
        return _finish(given, cookie, parameters, address)
    except SignOnFailed as error:
        with given.database.write() as tx:
            audit.record(
                tx,
                at=given.clock.now(),
                who="single-sign-on",
                action="login_failed",
                subject="single-sign-on",
                detail=str(error)[:500],
                address=address,
            )
        raise


def _finish(
    given: Dependencies, cookie: str, parameters: dict[str, str], address: str
) -> tuple[LoggedIn, str]:
    settings, own = settings_of(given)
    now, ticks = given.clock.now(), given.clock.monotonic()
    begun = _opened(given, cookie, now)
    if not secrets.compare_digest(parameters.get("state", "").encode(), begun.state.encode()):
        raise SignOnFailed(SignOnFault.INVALID, "the state is not that of this browser")
    if parameters.get("iss", settings.issuer) != settings.issuer:
        raise SignOnFailed(SignOnFault.INVALID, "another provider answered")
    if "code" not in parameters:
        raise SignOnFailed(SignOnFault.CANCELLED, parameters.get("error", "no code came")[:100])
    token = given.providers.id_token(settings, ticks, parameters["code"], begun.verifier, own + CALLBACK)
    try:
        claims = checked_claims(token, given.providers.keys(settings, ticks), settings, begun.nonce, now)
    except SignOnFailed:
        # The provider may have taken another key since; an old token gains nothing by that.
        keys = given.providers.keys(settings, ticks, is_unknown=True)
        claims = checked_claims(token, keys, settings, begun.nonce, now)
    who = claimed(claims, settings)
    with given.database.write() as tx:
        user = _user(tx, who, now, address)
        return opened(given, tx, user, address, "single sign-on"), begun.then


def end_address(given: Dependencies) -> str | None:
    """Where the provider's own session is ended, or None when it has no such address. Raises as `begin`."""
    settings, own = settings_of(given)
    endpoint = given.providers.endpoints(settings, given.clock.monotonic()).end_session
    if endpoint is None:
        return None
    back = {"client_id": settings.client_id, "post_logout_redirect_uri": f"{own}/login"}
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(back)}"


def _user(tx: Write, who: Claimed, now: datetime, address: str) -> User:
    """Whom the provider means, entered or brought up to what the mapping gives. Raises SignOnFailed."""
    role, halls = who.mapping.role, who.mapping.halls
    known = single_sign_on.user_of_subject(tx, who.subject)
    if known is None:
        if accounts.user_by_name(tx, who.name) is not None:
            raise SignOnFailed(SignOnFault.NAME_TAKEN, f"there is another user '{who.name}'")
        user = single_sign_on.enter_user(tx, who.subject, who.name, role, halls, now)
        _note(tx, user, "user_add", now, address)
        return user
    if known.disabled:
        raise SignOnFailed(SignOnFault.DISABLED, f"the user '{known.name}' is disabled")
    if (known.role, known.halls) == (role, halls):
        return known
    user = replace(known, role=role, halls=halls)
    accounts.change_user(tx, user)
    _note(tx, user, "user_change", now, address)
    return user


def _note(tx: Write, user: User, action: str, now: datetime, address: str) -> None:
    audit.record(
        tx,
        at=now,
        who=user.name,
        action=action,
        subject=f"user:{user.name}",
        detail=f"{user.described}, by single sign-on",
        address=address,
    )


def _sealed(given: Dependencies, begun: Begun) -> str:
    keys = keyring.read_or_make(given.configuration.site, os.environ)
    sealed = keys.seal(json.dumps(asdict(begun)), PURPOSE)
    return f"{sealed.key_id}.{base64.urlsafe_b64encode(sealed.content).decode()}"


def _opened(given: Dependencies, cookie: str, now: datetime) -> Begun:
    """What this browser began. Raises SignOnFailed."""
    identifier, _, content = cookie.partition(".")
    try:
        keys = keyring.read(given.configuration.site, os.environ)
        if keys is None:
            raise SecretError("there is no key")
        sealed = Sealed(identifier, base64.b64decode(content, altchars=b"-_", validate=True))
        begun = Begun(**json.loads(keys.open(sealed, PURPOSE)))
    except (SecretError, ValueError, TypeError) as error:
        raise SignOnFailed(SignOnFault.INVALID, "this browser began no log-in") from error
    if now.timestamp() > begun.until:
        raise SignOnFailed(SignOnFault.INVALID, "the log-in took too long")
    return begun
