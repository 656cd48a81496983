"""When Python looks for garbage that refers to itself: rarely, in processes that must not stand still.

A search through everything that is alive takes a third of a second in a console with a thousand screens, and
by default comes every ten seconds or so; all of them wait meanwhile. Nearly everything is freed without it:
references are counted, and what nobody refers to goes at once.
"""

from __future__ import annotations

import gc

YOUNG = 10_000
"""More containers made than freed until the youngest are searched: a millisecond's work."""
MIDDLE = 20
OLD = 50
"""After how many searches of one generation the next older one is searched, too."""


def search_rarely() -> None:
    """From now on search for garbage rarely, and never in what exists by now.

    Called once a process has loaded what it needs; calling it again spares what has come since. What is
    garbage by now is removed first.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
