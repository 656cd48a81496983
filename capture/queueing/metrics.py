"""What the intake of queue events counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

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
EVENTS_SETTLED = Counter(
    "hallwatch_capture_queue_events_settled_total",
    "Refused queue events that an operator settled, by how: replayed or discarded.",
    ["settlement"],
)
QUEUE_WORKING = Gauge(
    "hallwatch_capture_queue_working",
    "1 while a queue that is asked can be read and its events kept, 0 while not, by hall and queue.",
    ["hall", "queue"],
    multiprocess_mode="mostrecent",
)
QUEUE_FAILURES = Counter(
    "hallwatch_capture_queue_failures",
    "Attempts to read a queue that failed, by hall, queue and reason (queue, store, fault).",
    ["hall", "queue", "reason"],
)
