"""Hashes of a file and of each of its blocks, computed while its bytes pass by."""

from __future__ import annotations

import hashlib

from console.evidence.contents import BLOCK, PackedFile


class BlockHashes:
    """Takes a file's bytes in pieces of any size."""

    def __init__(self, block: int = BLOCK) -> None:
        """Blocks of `block` bytes; the last one may be shorter."""
        self._block = block
        self._whole = hashlib.sha256()
        self._current = hashlib.sha256()
        self._filled = 0
        self._blocks: list[bytes] = []
        self.size = 0

    def take(self, piece: bytes | memoryview) -> None:
        """The next bytes."""
        self._whole.update(piece)
        self.size += len(piece)
        view = memoryview(piece)
        while view:
            part = view[: self._block - self._filled]
            self._current.update(part)
            self._filled += len(part)
            view = view[len(part) :]
            if self._filled == self._block:
                self._blocks.append(self._current.digest())
                self._current, self._filled = hashlib.sha256(), 0

    def file(self, path: str) -> PackedFile:
        """What was taken, as a file of a package."""
        last = (self._current.digest(),) if self._filled else ()
        return PackedFile(path, self.size, self._whole.digest(), (*self._blocks, *last))
