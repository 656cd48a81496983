"""Queue adapters: who reads a queue system that does not post. Built-in ones, and those of other packages.

A queue adapter of your own is a callable in the entry-point group `hallwatch.queues` that takes the
`ForeignQueueSettings` and returns a `hall.ports.QueueAdapter`; in hall.yaml a queue of kind `foreign` names
it by `plugin`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from capture.queueing.adapters.json_http import JsonHttpAdapter
from capture.queueing.adapters.json_lines import JsonLinesAdapter
from capture.queueing.adapters.sql import SqlAdapter
from hall.config import HallSettings
from hall.config.queues import (
    ForeignQueueSettings,
    JsonHttpSettings,
    JsonLinesSettings,
    QueueSettings,
    SqlSettings,
)
from hall.errors import QueueError
from hall.ports import QueueAdapter

GROUP = "hallwatch.queues"

OpenForeign = Callable[[ForeignQueueSettings], QueueAdapter]


def open_adapter(settings: QueueSettings, hall: HallSettings) -> QueueAdapter:
    """The adapter for a queue of a hall in hall.yaml. Raises QueueError when a foreign one cannot be had."""
    # One case a kind: the type checker says when a kind of hall.config.queues has none here.
    match settings:
        case JsonLinesSettings():
            return JsonLinesAdapter(settings.path)
        case JsonHttpSettings():
            return JsonHttpAdapter(settings, hall)
        case SqlSettings():
            return SqlAdapter(settings, hall)
        case ForeignQueueSettings():
            return _foreign(settings)


def _foreign(settings: ForeignQueueSettings) -> QueueAdapter:
    known = {point.name: point for point in entry_points(group=GROUP)}
    if settings.plugin not in known:
        names = ", ".join(sorted(known)) or "none"
        raise QueueError(
            f"there is no queue adapter '{settings.plugin}' in the group {GROUP}; known: {names}"
        )
    try:
        opener: OpenForeign = known[settings.plugin].load()
        return opener(settings)
    except (ImportError, AttributeError) as error:
        raise QueueError(f"queue adapter '{settings.plugin}' cannot be loaded: {error}") from error
