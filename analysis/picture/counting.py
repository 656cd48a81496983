"""The count of people in a zone: out of several samples, so that it does not jump about."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

UPPER_MIDDLE = 0.6
MARGIN = 0.1
RIGHT = ((3, 1.0), (8, 0.7))
RIGHT_ABOVE = 0.5
"""Of counts up to so many this share was right, to a person or a tenth, on photographs of groups and on
composed crowds (docs/design/0011-accuracy.md). Of those above 25 four in five were too low."""


@dataclass(slots=True)
class PeopleCount:
    """The count of one zone: of the last samples one in the upper middle, so that no single one changes it.

    Somebody who is hidden for a moment is missed far more often than somebody is seen who is not there.
    """

    window: int = 5
    value: int | None = None
    _samples: deque[int] = field(init=False)

    def __post_init__(self) -> None:
        self._samples = deque(maxlen=self.window)

    def sample(self, people: int) -> int | None:
        """Take one sample; the new count when it differs from the one stated before, else None."""
        self._samples.append(people)
        count = sorted(self._samples)[int(UPPER_MIDDLE * len(self._samples))]
        if count == self.value:
            return None
        self.value = count
        return count

    @property
    def certainty(self) -> float | None:
        """How likely the count is right, to a person or a tenth: for two reasons it may not be.

        The last samples may disagree, and of many people some hide others in every sample alike. So it is the
        share of samples that agree, times the share of counts of this size that were right when measured.
        """
        value = self.value
        if value is None or not self._samples:
            return None
        margin = max(1.0, value * MARGIN)
        agreeing = sum(abs(people - value) <= margin for people in self._samples) / len(self._samples)
        return agreeing * next((share for most, share in RIGHT if value <= most), RIGHT_ABOVE)

    def resume(self, value: int) -> None:
        """Go on with a count that another process stated."""
        self.value = value
        self._samples.extend([value] * self.window)

    def blind(self) -> bool:
        """Nothing has been seen for too long. True when that changes what is stated."""
        self._samples.clear()
        was_known = self.value is not None
        self.value = None
        return was_known
