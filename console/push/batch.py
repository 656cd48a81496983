"""What screens are sent: entries of the journal as ready frames, several at a time."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from console.push.screen_protocol import frame_of
from hall.clock import to_microseconds
from hall.journal import FactKind, JournalEntry
from hall.names import HallId
from hall.permissions import Rights

LARGEST_BATCH = 256 * 1024
"""Bytes that are written at once (one entry may be larger): so much may lie in memory for a slow screen."""


@dataclass(frozen=True, slots=True)
class PushMessage:
    """One journal entry as the frame that all screens are sent, and what decides who hears of it."""

    seq: int
    frame: bytes
    kind: FactKind
    hall: HallId | None
    cameras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that follow each other, oldest first, at least one; `frames` are theirs, in the same order."""

    messages: tuple[PushMessage, ...]
    frames: bytes

    @property
    def last(self) -> int:
        """The newest seq."""
        return self.messages[-1].seq

    def heard_by(self, rights: Rights) -> Batch | None:
        """The part that somebody with these rights is told, if there is one."""
        heard = [one for one in self.messages if rights.hears(one.kind, one.hall, one.cameras)]
        if len(heard) == len(self.messages):
            return self
        return _joined(heard) if heard else None

    def __len__(self) -> int:
        return len(self.messages)

    def after(self, seq: int) -> Batch | None:
        """The part after `seq`, if there is one."""
        if self.messages[0].seq > seq:
            return self
        later = self.messages[bisect_right(self.messages, seq, key=lambda message: message.seq) :]
        return _joined(later) if later else None


class Recent:
    """The newest entries, so that screens that come back need not read the journal one by one.

    Holds every entry after `floor`.
    """

    def __init__(self, floor: int, most: int) -> None:
        self.floor = floor
        self._most = most
        self._messages: deque[PushMessage] = deque()

    def add(self, messages: Iterable[PushMessage]) -> None:
        """Newer entries, in order; the oldest make room."""
        self._messages.extend(messages)
        while len(self._messages) > self._most:
            self.floor = self._messages.popleft().seq

    def between(self, after: int, until: int) -> tuple[PushMessage, ...]:
        """The entries after `after`, up to and with `until`; `after` is at the floor or above."""
        return tuple(message for message in self._messages if after < message.seq <= until)


def messages_of(entries: Iterable[JournalEntry]) -> Iterator[PushMessage]:
    """Journal entries as the messages that the API describes."""
    for entry in entries:
        body = {"seq": entry.seq, "kind": entry.kind.value, "at": wire_time(entry), "body": entry.body}
        frame = frame_of(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
        yield PushMessage(entry.seq, frame, entry.kind, entry.hall, _cameras(entry))


def batches_of(messages: Sequence[PushMessage]) -> Iterator[Batch]:
    """The same, in batches that may be written at once."""
    begin, size = 0, 0
    for place, message in enumerate(messages):
        if place > begin and size + len(message.frame) > LARGEST_BATCH:
            yield _joined(messages[begin:place])
            begin, size = place, 0
        size += len(message.frame)
    if begin < len(messages):
        yield _joined(messages[begin:])


def _joined(messages: Sequence[PushMessage]) -> Batch:
    return Batch(tuple(messages), b"".join(message.frame for message in messages))


def _cameras(entry: JournalEntry) -> tuple[str, ...]:
    """The cameras that a fact is about; an alert's subject, not those that show it."""
    body = entry.body
    if entry.kind is FactKind.ALERT:
        subject = body.get("subject")
        about = [subject.get("camera")] if isinstance(subject, dict) else []
    else:
        named = body.get("cameras")
        about = [body.get("camera"), *(named if isinstance(named, list) else ())]
    return tuple(camera for camera in about if isinstance(camera, str))


def wire_time(entry: JournalEntry) -> str:
    """RFC 3339 in UTC with microseconds, as the API writes times."""
    microseconds = to_microseconds(entry.at) % 1_000_000
    whole = entry.at.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{microseconds:06d}Z" if microseconds else f"{whole}Z"
