"""Recorded files in a bucket of an S3-compatible store.

What was put is read back and compared, so that a copy counts only when the bucket gives back every byte of
the file. Every wait has a limit; nothing that an error says holds a secret.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from capture.archive.reading import CHUNK, ArchivedFile, Part
from hall.config.archive import ArchiveSettings
from hall.errors import ArchiveUnreachable, HallwatchError, NotFound, RecordingError, RecordingRefused
from hall.names import ObjectKey
from hall.secrets import filled_in

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import S3Config, S3Credential

PART: Final = 8 * 1024 * 1024
"""Bytes that are sent in one request; what is larger goes in several."""
PIECE: Final = 256 * 1024
"""Bytes between two looks at the pace."""
CONNECT_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 60.0
RETRIES: Final = 2

Pace = Callable[[int], None]
"""Told before each piece how many bytes are about to be sent: waits, or raises to give up."""

_STATUS = re.compile(r"status code: (\d{3} [A-Za-z][A-Za-z ]*[A-Za-z])")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_FIRST_LINE = re.compile(r"HTTP error: [^\n]{1,120}")


class S3Objects:
    """An ObjectStore over one bucket. Nobody is asked before the first use. May be used by many threads."""

    def __init__(
        self,
        settings: ArchiveSettings,
        environment: Mapping[str, str] = os.environ,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """One request, with its repetitions, may take `patience` seconds and as much again."""
        self._settings = settings
        self._environment = environment
        self._patience = timedelta(seconds=patience)
        self._making = threading.Lock()
        self._made: S3Store | None = None

    @property
    def name(self) -> str:
        """Under which the copies of this archive are entered."""
        return self._settings.name

    def put(self, key: ObjectKey, path: Path) -> None:
        """Take the finished local file at `path` under `key`; it stays where it is.

        Raises RecordingError; afterwards nothing, the old file or an unverified new one is under the key.
        """
        self.put_verified(key, path, hash_of_file(path))

    def put_verified(
        self, key: ObjectKey, path: Path, sha256: bytes, pace: Pace = lambda _bytes: None
    ) -> None:
        """Take a file that has this SHA-256, and read it back to see that it arrived.

        Raises RecordingRefused when the local file has another hash (then nothing is taken),
        ArchiveUnreachable, or RecordingError when what comes back is not what was sent.
        """
        attributes = {"Content-Type": "video/mp4", "hallwatch-sha256": sha256.hex()}
        with self._errors(key), _reading(path) as file:
            pieces = _checked(file, sha256, pace)
            if os.fstat(file.fileno()).st_size <= PART:
                whole = b"".join(pieces)
                obstore.put(self._store(), key, whole, attributes=attributes, use_multipart=False)
            else:
                obstore.put(
                    self._store(), key, pieces, attributes=attributes, chunk_size=PART, max_concurrency=1
                )
        if self.hash_of(key, lambda _bytes: pace(0)) != sha256:
            raise RecordingError(f"what the archive gives back for {key} is not what was sent")

    def open(self, key: ObjectKey, byte_range: tuple[int, int] | None = None) -> BinaryIO:
        """Read a file, or the half-open byte range of it, piece by piece.

        The first piece is here when this returns. Raises NotFound and ArchiveUnreachable, as does reading on.
        """
        return ArchivedFile.open(lambda first, last, tag: self._part(key, first, last, tag), byte_range)

    def delete(self, key: ObjectKey) -> None:
        """Remove a file; removing what is not there is no error. Raises ArchiveUnreachable."""
        try:
            with self._errors(key):
                obstore.delete(self._store(), key)
        except NotFound:
            return

    def hash_of(self, key: ObjectKey, pace: Pace = lambda _bytes: None) -> bytes:
        """The SHA-256 of what is under the key, by reading all of it. Raises NotFound, ArchiveUnreachable."""
        digest = hashlib.sha256()
        with self.open(key) as file:
            while piece := file.read(CHUNK):
                pace(len(piece))
                digest.update(piece)
        return digest.digest()

    def _part(self, key: ObjectKey, first: int, last: int, tag: str | None) -> Part:
        with self._errors(key):
            if first >= last:
                found = obstore.head(self._store(), key)
                return Part(b"", found["size"], found["e_tag"])
            try:
                wanted: GetOptions = {"range": (first, last)}
                if tag is not None:
                    wanted["if_match"] = tag
                result = obstore.get(self._store(), key, options=wanted)
                return Part(bytes(result.bytes()), result.meta["size"], result.meta["e_tag"])
            except BaseError as error:
                if " 416 " not in str(error):
                    raise
                found = obstore.head(self._store(), key)
                return Part(b"", found["size"], found["e_tag"])

    def _store(self) -> S3Store:
        with self._making:
            if self._made is None:
                self._made = self._connected()
            return self._made

    def _connected(self) -> S3Store:
        settings, given = self._settings, {name: value for name, value in self._environment.items() if value}
        keys: S3Credential = {
            "access_key_id": filled_in(settings.access_key, given, self._refusal),
            "secret_access_key": filled_in(settings.secret_key, given, self._refusal),
            "expires_at": None,
        }
        options: S3Config = {
            "region": settings.region,
            "skip_signature": False,
            "virtual_hosted_style_request": False,
            "disable_bulk_delete": True,
            "checksum_algorithm": "SHA256",
        }
        if settings.endpoint is not None:
            options["endpoint"] = settings.endpoint
        return S3Store(
            settings.bucket,
            prefix=settings.prefix or None,
            config=options,
            # Handed over by a call: neither the store's own description holds the keys, nor are others taken
            # out of the environment.
            credential_provider=lambda: keys,
            client_options={
                "allow_http": (settings.endpoint or "").startswith("http://"),
                "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                "timeout": self._patience,
            },
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": self._patience,
                "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2)},
            },
        )

    def _refusal(self, words: str) -> HallwatchError:
        return ArchiveUnreachable(f"the archive's bucket '{self._settings.bucket}' cannot be opened: {words}")

    @contextmanager
    def _errors(self, key: ObjectKey) -> Iterator[None]:
        """What the library raises, as errors of the tree, in words that do not change from try to try."""
        bucket = self._settings.bucket
        try:
            yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise ArchiveUnreachable(f"the archive has no bucket '{bucket}'") from None
            raise NotFound(f"the archive has no file {key}") from None
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise ArchiveUnreachable(
                f"the archive does not let these keys into bucket '{bucket}' ({_why(error)}): "
                "look at access_key and secret_key"
            ) from None
        except BaseError as error:
            raise ArchiveUnreachable(
                f"the archive cannot be used now, bucket '{bucket}' ({_why(error)})"
            ) from None
        except ValueError as error:
            raise RecordingRefused(f"{key!r} cannot be a key in the archive") from error


def hash_of_file(path: Path) -> bytes:
    """The SHA-256 of a local file. Raises RecordingError when it cannot be read."""
    with _reading(path) as file:
        digest = hashlib.sha256()
        while piece := file.read(PIECE):
            digest.update(piece)
        return digest.digest()


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise RecordingError(f"{path.name} cannot be read: {error.strerror}") from error
    with file:
        yield file


def _checked(file: BinaryIO, sha256: bytes, pace: Pace) -> Iterator[bytes]:
    """The file's pieces; raises at the end, which breaks the sending off, when they have another hash."""
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
        pace(len(piece))
        yield piece
    if digest.digest() != sha256:
        raise RecordingRefused("the local file is not the one that was entered")


def _why(error: Exception) -> str:
    """What the library says without its times: a code, a status, or the words of the network."""
    words = str(error)
    for pattern in (_CODE, _STATUS):
        if found := pattern.search(words):
            return found.group(1)
    found = _FIRST_LINE.search(words)
    return found.group(0) if found else type(error).__name__
