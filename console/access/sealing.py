"""Secrets that must be read again, encrypted with AES-256-GCM under a key that lies beside the database.

The key is a file that only the owner reads, made at its first use: who steals the database alone learns none
of the secrets. What a secret is for is bound into it, so that one cannot be put in the place of another.
"""

from __future__ import annotations

import base64
import binascii
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hall.errors import SecretError

KEY_SIZE, NONCE_SIZE = 32, 12
"""Bytes."""


def sealing_key(path: Path) -> bytes:
    """The key of this installation, made at its first use.

    Raises SecretError when the file cannot be read or written, or does not hold a key.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # as it should be: made once, by whoever came first
            _make(path)
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except (OSError, binascii.Error) as error:
        raise SecretError(f"the key {path} cannot be used: {error}") from error
    if len(key) != KEY_SIZE:
        raise SecretError(f"the key {path} is damaged: it does not hold {KEY_SIZE} bytes")
    return key


def seal(key: bytes, secret: str, purpose: str) -> str:
    """A secret as text that only the key opens, for this purpose alone."""
    nonce = os.urandom(NONCE_SIZE)
    return base64.urlsafe_b64encode(
        nonce + AESGCM(key).encrypt(nonce, secret.encode(), purpose.encode())
    ).decode()


def unseal(key: bytes, sealed: str, purpose: str) -> str:
    """The secret in what `seal` made. Raises SecretError for another key or purpose, or what was changed."""
    try:
        content = base64.b64decode(sealed, altchars=b"-_", validate=True)
        secret = AESGCM(key).decrypt(content[:NONCE_SIZE], content[NONCE_SIZE:], purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise SecretError("the secret does not fit the key of this installation") from error
    return secret.decode()


def _make(path: Path) -> None:
    """Write a new key. Raises FileExistsError; nobody ever sees a file that is half written."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_SIZE)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
