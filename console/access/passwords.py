"""Passwords as argon2id hashes. Hashing is slow on purpose, so only few at a time may do it."""

from __future__ import annotations

import threading

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError

_hasher = PasswordHash.recommended()
_turn = threading.BoundedSemaphore(2)
"""Each hash takes 64 MiB and 130 ms: a flood of log-ins must not take the machine."""

_nobody = _hasher.hash("a password that no user has")


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    with _turn:
        return _hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password belongs to the hash; takes as long for None, which matches nothing."""
    with _turn:
        try:
            found = _hasher.verify(password, password_hash or _nobody)
        except PwdlibError:
            return False
    return found and password_hash is not None
