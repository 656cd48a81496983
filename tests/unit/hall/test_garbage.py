"""Processes that must not stand still search for garbage rarely."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
from hall.garbage import search_rarely

searches = []
gc.callbacks.append(lambda phase, about: searches.append(about["generation"]) if phase == "stop" else None)

class Ring:
    def __init__(self):
        self.me = self

kept = [Ring() for _ in range(100_000)]
search_rarely()
assert gc.get_freeze_count() > 100_000, "what exists is still searched"
searches.clear()
rings = [Ring() for _ in range(100_000)]
print(searches.count(2), len(searches))
"""


def test_what_exists_is_searched_no_more_and_what_comes_seldom() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    of_everything, all_searches = map(int, done.stdout.split())
    assert of_everything == 0
    assert 1 <= all_searches <= 20
