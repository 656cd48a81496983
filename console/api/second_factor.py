"""The own second factor: begun, confirmed, its recovery codes, and its end."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from console.access import second_factor
from console.access.gate import COOKIE, Anybody, Entering
from console.access.sessions import check_password
from console.api.account_shapes import (
    GivenCode,
    OwnPassword,
    RecoveryCodes,
    SecondFactorBegun,
    SecondFactorEnd,
    SecondFactorView,
)
from console.dependencies import Given
from store import second_factors

router = APIRouter(prefix="/session/second-factor", tags=["second-factor"])


@router.get("", response_model=SecondFactorView)
def read(visitor: Entering, given: Given) -> SecondFactorView:
    """Whether the own log-in asks for a code as well, and whether policy wants that."""
    user = visitor.user
    with given.database.read() as tx:
        left = second_factors.recovery_codes_left(tx, user.id)
        demanded = user.role in given.halls.current(tx).site.access.totp_for
    return SecondFactorView(
        since=user.second_factor_since,
        recovery_codes_left=left,
        demanded=demanded,
        possible=bool(user.password_hash),
    )


@router.post("", status_code=201, response_model=SecondFactorBegun)
def begin(visitor: Entering, given: Given, asked: OwnPassword) -> SecondFactorBegun:
    """Make a secret and show it this once. It is in force when a code of it was given. 409 while one is."""
    check_password(given, visitor, asked.password, "password")
    begun = second_factor.begin(given, visitor)
    return SecondFactorBegun(secret=begun.secret, address=begun.address, picture=begun.picture)


@router.post("/confirm", response_model=RecoveryCodes)
def confirm(request: Request, visitor: Entering, given: Given, asked: GivenCode) -> RecoveryCodes:
    """Put it in force by a code. The recovery codes are shown this once; the other sessions end."""
    return RecoveryCodes(codes=second_factor.confirm(given, visitor, request.cookies[COOKIE], asked.code))


@router.post("/recovery-codes", response_model=RecoveryCodes)
def renew_recovery_codes(visitor: Anybody, given: Given, asked: GivenCode) -> RecoveryCodes:
    """Ten new recovery codes; those that are left are good no more."""
    return RecoveryCodes(codes=second_factor.renew_recovery_codes(given, visitor, asked.code))


@router.post("/end", status_code=204)
def end(visitor: Anybody, given: Given, asked: SecondFactorEnd) -> None:
    """Log in by the password alone again. 409 where policy demands the second factor."""
    check_password(given, visitor, asked.password, "password")
    second_factor.end(given, visitor, asked.code)
