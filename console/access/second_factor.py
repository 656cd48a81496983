"""The second factor of a user: begun, confirmed by a code, asked for at each log-in, and ended.

Its secret is sealed for its user. A code is good once, a recovery code as well; wrong ones count like wrong
passwords, and together from wherever they come.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.access import attempts, totp
from console.access.visitor import Visitor
from console.dependencies import Dependencies
from hall.config.access import AccessSettings
from hall.errors import Conflict, RequestRefused, SecretError
from store import accounts, audit, keyring, second_factors
from store.accounts import User
from store.database import Write

CODE_AWAITED = timedelta(minutes=5)
"""How long after the password its code may come."""


class CodeRefused(RequestRefused):
    """A code is wrong, too old, or used up."""

    def __init__(self) -> None:
        super().__init__("code", "is wrong or used up: wait for the next one")


@dataclass(frozen=True, slots=True)
class Begun:
    """A secret that is shown this once: as text, as an `otpauth` address, and as a picture to be scanned."""

    secret: str = field(repr=False)
    address: str = field(repr=False)
    picture: str = field(repr=False)


def is_owed(access: AccessSettings, user: User) -> bool:
    """Whether a user has to set up a second factor before anything else.

    Who comes by single sign-on has no password here: the provider asks for theirs.
    """
    return user.role in access.totp_for and bool(user.password_hash) and user.second_factor_since is None


def check_has_password(user: User) -> None:
    """Raises Conflict for who logs in by single sign-on alone."""
    if not user.password_hash:
        raise Conflict("the log-in is that of the single sign-on: password and second factor are kept there")


def begin(given: Dependencies, visitor: Visitor) -> Begun:
    """Make a secret; `confirm` puts it in force. Raises Conflict while another is in force."""
    user = visitor.user
    secret = totp.new_secret()
    keys = keyring.read_or_make(given.configuration.site, os.environ)
    with given.database.write() as tx:
        _check_not_in_force(tx, user)
        second_factors.begin(tx, keys, user.id, secret)
    address = totp.address(secret, user.name)
    return Begun(secret, address, totp.picture(address))


def confirm(given: Dependencies, visitor: Visitor, token: str, code: str) -> list[str]:
    """Put the secret that was begun in force, by a code of it; gives the recovery codes, this once.

    The other sessions of the user end. Raises CodeRefused, or Conflict when none was begun.
    """
    user, now = visitor.user, given.clock.now()
    with given.database.write() as tx:
        _check_not_in_force(tx, user)
        if second_factors.of_user(tx, user.id) is None:
            raise Conflict("no second factor was begun")
        if not _is_used_up_by(given, tx, user, code, now):
            raise CodeRefused
        second_factors.confirm(tx, user.id, now)
        accounts.end_sessions(tx, user.id, besides=token)
        codes = _new_recovery_codes(tx, user)
        _note(tx, visitor, now, "second_factor_on")
    return codes


def renew_recovery_codes(given: Dependencies, visitor: Visitor, code: str) -> list[str]:
    """Ten recovery codes in the place of those left. Raises Conflict, CodeRefused, TooManyAttempts."""
    _check_in_force(visitor.user)
    use_code(given, visitor.user, code, visitor.address)
    with given.database.write() as tx:
        codes = _new_recovery_codes(tx, visitor.user)
        _note(tx, visitor, given.clock.now(), "recovery_codes_renewed")
    return codes


def end(given: Dependencies, visitor: Visitor, code: str) -> None:
    """Take the own second factor away. Raises Conflict, also where policy demands one, and as above."""
    _check_in_force(visitor.user)
    with given.database.read() as tx:
        demanded = given.halls.current(tx).site.access.totp_for
    if visitor.user.role in demanded:
        raise Conflict("policy demands a second factor of this role")
    use_code(given, visitor.user, code, visitor.address)
    with given.database.write() as tx:
        second_factors.remove(tx, visitor.user.id)
        _note(tx, visitor, given.clock.now(), "second_factor_off")


def use_code(
    given: Dependencies, user: User, code: str, address: str, *, refused_as: str = "code_refused"
) -> None:
    """Use up a code, or a recovery code. Raises CodeRefused, Conflict, or TooManyAttempts."""
    now = given.clock.now()
    attempts.refuse_locked_code(given.database, user.name, address, now)
    with given.database.write() as tx:
        accepted = _is_used_up(given, tx, user, code, now, address)
        if not accepted:
            attempts.note_wrong_code(tx, user.name, address, now)
            audit.record(
                tx, at=now, who=user.name, action=refused_as, subject=f"user:{user.name}", address=address
            )
    if not accepted:
        raise CodeRefused


def _is_used_up(given: Dependencies, tx: Write, user: User, code: str, now: datetime, address: str) -> bool:
    if totp.is_of_authenticator(totp.plain(code)):
        return _is_used_up_by(given, tx, user, code, now)
    if not second_factors.use_recovery_code(tx, user.id, totp.plain(code)):
        return False
    left = f"{second_factors.recovery_codes_left(tx, user.id)} left"
    subject = f"user:{user.name}"
    audit.record(
        tx, at=now, who=user.name, action="recovery_code_used", subject=subject, detail=left, address=address
    )
    return True


def _is_used_up_by(given: Dependencies, tx: Write, user: User, code: str, now: datetime) -> bool:
    """Whether the code is one of the authenticator, and now used up."""
    factor = second_factors.of_user(tx, user.id)
    if factor is None:
        return False
    try:
        secret = factor.secret(keyring.read(given.configuration.site, os.environ))
    except SecretError as error:
        raise Conflict(
            "the second factor cannot be checked here: use a recovery code, or have it reset"
        ) from error
    step = totp.matching_step(secret, totp.plain(code), now, factor.last_step)
    return step is not None and second_factors.use_step(tx, user.id, step)


def _new_recovery_codes(tx: Write, user: User) -> list[str]:
    codes = totp.new_recovery_codes()
    second_factors.replace_recovery_codes(tx, user.id, [totp.plain(code) for code in codes])
    return codes


def _check_not_in_force(tx: Write, user: User) -> None:
    check_has_password(user)
    known = accounts.user_by_id(tx, user.id)
    if known is None or known.second_factor_since is not None:
        raise Conflict("a second factor is in force: end it before another is begun")


def _check_in_force(user: User) -> None:
    if user.second_factor_since is None:
        raise Conflict("no second factor is in force")


def _note(tx: Write, visitor: Visitor, now: datetime, action: str) -> None:
    name = visitor.user.name
    audit.record(tx, at=now, who=name, action=action, subject=f"user:{name}", address=visitor.address)
