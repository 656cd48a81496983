"""Writing a package: a ZIP archive of files that are stored as they are, with the manifest last.

It is written beside its place and appears there whole, or not at all.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.evidence import contents
from console.evidence.contents import Manifest, PackedFile
from console.evidence.hashing import BlockHashes
from console.evidence.signing import public_pem
from hall.errors import EvidenceError

PARTIAL = ".partial"


class Package:
    """A package while it is written. Leaving it without `finish` removes it."""

    def __init__(self, path: Path, made_at: datetime) -> None:
        """Raises EvidenceError when the file cannot be made."""
        self._path = path
        self._draft = path.with_name(path.name + PARTIAL)
        self._date = (made_at.year, made_at.month, made_at.day, made_at.hour, made_at.minute, made_at.second)
        self.files: list[PackedFile] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._zip = zipfile.ZipFile(self._draft, "w", zipfile.ZIP_STORED, allowZip64=True)
        except OSError as error:
            raise EvidenceError(
                f"the package {path.name} cannot be written: {error.strerror or error}"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._draft.unlink(missing_ok=True)

    @contextmanager
    def adding(self, path: str) -> Iterator[Callable[[bytes], None]]:
        """Take a file's bytes in order. What an exception breaks off is no file of the package."""
        hashes = BlockHashes()
        with self._zip.open(self._entry(path), "w", force_zip64=True) as member:

            def write(piece: bytes) -> None:
                hashes.take(piece)
                member.write(piece)

            yield write
        self.files.append(hashes.file(path))

    def add(self, path: str, content: bytes) -> None:
        """A small file."""
        with self.adding(path) as write:
            write(content)

    def finish(
        self, manifest: Manifest, key: Ed25519PrivateKey, stamped: Callable[[bytes], bytes | None]
    ) -> None:
        """Sign the manifest, have it stamped, close the package and put it into its place.

        `stamped` gives the time stamp over the manifest's bytes, or None for a package without.
        """
        raw = contents.encode(manifest)
        stamp = stamped(raw)
        for path, content in (
            (contents.MANIFEST, raw),
            (contents.SIGNATURE, key.sign(raw)),
            (contents.PUBLIC_KEY, public_pem(key.public_key())),
        ):
            self._zip.writestr(self._entry(path), content)
        if stamp is not None:
            self._zip.writestr(self._entry(contents.TIME_STAMP), stamp)
        self._zip.close()
        with self._draft.open("rb") as file:
            os.fsync(file.fileno())
        self._draft.rename(self._path)

    def _entry(self, path: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(path, self._date)
        entry.compress_type = zipfile.ZIP_STORED
        entry.external_attr = 0o644 << 16
        return entry
