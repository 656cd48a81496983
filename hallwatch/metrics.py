"""What the supervisor counts."""

from __future__ import annotations

from prometheus_client import Counter

RESTARTS = Counter(
    "hallwatch_supervisor_restarts",
    "Processes started again after they ended or were ended because they hung, by role.",
    ["role"],
)
