"""How long states lasted within each hour or day of a long time, for the lanes of the timeline."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from console.api.timeline_shapes import LevelHours, StateSeconds, TimelineLasting
from console.replay.lasting import Key, Series, Steps, going_on, series_of, steps_within
from hall.clock import from_microseconds, to_microseconds
from hall.names import CameraId, HallId, WindowId
from hall.observing import Observation, ObservationKind
from store import lasting, observing, queueing
from store.database import Read
from store.lasting import DAY_US, HOUR_US, NOBODY, STATE, Part

LONGEST_BY_HOUR = timedelta(days=14)
"""Beyond it days are told: nobody sees hours of a month."""
LEVEL = ObservationKind.MINUTE_LEVEL.value
SEEN = (ObservationKind.PRESENCE, ObservationKind.SPEECH, ObservationKind.VOICES)


def lasting_of(
    tx: Read,
    hall: HallId,
    cameras: Collection[CameraId],
    windows: Collection[WindowId],
    first: datetime,
    last: datetime,
    now: datetime,
    *,
    observed: bool,
) -> TimelineLasting:
    """The sums over `[first, last)`, in whole hours or days; what goes on counts as far as it is known.

    Without `observed` only what the queue system told.
    """
    unit = HOUR_US if last - first <= LONGEST_BY_HOUR else DAY_US
    steps = steps_within(to_microseconds(first), to_microseconds(last), unit)
    kinds = {STATE, *((*SEEN, ObservationKind.MINUTE_LEVEL) if observed else ())}
    parts = lasting.kept(tx, hall, cameras, windows, kinds, unit, steps.first_us, steps.until_us)
    parts += _going_on(tx, hall, windows, now, steps)
    if observed:
        parts += _seen_still(tx, cameras, windows, now, steps)
    series = series_of(parts, steps)
    return TimelineLasting.model_validate(
        {
            "from": from_microseconds(steps.first_us),
            "step_seconds": unit // 1_000_000,
            "steps": steps.count,
            "states": [told for key, one in series.items() if (told := _states(key, one)) is not None],
            "levels": list(_levels(series)),
        }
    )


def _going_on(
    tx: Read, hall: HallId, windows: Collection[WindowId], now: datetime, steps: Steps
) -> list[Part]:
    until_us = to_microseconds(now)
    return [
        part
        for window, status in queueing.window_statuses_now(tx, hall).items()
        if window in windows
        for part in going_on(
            Part(
                NOBODY, STATE, window, NOBODY, to_microseconds(status.interval.start), status.state.value, 0
            ),
            until_us,
            steps,
        )
    ]


def _seen_still(
    tx: Read, cameras: Collection[CameraId], windows: Collection[WindowId], now: datetime, steps: Steps
) -> list[Part]:
    """What cameras show still, up to the last picture that was examined: after it nobody looked."""
    if not cameras:
        return []
    reached = observing.watermarks_of(tx, cameras)
    return [
        part
        for seen in observing.going_on(tx, cameras, SEEN)
        if seen.camera in reached and (seen.window is None or seen.window in windows)
        for part in going_on(_beginning(seen), to_microseconds(min(now, reached[seen.camera])), steps)
    ]


def _beginning(seen: Observation) -> Part:
    start_us = to_microseconds(seen.interval.start)
    window, zone = seen.window or NOBODY, seen.zone or NOBODY
    return Part(seen.camera, seen.kind.value, window, zone, start_us, seen.state, 0)


def _states(key: Key, series: Series) -> StateSeconds | None:
    kind, window, camera, zone, state = key
    if kind == LEVEL:
        return None
    return StateSeconds.model_validate(
        {
            "kind": kind,
            "camera": camera or None,
            "window": window or None,
            "zone": zone or None,
            "state": state,
            "seconds": [round(lasts / 1e6, 1) for lasts in series.lasting_us],
        }
    )


def _levels(series: dict[Key, Series]) -> Iterator[LevelHours]:
    for (kind, _window, camera, _zone, state), one in series.items():
        if kind != LEVEL or not any(level is not None for level in one.highest):
            continue
        mean = [None if level is None else round(level, 1) for level in one.mean()]
        highest = [None if level is None else round(level, 1) for level in one.highest]
        yield LevelHours(camera=CameraId(camera), state=state, mean=mean, highest=highest)
