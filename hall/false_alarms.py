"""How often alerts are dismissed as false, with how little or how much is known about it.

A rate out of a few alerts says next to nothing, so it never goes without its number of alerts and the
interval in which the true rate lies: that of Wilson (1927), "Probable inference, the law of succession, and
statistical inference", which holds for few cases and for rates near 0 and 1 as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from hall.finding import AlertKind
from hall.names import CameraId, RuleId

FEW = 20
"""Below so many alerts the interval is wider than about forty points: a rate is then no more than a hint."""
SURE = 1.959964
"""The normal distribution's quantile for an interval that holds the true rate in 95 of 100 cases."""


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Alerts of one rule, found over a time, and how many of them were dismissed.

    With `camera` only those whose subject that camera shows. An alert that several cameras show counts once
    for the rule and once for each camera.
    """

    rule: RuleId
    kind: AlertKind
    camera: CameraId | None
    found: int
    dismissed: int

    @property
    def rate(self) -> float:
        """Dismissed over found, 0 to 1."""
        return self.dismissed / self.found

    @property
    def is_few(self) -> bool:
        """True when so few alerts were found that the rate is only a hint."""
        return self.found < FEW

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which rates the true one lies, in 95 of 100 cases (Wilson's score interval)."""
        n, p, z = self.found, self.rate, SURE
        middle = p + z * z / (2 * n)
        reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        whole = 1 + z * z / n
        return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)
