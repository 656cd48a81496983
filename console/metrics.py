"""What the console counts, and how all roles' counts are served to Prometheus."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter(
    "hallwatch_console_requests",
    "HTTP requests answered, by method and class of status.",
    ["method", "status"],
)
PUSH_CLIENTS = Gauge("hallwatch_console_push_clients", "Open push connections.", multiprocess_mode="livesum")
PUSH_CLOSED = Counter("hallwatch_console_push_slow", "Push connections closed because they read too slowly.")
PUSH_FACTS = Counter("hallwatch_console_push_facts", "Facts sent over push connections.")
LIVE_VIEWERS = Gauge("hallwatch_console_live_viewers", "Live views under way.", multiprocess_mode="livesum")
LIVE_DROPPED = Counter(
    "hallwatch_console_live_dropped", "Packets of live views dropped because a viewer was too slow.", ["kind"]
)
RATE_LIMITED = Counter(
    "hallwatch_console_rate_limited", "Calls refused because they came too often.", ["cost"]
)
EXPORTS = Counter("hallwatch_console_exports", "Evidence packages by how their making ended.", ["result"])

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition() -> bytes:
    """All metrics as Prometheus text: of every role when they share a folder, else of this process."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    # The folder is named by PROMETHEUS_MULTIPROC_DIR, which the supervisor sets.
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
