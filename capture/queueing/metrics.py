"""What the intake of queue events counts."""

from __future__ import annotations

from prometheus_client import Counter

EVENTS = Counter(
    "hallwatch_capture_queue_events_total",
    "Queue events by what became of them: accepted, repeated or refused.",
    ["outcome"],
)
EVENTS_REFUSED = Counter(
    "hallwatch_capture_queue_events_refused_total",
    "Refused queue events by the member of the event that was wrong.",
    ["field"],
)
