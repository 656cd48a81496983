"""What an evidence package says of itself: its manifest, which everything else in it is checked against.

The manifest is JSON with its members in the order of their names and without blanks (`canonical`), so that a
signature over its bytes can be made again from its content. Times are RFC 3339 in UTC.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pydantic import ConfigDict, ValidationError

from console.evidence.redacting.task import Redacted
from hall.errors import EvidenceError
from hall.journal import Json
from hall.names import CameraId, HallId, RunId, SegmentId
from hall.place import Text
from hall.redacting import Redaction
from hall.wire import from_wire, to_wire

FORMAT = "hallwatch-evidence"
VERSION = 1
REDACTED_VERSION = 2
"""Of a package that is redacted: a program that knows of no redaction must not take it for the original."""
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
PUBLIC_KEY = "public-key.pem"
TIME_STAMP = "manifest.tsr"
BLOCK = 1024 * 1024
"""Bytes of a block: each has a hash of its own, so that a change can be named to the megabyte."""

HEX: ConfigDict = ConfigDict(ser_json_bytes="hex", val_json_bytes="hex", extra="forbid")


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of the package: its size, its SHA-256, and the SHA-256 of each of its blocks in order."""

    path: str
    size: int
    sha256: bytes
    blocks: tuple[bytes, ...]

    __pydantic_config__: ClassVar[ConfigDict] = HEX


@dataclass(frozen=True, slots=True)
class Source:
    """A recorded file from which bytes were taken: `ranges` of (offset, length), the header first.

    `is_whole`: the whole file was read at export, and its SHA-256 was the one that was computed when it was
    recorded. Where it was not, `found_sha256` is what it was.
    """

    segment: SegmentId
    run: RunId
    sha256: bytes
    is_whole: bool
    ranges: tuple[tuple[int, int], ...]
    found_sha256: bytes | None = None

    __pydantic_config__: ClassVar[ConfigDict] = HEX


@dataclass(frozen=True, slots=True)
class Clip:
    """A file that plays unbroken footage of one camera, its pictures and sounds as they were recorded.

    `begins` and `ends` are the wall time of its first moment and after its last. It may begin before the mark
    that was wanted, since a picture can be decoded from a key frame on only: the mark lies `mark_in` seconds
    after the clip's beginning, the other mark `mark_out` seconds; both within `[0, duration]`.
    """

    path: str
    camera: CameraId
    begins: datetime
    ends: datetime
    duration: float
    mark_in: float
    mark_out: float
    has_picture: bool
    has_sound: bool
    sources: tuple[Source, ...]
    redacted: Redacted | None = None
    """What was done to the clip; its sources are still the files out of which it was made."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What was wanted: from and to in wall time, of which cameras."""

    start: datetime
    end: datetime
    cameras: tuple[CameraId, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """All of a package. `made_by` is the user's name, `key` the fingerprint of the key that signed."""

    id: str
    hall: HallId
    hall_name: Text
    case: str
    reason: str
    made_by: str
    made_at: datetime
    marks: Marks
    clips: tuple[Clip, ...]
    files: tuple[PackedFile, ...]
    key: str
    program: str
    time_stamp_server: str | None = None
    """Which authority was asked for a time stamp over this manifest."""
    redaction: Redaction | None = None
    """What of it is not as it was recorded, as it was ordered; clip by clip in `Clip.redacted`."""
    block: int = BLOCK
    format: str = FORMAT
    version: int = VERSION


def canonical(content: Json) -> bytes:
    """JSON with sorted members and without blanks, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def encode(manifest: Manifest) -> bytes:
    """The bytes that are signed."""
    return canonical(to_wire(manifest))


def decode(raw: bytes) -> Manifest:
    """Read a manifest. Raises EvidenceError for one that is none, or of another version."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise EvidenceError(f"{MANIFEST} is not JSON: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise EvidenceError(f"{MANIFEST} is not that of an evidence package")
    expected = VERSION if content.get("redaction") is None else REDACTED_VERSION
    if content.get("version") != expected:
        raise EvidenceError(
            f"{MANIFEST} is of version {content.get('version')!r}; this program reads {VERSION}, "
            f"and {REDACTED_VERSION} of what is redacted"
        )
    try:
        return from_wire(Manifest, content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise EvidenceError(f"{MANIFEST}: {place}: {first['msg']}") from error
