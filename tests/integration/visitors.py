"""Visitors of the console with the rights that a test gives them: sessions are opened without a password."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import httpx

from console.access.gate import COOKIE, CSRF_HEADER
from hall.names import CameraId, HallId
from hall.permissions import Permission
from hall.roles import Role
from store import accounts
from tests.integration.console_hall import NOW, Console


@contextmanager
def visiting(
    hall: Console,
    role: Role,
    *,
    name: str = "",
    halls: Collection[str] = (),
    cameras: Collection[str] = (),
    withheld: Collection[Permission] = (),
) -> Iterator[httpx.Client]:
    """A client with a session of a new user."""
    token, csrf = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    with hall.database.write() as tx:
        user = accounts.save_user(tx, name or f"{role}-{token[:8]}", role, "no hash matches this", NOW)
        limited = replace(
            user,
            halls=tuple(HallId(one) for one in halls),
            cameras=tuple(CameraId(one) for one in cameras),
            withheld=tuple(withheld),
        )
        accounts.change_user(tx, limited)
        accounts.open_session(tx, user.id, token, csrf, "127.0.0.1", NOW, NOW + timedelta(days=1))
    headers = {"Cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf}
    with httpx.Client(base_url=hall.url, timeout=10, trust_env=False, headers=headers) as client:
        yield client
