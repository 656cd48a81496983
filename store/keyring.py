"""Keys that seal passwords: AES-256-GCM (NIST SP 800-38D), read from the environment or a file.

A ring holds one key or more, a base64 line each: the first seals, all open. So a key can be replaced
while every process still opens what the old one sealed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hall.config.settings import SiteSettings
from hall.errors import SecretError

VARIABLE: Final = "HALLWATCH_SECRET_KEY"
CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what `LoadCredential=` names."""
CREDENTIAL: Final = "secret.key"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
"""Drawn at random for each sealing: one key would have to seal billions of times before two may be alike."""
LARGEST_FILE: Final = 64 * 1024
HEAD: Final = (
    "# Keys of Hallwatch's stored passwords; the first seals. Keep a copy apart from the database's.\n"
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted text: nonce, then ciphertext with its tag. `key_id` tells which key opens it."""

    key_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys of 32 bytes, the newest first; there is one at least. `origin`: where they are from, in words."""

    keys: tuple[bytes, ...] = field(repr=False)
    origin: str

    @property
    def newest(self) -> str:
        """The id of the key that seals."""
        return key_id(self.keys[0])

    def seal(self, text: str, bound_to: str) -> Sealed:
        """Encrypt. Only who names the same `bound_to` can open it."""
        nonce = os.urandom(NONCE_BYTES)
        content = AESGCM(self.keys[0]).encrypt(nonce, text.encode(), bound_to.encode())
        return Sealed(self.newest, nonce + content)

    def open(self, sealed: Sealed, bound_to: str) -> str:
        """The text. Raises SecretError when its key is not here, or it was changed or bound elsewhere."""
        key = next((key for key in self.keys if key_id(key) == sealed.key_id), None)
        if key is None:
            raise SecretError(f"it was encrypted with the key {sealed.key_id}, which is not in {self.origin}")
        try:
            nonce, content = sealed.content[:NONCE_BYTES], sealed.content[NONCE_BYTES:]
            return AESGCM(key).decrypt(nonce, content, bound_to.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretError("it is damaged, or was stored for another camera or host") from error


def key_id(key: bytes) -> str:
    """A name of a key that tells nothing of it: eight bytes of a SHA-256, in hexadecimal."""
    return hashlib.sha256(b"hallwatch secret key\0" + key).hexdigest()[:16]


def read(site: SiteSettings, environment: Mapping[str, str]) -> Keyring | None:
    """The keys of this site; None when their file does not exist. Raises SecretError for anything else.

    They come from the variable HALLWATCH_SECRET_KEY, else from systemd's credential `secret.key`, else from
    the file `site.secret_key`.
    """
    given = environment.get(VARIABLE)
    if given:
        return _ring(given.replace(",", "\n"), f"the variable {VARIABLE}")
    path = credential_file(environment) or site.secret_key_file
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SecretError(f"the key file {path} is too large to be one")
        return _ring(path.read_text(encoding="ascii"), str(path))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise SecretError(f"the key file {path} holds no keys") from error
    except OSError as error:
        raise SecretError(f"the key file {path} cannot be read: {error.strerror or error}") from error


def read_or_make(site: SiteSettings, environment: Mapping[str, str]) -> Keyring:
    """The keys of this site; a new one, in a file that only its owner reads, where there is none yet.

    Raises SecretError.
    """
    known = read(site, environment)
    if known is not None:
        return known
    with suppress(FileExistsError):  # as it should be: made once, by whoever came first
        _write(site.secret_key_file, [os.urandom(KEY_BYTES)], is_new=True)
    made = read(site, environment)
    if made is None:
        raise SecretError(f"the key file {site.secret_key_file} vanished as it was made")
    return made


def add_key(site: SiteSettings, known: Keyring) -> Keyring:
    """Put a new key before the known ones in the file. Raises SecretError."""
    _write(site.secret_key_file, [os.urandom(KEY_BYTES), *known.keys])
    return _reread(site)


def keep_newest_alone(site: SiteSettings, known: Keyring) -> None:
    """Take all keys but the one that seals out of the file. Raises SecretError."""
    _write(site.secret_key_file, [known.keys[0]])


def credential_file(environment: Mapping[str, str]) -> Path | None:
    """The key that systemd hands over, where it does."""
    folder = environment.get(CREDENTIALS)
    path = Path(folder, CREDENTIAL) if folder else None
    return path if path is not None and path.exists() else None


def is_own_file(environment: Mapping[str, str]) -> bool:
    """Whether the keys lie in a file that Hallwatch itself writes."""
    return not environment.get(VARIABLE) and credential_file(environment) is None


def _reread(site: SiteSettings) -> Keyring:
    again = read(site, {})
    if again is None:
        raise SecretError(f"the key file {site.secret_key_file} vanished as it was written")
    return again


def _ring(text: str, origin: str) -> Keyring:
    lines = [line.strip() for line in text.splitlines()]
    try:
        keys = tuple(base64.b64decode(line, validate=True) for line in lines if line and line[0] != "#")
    except (binascii.Error, ValueError) as error:
        raise SecretError(f"{origin} holds something that is no key") from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise SecretError(f"{origin} holds no keys: a key is 32 bytes, written in base64")
    return Keyring(keys, origin)


def _write(path: Path, keys: list[bytes], *, is_new: bool = False) -> None:
    """Write the file whole or not at all. With `is_new`: FileExistsError when somebody else was first."""
    text = HEAD + "".join(f"{base64.b64encode(key).decode()}\n" for key in keys)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                os.link(draft, path)
            else:
                draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError:
        raise
    except OSError as error:
        raise SecretError(f"the key file {path} cannot be written: {error.strerror or error}") from error
