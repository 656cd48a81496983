"""Reading a file out of the archive: one request a piece, so that no slow reader holds a connection."""

from __future__ import annotations

import io
import os
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

    def __init__(self, fetch: Fetch, start: int, end: int, first: Part) -> None:
        """`first` is what was fetched from `start` on. Places within it are counted from `start`."""
        super().__init__()
        self._fetch = fetch
        self._tag = first.tag
        self._start = start
        self._length = max(0, min(end, first.size) - start)
        self._place = 0
        self._content = first.content
        self._content_at = 0

    @classmethod
    def open(cls, fetch: Fetch, byte_range: tuple[int, int] | None) -> BinaryIO:
        """Open the file or a half-open range of it; its first piece is fetched at once."""
        start, end = byte_range if byte_range is not None else (0, UNBOUNDED)
        first = fetch(start, min(end, start + CHUNK), None)
        return io.BufferedReader(cls(fetch, start, end, first), CHUNK)

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes: what is passed over is not fetched."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; nothing is fetched before it is read."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._length}[whence]
        self._place = max(0, origin + offset)
        return self._place

    def tell(self) -> int:
        """The place from which is read next."""
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the base says Buffer, of a later Python
        """Fill the buffer as far as the piece at hand goes; the next is fetched when none is. 0: the end."""
        if self._place >= self._length:
            return 0
        if not self._content_at <= self._place < self._content_at + len(self._content):
            first = self._start + self._place
            last = min(self._start + self._length, first + CHUNK)
            self._content = self._fetch(first, last, self._tag).content
            self._content_at = self._place
        begin = self._place - self._content_at
        piece = self._content[begin : begin + len(buffer)]
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)
