"""How much the archive still has to look at: counted ahead, a piece at a time, whatever has piled up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from capture.archive.metrics import OLDEST, WAITING, WAITING_BYTES
from hall.journal import FactKind, JournalEntry
from store import journal
from store.database import Read

KINDS: Final = (FactKind.SEGMENT, FactKind.SEGMENT_CHANGED, FactKind.SEGMENT_DELETED)
"""The entries that an archive follows; the body of each is a segment."""
AT_ONCE: Final = 1000


class Backlog:
    """Segments and bytes between where an archive stands in the journal and the journal's end."""

    def __init__(self, after: int) -> None:
        """Nothing is counted yet behind the entry `after`."""
        self._seen = after
        self._segments = 0
        self._bytes = 0

    def look(self, tx: Read) -> None:
        """Count on: the journal's next entries, a thousand at most."""
        entries = journal.tail(tx, self._seen, AT_ONCE, KINDS)
        self._seen = entries[-1].seq if entries else max(self._seen, journal.last_seq(tx))
        self._segments += sum(map(_counts, entries))
        self._bytes += sum(map(_bytes, entries))

    def done(self, entries: Iterable[JournalEntry]) -> None:
        """These, which were counted before, are looked after."""
        for entry in entries:
            self._segments -= _counts(entry)
            self._bytes -= _bytes(entry)

    def show(self, first: JournalEntry | None, now: datetime) -> None:
        """Tell the metrics. `first` is the oldest entry that waits."""
        WAITING.set(self._segments)
        WAITING_BYTES.set(self._bytes)
        OLDEST.set(0.0 if first is None else max(0.0, (now - first.at).total_seconds()))


def _counts(entry: JournalEntry) -> bool:
    return entry.kind is FactKind.SEGMENT


def _bytes(entry: JournalEntry) -> int:
    size = entry.body.get("size")
    return size if _counts(entry) and isinstance(size, int) else 0
