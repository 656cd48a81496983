"""What a route costs, declared beside it: `dependencies=[paced(Cost.SEARCHES)]`."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import Depends
from starlette.requests import Request

from console.access.gate import COOKIE, KEY_HEADER, address_of
from console.access.rates import Cost
from console.dependencies import Given
from store.accounts import digest


@cache
def paced(cost: Cost) -> Any:  # noqa: ANN401 - what FastAPI's own Depends answers
    """Answers 429 with Retry-After in the route's place to who asks too often (`site.access.rates`)."""

    def take(request: Request, given: Given) -> None:
        with given.database.read() as tx:
            rates = given.halls.current(tx).site.access.rates
        per_minute: float | None = getattr(rates, cost.value)
        given.rates.take(cost, _who(request, cost), per_minute, given.clock.monotonic())

    return Depends(take)


def _who(request: Request, cost: Cost) -> str:
    """Whose calls count together: those of a session, of a key, or else of an address."""
    token, key = request.cookies.get(COOKIE), request.headers.get(KEY_HEADER)
    if cost is not Cost.LOG_INS and (token or key):
        return f"session {digest(token)}" if token else f"key {digest(key or '')}"
    return f"address {address_of(request)}"
