"""The condition of one camera's picture: pictures in, what changed out. No clock, bus or database."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from analysis.picture.condition.faults import Condition, Shown, shown_by
from analysis.picture.condition.measures import Measures, measure
from analysis.picture.condition.stillness import Stillness
from analysis.picture.condition.switch import ConditionSwitch
from analysis.picture.condition.view import View, first_view
from hall.interval import Interval
from hall.names import CameraId
from hall.observing import UNKNOWN, Observation, ObservationKind

if TYPE_CHECKING:
    from hall.ports import Picture

SOURCE = "picture@1"
LEARNT_FROM = 0.6
"""Share of blocks in place from which a picture is taken into the view."""
REMEMBERED = 60
"""Samples by which it is known whether a camera ever repeats a picture."""
FEWEST_KNOWN = 6
MOST_REPEATED = 0.05
REPEATABLE = frozenset({Condition.CLEAR, Condition.MOVED, Condition.BLURRED})
"""What a frozen picture may show besides; a lost signal is black or covered, and repeats itself too."""
REPEATED, HUSHED = 0.95, 0.8
"""Confidence that a picture is frozen: equal to the last bit, or without the noise of its sensor."""
AS_SHARP = 0.85
"""Sharpness, as a share of the usual, from which a lack of noise counts: a blur takes the noise too."""
LONGER = 2.0
"""A repeat must last so much longer than any that ended by itself before."""


@dataclass(slots=True)
class Repeats:
    """Whether the picture is the same to the last bit, though this camera's pictures used to differ."""

    _last: int | None = None
    _since: datetime | None = None
    """The first repeated picture of the run that lasts."""
    _differed: deque[bool] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _longest: float = 0.0

    def are_odd(self, at: datetime, fingerprint: int, is_stated: bool) -> bool:
        """Take one picture's fingerprint. `is_stated`: the picture counts as frozen."""
        before, self._last = self._last, fingerprint
        if before is None:
            return False
        if before != fingerprint:
            if self._since is not None and not is_stated:
                self._longest = max(self._longest, (at - self._since).total_seconds())
                self._differed.append(False)
            self._since = None
            self._differed.append(True)
            return False
        self._since = self._since or at
        if is_stated:
            return True
        known = len(self._differed)
        seldom = known >= FEWEST_KNOWN and self._differed.count(False) <= MOST_REPEATED * known
        return seldom and (
            self._longest == 0.0 or (at - self._since).total_seconds() > LONGER * self._longest
        )

    def forget(self) -> None:
        """Pictures were missed: the next one cannot repeat the last."""
        self._last = self._since = None


class PictureWatch:
    """Says how the picture of one camera is. Calls must come from one thread at a time.

    Feed pictures by `see`, in order; what changed comes back as observations, exactly as live. `tick` is not
    needed: whoever feeds decides when a camera is `blind`.
    """

    def __init__(
        self,
        camera: CameraId,
        view: View | None = None,
        begun: datetime | None = None,
        *,
        is_trusted: bool = False,
    ) -> None:
        """`view` was learnt from pictures since `begun`; None: to be learnt.

        `is_trusted`: somebody has confirmed what the camera shows, so that the first view is not doubted.
        """
        self.camera = camera
        self.view = view
        self.begun = begun
        self._is_trusted = is_trusted
        self._switch = ConditionSwitch()
        self._repeats = Repeats()
        self._stillness = Stillness()

    @property
    def faulty_since(self) -> datetime | None:
        """Since when a fault stands, or None."""
        return self._switch.since if self._switch.state not in (None, Condition.CLEAR) else None

    @property
    def suspects(self) -> bool:
        """True when the last picture showed a fault that is not stated yet: do not judge zones by it."""
        return self._switch.suspects

    def begin(self, standing: Observation | None, watermark: datetime | None) -> None:
        """Go on from what an earlier process left."""
        if standing is None or standing.state == UNKNOWN:
            return
        start = standing.interval.start
        self._switch.resume(Condition(standing.state), start, watermark or start)

    def see(self, picture: Picture, at: datetime) -> list[Observation]:
        """Judge the picture (H×W×3, uint8, BGR) taken at `at`; the observations that it changes."""
        measures = measure(picture)
        stated = self._switch.state
        usable = self.view if self.view is not None and self.view.is_usable else None
        shown = shown_by(measures, usable, stated, is_trusted=self._is_trusted)
        is_repeated = self._repeats.are_odd(at, measures.fingerprint, stated is Condition.FROZEN)
        is_still = self._stands_still(measures, shown, usable, at)
        if is_still or (is_repeated and shown.condition in REPEATABLE):
            shown = Shown(Condition.FROZEN, REPEATED if is_repeated else HUSHED, shown.in_place)
        if shown.condition is Condition.CLEAR and stated in (Condition.CLEAR, None) and measures.flat < 0.95:
            if self.view is None:
                self.view, self.begun = first_view(measures), at
            elif shown.in_place is None or shown.in_place >= LEARNT_FROM:
                self.view = self.view.learnt(measures)
        turn = self._switch.sample(at, shown)
        return [] if turn is None else [self._observation(turn.condition, turn.since, turn.confidence)]

    def _stands_still(self, measures: Measures, shown: Shown, view: View | None, at: datetime) -> bool:
        """True when nothing is wrong with the picture but that it lacks the noise of a living one."""
        if shown.condition is Condition.CLEAR and (view is None or view.sharp(measures) >= AS_SHARP):
            return self._stillness.is_odd(at, measures, self._switch.state is Condition.FROZEN)
        self._stillness.pass_over(at, measures)
        return False

    def blind(self) -> list[Observation]:
        """No picture could be examined for too long: unknown since the last one."""
        self._repeats.forget()
        self._stillness.forget()
        since = self._switch.blind()
        return [] if since is None else [self._observation(UNKNOWN, since, None)]

    def forget_view(self) -> None:
        """Learn the view anew: what the camera shows from now on is right."""
        self.view = self.begun = None
        self._is_trusted = True

    def _observation(self, state: str, since: datetime, confidence: float | None) -> Observation:
        return Observation(
            kind=ObservationKind.PICTURE,
            camera=self.camera,
            zone=None,
            window=None,
            interval=Interval(since),
            state=str(state),
            confidence=confidence,
            source=SOURCE,
        )
