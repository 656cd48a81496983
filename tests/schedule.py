"""In which order test files run, and which of them one process runs one after the other.

Several processes share two processors (see the Makefile). What mostly waits begins first, and what is short
comes last: so all of them end together.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # it has no type hints

STORY = "tests/e2e/test_main_path.py"
"""The whole story of a demo hall of its own, five minutes of waiting: one process has enough with it."""
KILLS = "tests/e2e/test_kills.py"
LASTING = (
    "tests/e2e/test_live_wall.py",
    "tests/e2e/test_accessibility.py",
    "tests/e2e/test_cameras_administration.py",
)
"""On one demo hall: while all its cameras are there, once something was found, and last what changes it."""
TORTURE = ("tests/torture/alerts/test_samples.py", "tests/torture/test_samples.py")
"""They want the processors for themselves: what runs beside them should wait, so it begins with them."""
WAITING = (
    "tests/integration/test_recording.py",
    "tests/integration/test_demo_streams.py",
    "tests/contract/test_sources.py",
)
FIRST = (STORY, KILLS, *LASTING, TORTURE[0], *WAITING[:2], TORTURE[1], WAITING[2])
TOGETHER = dict.fromkeys((KILLS, *LASTING), KILLS)
"""Files that one process runs, so that no more than two demo halls run at once."""


def arrange(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests: those that begin first, then files with slow tests, then the others."""
    slow = {file_of(item.nodeid) for item in items if item.get_closest_marker("slow") is not None}

    def rank(item: pytest.Item) -> int:
        file = file_of(item.nodeid)
        if file in FIRST:
            return FIRST.index(file)
        return len(FIRST) + (file not in slow)

    return sorted(items, key=rank)


def file_of(nodeid: str) -> str:
    """The file of a test, as its id begins."""
    return nodeid.partition("::")[0]


class FileByFile(LoadScopeScheduling):  # type: ignore[misc] # it has no type hints
    """Gives each process whole files, whose fixtures are then made once, and files that belong together."""

    def _split_scope(self, nodeid: str) -> str:
        file = file_of(nodeid)
        return TOGETHER.get(file, file)
