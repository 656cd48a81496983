"""Reading a file out of the archive: one request a piece, so that no slow reader holds a connection."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final

CHUNK: Final = 2 * 1024 * 1024
"""Bytes of one request: some seconds of picture, and all that is held of a file at a time."""
UNBOUNDED: Final = 2**62


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a file, the size of all of it, and what tells its versions apart."""

    content: bytes
    size: int
    tag: str | None


Fetch = Callable[[int, int, str | None], Part]
"""Asks for the bytes from one place up to another, of the version with this tag."""


class ArchivedFile(io.RawIOBase):
    """A part of one version of a file; reading past a change of the file fails instead of mixing two."""

    def __init__(self, fetch: Fetch, place: int, end: int, first: Part) -> None:
        """`first` is what was fetched from `place` on."""
        super().__init__()
        self._fetch = fetch
        self._tag = first.tag
        self._content = memoryview(first.content)
        self._place = place + len(first.content)
        self._end = min(end, first.size)

    @classmethod
    def open(cls, fetch: Fetch, byte_range: tuple[int, int] | None) -> BinaryIO:
        """Open the file or a half-open range of it; its first piece is fetched at once."""
        place, end = byte_range if byte_range is not None else (0, UNBOUNDED)
        first = fetch(place, min(end, place + CHUNK), None)
        return io.BufferedReader(cls(fetch, place, end, first), CHUNK)

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the base says Buffer, of a later Python
        """Fill the buffer as far as the piece at hand goes; the next is fetched when none is. 0: the end."""
        if not self._content and self._place < self._end:
            part = self._fetch(self._place, min(self._end, self._place + CHUNK), self._tag)
            self._content = memoryview(part.content)
            self._place += len(part.content)
        count = min(len(buffer), len(self._content))
        buffer[:count] = self._content[:count]
        self._content = self._content[count:]
        return count
