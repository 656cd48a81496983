"""Who signed a package: Ed25519 keys (RFC 8032), in files that only the owner reads."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hall.errors import EvidenceError

SIGNATURE_SIZE = 64


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key of this installation, made at its first use; its file is the owner's alone.

    Raises EvidenceError when the file cannot be read or written, or holds no such key.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # as it should be: made once, by whoever came first
            _make(path)
        return _read(path)
    except OSError as error:
        raise EvidenceError(f"the signing key {path} cannot be used: {error.strerror or error}") from error


def public_pem(key: Ed25519PublicKey) -> bytes:
    """The public key as PEM (SubjectPublicKeyInfo), as OpenSSL reads it too."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_public(pem: bytes) -> Ed25519PublicKey:
    """Raises EvidenceError for anything but an Ed25519 key."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise EvidenceError(f"the public key cannot be read: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise EvidenceError("the public key is not of the kind Ed25519")
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """The SHA-256 of the key's 32 bytes, in hexadecimal: what people compare."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()


def is_signed(content: bytes, signature: bytes, key: Ed25519PublicKey) -> bool:
    """True when the owner of the key signed exactly these bytes."""
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _make(path: Path) -> None:
    """Write a new key. Raises FileExistsError; nobody ever sees a file that is half written."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise EvidenceError(f"the signing key {path} cannot be read: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise EvidenceError(f"the signing key {path} is not of the kind Ed25519")
    return key
