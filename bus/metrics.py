"""What the bus counts. Packets may be dropped; that they were is never hidden."""

from __future__ import annotations

from prometheus_client import Counter

PUBLISHED = Counter(
    "hallwatch_bus_published",
    "Messages handed to the bus, by family of subjects.",
    ["family"],
)
DROPPED = Counter(
    "hallwatch_bus_dropped",
    "Messages dropped, by family of subjects and reason (away, full, too_large, slow_reader).",
    ["family", "reason"],
)
CONNECTIONS = Counter(
    "hallwatch_bus_connections",
    "Connections made to the bus server; more than one a process means that it was lost.",
)
REFUSED = Counter(
    "hallwatch_bus_refused",
    "Messages received that could not be read, by family of subjects.",
    ["family"],
)
