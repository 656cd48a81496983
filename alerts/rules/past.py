"""A cause that had reached its limit and ended before anybody judged it."""

from __future__ import annotations

from dataclasses import dataclass

from hall.finding import Verdict


@dataclass(frozen=True, slots=True)
class Finished:
    """`found` as it would have been judged when the limit was reached, `ended` as it ended."""

    found: Verdict
    ended: Verdict
