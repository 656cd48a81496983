"""The conformance suite for queue adapters: what everybody's QueueAdapter must do, built in or foreign.

Derive from it under a name that begins with `Test`, as from those in `hall.testing`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta

from hall.errors import QueueError
from hall.names import HallId
from hall.ports import Cursor, QueueAdapter
from hall.queueing import LARGEST_EVENT, QueueEvent, QueueEventType


class QueueAdapterSuite(ABC):
    """What a QueueAdapter must do. Each test has a queue system of its own."""

    @abstractmethod
    def adapter(self) -> QueueAdapter:
        """A new adapter for the queue system of this test: each is a process that starts again."""

    @abstractmethod
    def missing_adapter(self) -> QueueAdapter:
        """An adapter for a queue system that is not there."""

    @abstractmethod
    def tell(self, event: QueueEvent) -> None:
        """Let the queue system tell one more event."""

    @abstractmethod
    def tell_nonsense(self, size: int) -> None:
        """Let the queue system tell one more thing, of about `size` bytes, that is no event."""

    def test_events_come_whole_and_in_the_order_in_which_they_were_told(self) -> None:
        """Whatever script their texts are in."""
        told = self._told(5)
        assert self._events(None) == told

    def test_reading_goes_on_behind_any_cursor(self) -> None:
        """A process may be killed after any event, and starts with what it stored."""
        told = self._told(5)
        cursors = [Cursor(cursor.value) for cursor, _ in self.adapter().events(None)]
        assert [self._events(cursor) for cursor in cursors] == [told[place + 1 :] for place in range(5)]

    def test_what_is_told_later_comes_once(self) -> None:
        """From the same adapter, asked again and again."""
        adapter = self.adapter()
        after: Cursor | None = None
        came: list[QueueEvent] = []
        told: list[QueueEvent] = []
        for count in (2, 0, 3):
            told += self._told(count, len(told))
            for cursor, raw in adapter.events(after):
                after = cursor
                came.append(QueueEvent.model_validate_json(raw))
        assert came == told

    def test_one_who_stops_in_the_middle_can_ask_again(self) -> None:
        """The iterator is left where it was."""
        told = self._told(3)
        adapter = self.adapter()
        cursor, _ = next(iter(adapter.events(None)))
        assert [QueueEvent.model_validate_json(raw) for _, raw in adapter.events(cursor)] == told[1:]

    def test_what_is_no_event_is_handed_over_and_stops_nothing(self) -> None:
        """The intake keeps it among the refused events."""
        self.tell_nonsense(20)
        told = self._told(1)
        came = list(self.adapter().events(None))
        assert [_is_event(raw) for _, raw in came] == [False, True]
        assert self._events(came[0][0]) == told

    def test_what_is_too_large_is_handed_over_too_large_and_stops_nothing(self) -> None:
        """It may be cut, for it need not be held in memory; but not to something that could be accepted."""
        size = 3 * LARGEST_EVENT
        self.tell_nonsense(size)
        told = self._told(1)
        came = list(self.adapter().events(None))
        assert [_is_event(raw) for _, raw in came] == [False, True]
        assert len(came[0][1]) > LARGEST_EVENT
        assert self._events(came[0][0]) == told

    def test_a_queue_system_that_is_not_there_is_a_queue_error(self) -> None:
        """With words."""
        refusal: QueueError | None = None
        try:
            list(self.missing_adapter().events(None))
        except QueueError as error:
            refusal = error
        assert refusal is not None
        assert str(refusal)

    def _told(self, count: int, first: int = 0) -> list[QueueEvent]:
        start = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
        events = [
            QueueEvent(
                id=f"e{number}",
                hall=HallId("demo"),
                at=start + timedelta(seconds=number),
                type=QueueEventType.TICKET_TAKEN,
                ticket=f"A{number}",
                item="身份证",
            )
            for number in range(first, first + count)
        ]
        for event in events:
            self.tell(event)
        return events

    def _events(self, after: Cursor | None) -> list[QueueEvent]:
        return [QueueEvent.model_validate_json(raw) for _, raw in self.adapter().events(after)]


def _is_event(raw: bytes) -> bool:
    try:
        QueueEvent.model_validate_json(raw)
    except ValueError:
        return False
    return True
