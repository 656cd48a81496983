"""Who asks: the user behind a request."""

from __future__ import annotations

from dataclasses import dataclass

from store.accounts import User


@dataclass(frozen=True, slots=True)
class Visitor:
    """A user with a session in force, and from which address. Unsafe requests must carry `csrf`."""

    user: User
    csrf: str
    address: str
