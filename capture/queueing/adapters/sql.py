"""A table or view of a queue machine's database, read on by one of its columns."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from capture.queueing.adapters.place import Place, Value, is_before
from capture.queueing.mapping import events_of
from hall.config import HallSettings
from hall.config.queues import SqlSettings
from hall.errors import QueueError
from hall.ports import Cursor
from hall.secrets import filled_in
from store.foreign_view import ForeignView, Row


class SqlAdapter:
    """Asks for the rows at the greatest value seen and above, at most `rows_per_poll` of them new."""

    def __init__(
        self, settings: SqlSettings, hall: HallSettings, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._settings = settings
        self._hall = hall
        self._environment = environment

    def events(self, after: Cursor | None) -> Iterator[tuple[Cursor, bytes]]:
        """The events after the cursor. Raises QueueError."""
        place = Place.of(after)
        for row in self._rows(place):
            value = self._value(row)
            for raw in events_of(row, self._settings.events, self._hall):
                if place.has_told(raw, value):
                    continue
                if place.value is not None and is_before(value, place.value):
                    raise QueueError(f"the rows do not come in the order of '{self._settings.after.column}'")
                place = place.behind(raw, value)
                yield place.cursor, raw

    def _rows(self, place: Place) -> list[Row]:
        settings = self._settings
        url = filled_in(settings.url, self._environment, QueueError)
        view = ForeignView(url, settings.query, settings.timeout_seconds)

        def is_new(row: Row) -> bool:
            value = self._value(row)
            raws = events_of(row, settings.events, self._hall)
            return any(not place.has_told(raw, value) for raw in raws)

        first = settings.after.first if place.value is None else place.value
        return view.read(first, is_new, settings.rows_per_poll)

    def _value(self, row: Row) -> Value:
        column = self._settings.after.column
        if column not in row:
            raise QueueError(f"the query gives no column '{column}', but {', '.join(sorted(row))}")
        value = row[column]
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal | datetime | date):
            raise QueueError(f"column '{column}' cannot be read on by: it holds {type(value).__name__}")
        return value
