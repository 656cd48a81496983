"""Checking a package: whether everything in it stands as it was signed, and if not, from which byte on.

Nothing in the package is believed: paths are only compared, sizes bound what is read, and archives that
compress (which ours never do) are refused.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509 import Certificate

from console.evidence import contents, stamping
from console.evidence.contents import Manifest, PackedFile
from console.evidence.signing import fingerprint, is_signed, read_public
from console.evidence.stamping import Stamp
from hall.errors import EvidenceError

LARGEST_MANIFEST = 64 * 1024 * 1024
LOCAL_HEADER = 30
UNSIGNED = frozenset({contents.MANIFEST, contents.SIGNATURE, contents.PUBLIC_KEY, contents.TIME_STAMP})
"""What the manifest does not list: itself, and what it is checked by."""


class Fault(StrEnum):
    """What does not stand as it was signed."""

    MISSING = "missing"
    ADDED = "added"
    CHANGED = "changed"
    SIGNATURE = "signature"
    KEY = "key"
    TIME_STAMP = "time_stamp"
    """The time stamp is broken, or is not over this manifest."""
    SOURCE = "source"
    """A recorded file had changed before the package was made, as the package itself says."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a file of the package; `start` and `end` bound the first bytes that do not fit."""

    fault: Fault
    path: str
    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome. `key` is the fingerprint of who signed; `is_trusted` is None when no key was given."""

    manifest: Manifest
    key: str
    is_trusted: bool | None
    findings: tuple[Finding, ...]
    stamp: Stamp | None = None

    @property
    def holds(self) -> bool:
        """True when nothing was found, and neither key nor time stamp is a stranger's."""
        by_strangers = self.is_trusted is False or (self.stamp is not None and self.stamp.is_trusted is False)
        return not self.findings and not by_strangers


@dataclass(frozen=True, slots=True)
class _Opened:
    """The files of a package: their sizes by path, and how to read bytes of one from a place on."""

    sizes: Mapping[str, int]
    read: Callable[[str, int, int], bytes]


def verify(
    package: Path, trusted: Ed25519PublicKey | None = None, authorities: Sequence[Certificate] = ()
) -> Verified:
    """Check a package: the ZIP archive, or the folder that it was unpacked into.

    `trusted` must have signed it, and one of `authorities` (roots) have stamped it, where they are given; a
    package without a time stamp is then at fault.

    Raises EvidenceError for what is no package at all.
    """
    try:
        with _opened(package) as files:
            return _verified(files, trusted, authorities)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise EvidenceError(f"{package.name} cannot be read as a package: {error}") from error


def _verified(
    files: _Opened, trusted: Ed25519PublicKey | None, authorities: Sequence[Certificate]
) -> Verified:
    raw = _small(files, contents.MANIFEST)
    manifest = contents.decode(raw)
    findings: list[Finding] = []
    key = read_public(_small(files, contents.PUBLIC_KEY))
    if fingerprint(key) != manifest.key:
        findings.append(Finding(Fault.KEY, contents.PUBLIC_KEY, "it is not the key that the manifest names"))
    if not is_signed(raw, _small(files, contents.SIGNATURE), key):
        findings.append(
            Finding(Fault.SIGNATURE, contents.MANIFEST, "the signature does not fit the manifest")
        )
    for file in manifest.files:
        finding = _checked(files, file, manifest.block)
        if finding is not None:
            findings.append(finding)
    listed = {file.path for file in manifest.files} | UNSIGNED
    findings += [
        Finding(Fault.ADDED, path, "it is not listed in the manifest")
        for path in sorted(files.sizes.keys() - listed)
    ]
    findings += _sources(manifest)
    stamp, fault = _stamp(files, raw, authorities)
    findings += [fault] if fault is not None else []
    is_trusted = None if trusted is None else fingerprint(trusted) == fingerprint(key)
    return Verified(manifest, fingerprint(key), is_trusted, tuple(findings), stamp)


def _stamp(
    files: _Opened, raw: bytes, authorities: Sequence[Certificate]
) -> tuple[Stamp | None, Finding | None]:
    """What the time stamp says, and what is wrong with it."""
    if contents.TIME_STAMP not in files.sizes:
        missing = Finding(Fault.TIME_STAMP, contents.TIME_STAMP, "there is no time stamp")
        return None, missing if authorities else None
    try:
        return stamping.read(_small(files, contents.TIME_STAMP), raw, authorities), None
    except stamping.StampError as error:
        return None, Finding(Fault.TIME_STAMP, contents.TIME_STAMP, str(error))


def _checked(files: _Opened, file: PackedFile, block: int) -> Finding | None:
    """The first thing that is wrong with a file, or None."""
    size = files.sizes.get(file.path)
    if size is None:
        return Finding(Fault.MISSING, file.path, "it is missing")
    whole = hashlib.sha256()
    place = 0
    for expected in file.blocks:
        length = min(block, file.size - place)
        piece = files.read(file.path, place, min(length, max(0, size - place)))
        whole.update(piece)
        end = place + length
        if len(piece) == length and hashlib.sha256(piece).digest() != expected:
            text = f"bytes {place} to {end - 1} are not those that were signed"
            return Finding(Fault.CHANGED, file.path, text, place, end)
        if len(piece) < length:
            end = place + len(piece)
            text = f"it ends after {end} bytes; {file.size} were signed"
            return Finding(Fault.CHANGED, file.path, text, end, file.size)
        place = end
    if size > file.size:
        text = f"it goes on after its {file.size} bytes"
        return Finding(Fault.CHANGED, file.path, text, file.size, size)
    if place != file.size or whole.digest() != file.sha256:
        text = "its hash and those of its blocks do not belong together"
        return Finding(Fault.CHANGED, file.path, text, 0, size)
    return None


def _sources(manifest: Manifest) -> Iterator[Finding]:
    for clip in manifest.clips:
        for source in clip.sources:
            if not source.is_whole:
                yield Finding(
                    Fault.SOURCE,
                    clip.path,
                    f"recording {source.segment} was not as it had been recorded when the package was made",
                )


def _small(files: _Opened, path: str) -> bytes:
    size = files.sizes.get(path)
    if size is None:
        raise EvidenceError(f"this is no evidence package: {path} is missing")
    if size > LARGEST_MANIFEST:
        raise EvidenceError(f"{path} is larger than {LARGEST_MANIFEST} bytes")
    return files.read(path, 0, size)


@contextmanager
def _opened(package: Path) -> Iterator[_Opened]:
    if package.is_dir():
        yield _folder(package)
        return
    with package.open("rb") as raw, zipfile.ZipFile(package) as archive:
        yield _archive(raw, archive)


def _folder(package: Path) -> _Opened:
    paths = {
        path.relative_to(package).as_posix(): path
        for path in package.rglob("*")
        if path.is_file() and not path.is_symlink()
    }

    def read(name: str, place: int, length: int) -> bytes:
        with paths[name].open("rb") as file:
            file.seek(place)
            return file.read(length)

    return _Opened({name: path.stat().st_size for name, path in paths.items()}, read)


def _archive(raw: BinaryIO, archive: zipfile.ZipFile) -> _Opened:
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        if entry.filename in entries:
            raise EvidenceError(f"{entry.filename} is in the archive twice")
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise EvidenceError(f"{entry.filename} is compressed or encrypted, which no package is")
        entries[entry.filename] = entry

    def read(name: str, place: int, length: int) -> bytes:
        """Past the archive's own check sums: they say that a file changed, not where."""
        entry = entries[name]
        raw.seek(entry.header_offset)
        header = raw.read(LOCAL_HEADER)
        if header[:4] != b"PK\x03\x04":
            raise EvidenceError(f"the archive is damaged where {name} should begin")
        names, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
        raw.seek(entry.header_offset + LOCAL_HEADER + names + extra + place)
        return raw.read(min(length, max(0, entry.file_size - place)))

    return _Opened({name: entry.file_size for name, entry in entries.items()}, read)
