"""What the supervisor and the watchdog of each role count."""

from __future__ import annotations

from prometheus_client import Counter

RESTARTS = Counter(
    "hallwatch_supervisor_restarts",
    "Processes started again after they ended or were ended because they hung, by role.",
    ["role"],
)
HANGS = Counter(
    "hallwatch_supervisor_hangs",
    "Threads that did not move in time, by thread; their process was replaced unless they moved again.",
    ["thread"],
)
