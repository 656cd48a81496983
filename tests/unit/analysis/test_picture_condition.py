"""The condition of a camera's picture: generated halls, every fault, and what is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.picture.condition.faults import Condition, Shown
from analysis.picture.condition.measures import measure
from analysis.picture.condition.switch import FEWEST, LASTS, ConditionSwitch
from analysis.picture.condition.view import View, first_view
from analysis.picture.condition.watch import PictureWatch
from fixtures.pictures import FRAMES, Film
from fixtures.scenes import VIEWS, Scene
from hall.errors import MediaError
from hall.names import CameraId
from hall.observing import Observation, ObservationKind

if TYPE_CHECKING:
    from hall.ports import Picture

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WIDTH, HEIGHT = 320, 180
Change = Callable[["Picture", int], "Picture"]


@cache
def reel(scene: str) -> tuple[Picture, ...]:
    film = Film(next(iter(VIEWS.values())), Scene.named(scene))
    frames = [film.frame(number) for number in range(0, FRAMES, 20)]
    shape = (WIDTH, HEIGHT)
    return tuple(cv2.resize(frame, shape, interpolation=cv2.INTER_AREA).astype(np.uint8) for frame in frames)


@cache
def hall(second: int, scene: str = "empty-staff-0") -> Picture:
    """The hall at a second, with the noise of a real camera."""
    frames = reel(scene)
    grain = np.random.default_rng(second).normal(0, 1.5, (HEIGHT, WIDTH, 1))
    return np.clip(frames[second % len(frames)] + grain, 0, 255).astype(np.uint8)


def covered(_: Picture, second: int) -> Picture:
    shade = np.linspace(60, 110, WIDTH)[None, :, None]
    grain = np.random.default_rng(second).normal(0, 4, (HEIGHT, WIDTH, 3))
    return np.clip(shade + grain, 0, 255).astype(np.uint8)


def black(_: Picture, second: int) -> Picture:
    return np.random.default_rng(second).integers(0, 12, (HEIGHT, WIDTH, 3), np.uint8)


def washed_out(picture: Picture, _: int) -> Picture:
    return np.clip(picture.astype(np.int16) + 190, 0, 255).astype(np.uint8)


def blurred(picture: Picture, _: int) -> Picture:
    return cv2.GaussianBlur(picture, (0, 0), 3.0)  # type: ignore[return-value] # the type of what went in


def warped(across: float = 0, down: float = 0, turn: float = 0, zoom: float = 1) -> Change:
    def change(picture: Picture, _: int) -> Picture:
        matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), turn, zoom)
        matrix[:, 2] += np.array([across * WIDTH, down * HEIGHT])
        return cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)  # type: ignore[return-value] # as above

    return change


def frozen(_: Picture, second: int) -> Picture:
    return hall(40)


def told(watch: PictureWatch, pictures: Iterator[tuple[float, Picture]]) -> list[tuple[float, Observation]]:
    """Every change with the second at which it was told."""
    return [
        (second, observation)
        for second, picture in pictures
        for observation in watch.see(picture, START + timedelta(seconds=second))
    ]


def seconds(
    first: int, last: int, change: Change | None = None, every: int = 1
) -> Iterator[tuple[float, Picture]]:
    for second in range(first, last, every):
        yield second, hall(second) if change is None else change(hall(second), second)


def begins(observation: Observation) -> float:
    return (observation.interval.start - START).total_seconds()


@cache
def _known() -> View:
    watch = PictureWatch(CameraId("cam"))
    told(watch, seconds(0, 12))
    assert watch.view is not None
    return watch.view


def known_watch() -> PictureWatch:
    """A watch that knows its view already, and states `clear` since second 0."""
    watch = PictureWatch(CameraId("cam"), _known(), START)
    told(watch, seconds(0, 8))
    return watch


FAULTS: dict[str, tuple[str, Change]] = {
    "covered": ("covered", covered),
    "black": ("black", black),
    "no signal": ("black", lambda picture, _: np.zeros_like(picture)),
    "washed out": ("washed_out", washed_out),
    "frozen": ("frozen", frozen),
    "blurred": ("blurred", blurred),
    "shifted": ("moved", warped(across=0.1)),
    "shifted far": ("moved", warped(across=-0.35)),
    "tilted": ("moved", warped(down=0.15)),
    "turned": ("moved", warped(turn=8)),
    "zoomed": ("moved", warped(zoom=1.2)),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("every", [1, 2])
def test_a_fault_is_found_within_ten_seconds_since_its_first_picture_and_ends(name: str, every: int) -> None:
    state, change = FAULTS[name]
    watch = known_watch()
    found = told(watch, seconds(8, 26, change, every))
    first = 8 + every if state == "frozen" else 8
    assert [(each.state, begins(each)) for _, each in found] == [(state, first)]
    assert found[0][0] - 8 <= 10
    assert found[0][1].kind is ObservationKind.PICTURE
    assert (found[0][1].zone, found[0][1].window) == (None, None)
    assert 0.5 <= (found[0][1].confidence or 0) <= 1
    ended = told(watch, seconds(26, 40, every=every))
    assert [(each.state, begins(each)) for _, each in ended] == [("clear", 26)]


def clock(picture: Picture, second: int) -> Picture:
    shown = picture.copy()
    cv2.putText(
        shown, f"2026-03-02 09:00:{second:02}", (10, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255,) * 3, 2
    )
    return shown


def people(_: Picture, second: int) -> Picture:
    return hall(
        second, ("empty-staff-0", "staff-serving-2", "serving-serving-4", "empty-empty-4")[second // 5 % 4]
    )


def compressed(picture: Picture, second: int) -> Picture:
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 15 + 60 * (second % 2)])
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)  # type: ignore[return-value] # BGR, uint8


def close_person(picture: Picture, _: int) -> Picture:
    shown = picture.copy()
    cv2.ellipse(shown, (WIDTH // 4, HEIGHT), (WIDTH // 4, HEIGHT), 0, 0, 360, (60, 45, 40), -1)
    return shown


def grey(picture: Picture, _: int) -> Picture:
    plain = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return cv2.cvtColor(plain, cv2.COLOR_GRAY2BGR)  # type: ignore[return-value] # BGR, uint8


def infrared(picture: Picture, second: int) -> Picture:
    """White for two seconds, then grey, with other contrasts."""
    if second in (10, 11):
        return np.full_like(picture, 252)
    return (255 * (grey(picture, second) / 255.0) ** 0.7).astype(np.uint8) if second > 11 else picture


NO_FAULTS: dict[str, Change] = {
    "an empty hall": lambda _, second: hall(second, "empty-empty-0"),
    "people coming and going": people,
    "light switched off and on": lambda picture, second: (picture * (0.35 if second % 20 < 10 else 1)).astype(
        np.uint8
    ),
    "dusk": lambda picture, second: (picture * max(0.3, 1 - second / 50)).astype(np.uint8),
    "a flickering lamp": lambda picture, second: (picture * (0.6 if second % 2 else 1)).astype(np.uint8),
    "a burnt-in clock": clock,
    "pulsing compression": compressed,
    "infrared": infrared,
    "a person close to the lens": close_person,
    "a light knock": warped(across=0.006),
}


@pytest.mark.parametrize("name", NO_FAULTS)
def test_what_happens_in_a_hall_is_no_fault(name: str) -> None:
    assert told(known_watch(), seconds(8, 48, NO_FAULTS[name])) == []


def test_a_camera_that_repeats_still_pictures_now_and_then_is_not_frozen() -> None:
    watch = PictureWatch(CameraId("cam"))
    assert [each.state for _, each in told(watch, ((second, hall(second // 4)) for second in range(80)))] == [
        "clear"
    ]


def test_a_camera_that_has_repeated_one_picture_from_the_first_is_not_frozen() -> None:
    watch = PictureWatch(CameraId("cam"))
    assert [each.state for _, each in told(watch, ((second, hall(1)) for second in range(60)))] == ["clear"]


def test_a_moved_camera_stays_moved_until_its_view_is_confirmed() -> None:
    watch = known_watch()
    assert [each.state for _, each in told(watch, seconds(8, 90, warped(across=0.2)))] == ["moved"]
    watch.forget_view()
    confirmed = told(watch, seconds(90, 110, warped(across=0.2)))
    assert [(each.state, begins(each)) for _, each in confirmed] == [("clear", 90)]
    assert [each.state for _, each in told(watch, seconds(110, 125))] == ["moved"]


FROM_THE_FIRST: dict[str, tuple[str, Change]] = {
    "covered": ("covered", covered),
    "black": ("black", black),
    "washed out": ("washed_out", lambda picture, _: np.full_like(picture, 235)),
    "badly blurred": ("blurred", lambda picture, _: cv2.GaussianBlur(picture, (0, 0), 6.0).astype(np.uint8)),
}


@pytest.mark.parametrize("name", FROM_THE_FIRST)
def test_a_camera_that_is_faulty_when_it_is_first_connected_is_told_and_its_view_not_learnt(
    name: str,
) -> None:
    state, change = FROM_THE_FIRST[name]
    watch = PictureWatch(CameraId("cam"))
    assert [each.state for _, each in told(watch, seconds(0, 12, change))] == [state]
    assert watch.view is None
    assert [each.state for _, each in told(watch, seconds(12, 30))] == ["clear"]


def test_a_bare_or_soft_picture_that_an_officer_has_confirmed_is_no_fault() -> None:
    for change in (covered, FROM_THE_FIRST["badly blurred"][1]):
        watch = PictureWatch(CameraId("cam"))
        told(watch, seconds(0, 12, change))
        watch.forget_view()
        assert [each.state for _, each in told(watch, seconds(12, 30, change))] == ["clear"]


def encoded(picture: Picture, second: int) -> Picture:
    """A picture as an encoder sends it that spends now more, now less on it."""
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88 + second % 3])
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)  # type: ignore[return-value] # BGR, uint8


def frozen_anew(clock_goes_on: bool) -> Change:
    def change(_: Picture, second: int) -> Picture:
        picture = hall(40)
        return encoded(clock(picture, second) if clock_goes_on else picture, second)

    return change


def noisy(picture: Picture, second: int) -> Picture:
    grain = np.random.default_rng(second).normal(0, 3, (HEIGHT, WIDTH, 1))
    return encoded(np.clip(picture + grain, 0, 255).astype(np.uint8), second)


@pytest.mark.parametrize("clock_goes_on", [False, True])
def test_a_frozen_picture_that_is_encoded_anew_is_found(clock_goes_on: bool) -> None:
    watch = known_watch()
    assert told(watch, seconds(8, 30, noisy)) == []
    found = told(watch, seconds(30, 42, frozen_anew(clock_goes_on)))
    assert [each.state for _, each in found] == ["frozen"]
    assert 30 <= begins(found[0][1]) <= 34
    assert found[0][0] <= 40
    assert [each.state for _, each in told(watch, seconds(42, 56, noisy))] == ["clear"]


STILL: dict[str, Change] = {
    "an empty hall with noise": lambda _, second: noisy(hall(40), second),
    "a scene without any noise": lambda _, second: hall(40),
    "a still scene, strongly compressed": lambda _, second: compressed(hall(40), second),
    "light switched off over a still hall": lambda _, second: encoded(
        (noisy(hall(40), second) * (1.0 if second < 30 else 0.3)).astype(np.uint8), second
    ),
    "everybody has left, one after the other": lambda _, second: noisy(
        hall(
            min(40, second),
            ("serving-serving-4", "staff-serving-2", "empty-empty-0")[second // 14 % 3],
        ),
        second,
    ),
}


@pytest.mark.parametrize("name", STILL)
def test_a_still_hall_is_not_frozen(name: str) -> None:
    watch = PictureWatch(CameraId("cam"))
    assert [each.state for _, each in told(watch, seconds(0, 42, STILL[name]))] == ["clear"]


def test_a_watch_that_goes_on_after_a_restart_says_nothing_new_and_still_finds_the_end() -> None:
    before = known_watch()
    fault = told(before, seconds(8, 20, covered))[0][1]
    assert before.view is not None
    after = PictureWatch(CameraId("cam"), View.decode(before.view.encode()), START)
    after.begin(fault, START + timedelta(seconds=19))
    assert told(after, seconds(22, 30, covered)) == []
    assert [(each.state, begins(each)) for _, each in told(after, seconds(30, 40))] == [("clear", 30)]


def test_without_pictures_the_condition_is_unknown_since_the_last_one() -> None:
    watch = known_watch()
    assert [(each.state, begins(each)) for each in watch.blind()] == [("unknown", 7)]
    assert watch.blind() == []
    assert [each.state for _, each in told(watch, seconds(30, 32))] == ["clear"]


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (300, 2), (1280, 720), (2160, 3840)])
def test_pictures_of_any_size_are_measured(shape: tuple[int, int]) -> None:
    measures = measure(np.full((*shape, 3), 128, np.uint8))
    assert measures.mean == pytest.approx(128, abs=1)
    assert measures.flat == 1.0


@pytest.mark.parametrize("stored", [b"", b"\x09abc", b"\x01abc", b"\x01" + b"x" * 9000])
def test_bytes_that_are_no_view_are_refused(stored: bytes) -> None:
    with pytest.raises(MediaError):
        View.decode(stored)


def test_a_view_cut_short_is_refused() -> None:
    stored = first_view(measure(hall(0))).encode()
    with pytest.raises(MediaError):
        View.decode(stored[:-40])


samples = st.lists(
    st.tuples(
        st.floats(-3, 30), st.sampled_from(list(Condition)), st.sampled_from(["see", "see", "see", "blind"])
    ),
    max_size=80,
)


@settings(max_examples=150, deadline=None)
@given(samples)
def test_whatever_is_shown_intervals_never_run_back_and_each_differs_from_the_one_before(
    steps: list[tuple[float, Condition, str]],
) -> None:
    switch, at, turns = ConditionSwitch(), START, [("unknown", START - timedelta(days=1))]
    for step, condition, what in steps:
        at += timedelta(seconds=step)
        if what == "blind":
            since = switch.blind()
            if since is not None:
                turns.append(("unknown", since))
        elif (turn := switch.sample(at, Shown(condition))) is not None:
            assert turn.since <= (switch.last or turn.since)
            turns.append((turn.condition, turn.since))
    for before, after in pairwise(turns):
        assert before[0] != after[0]
        assert before[1] <= after[1]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([each for each in Condition if each is not Condition.CLEAR]), st.floats(0.2, 2.5))
def test_a_fault_of_any_kind_at_any_rate_is_stated_within_ten_seconds_and_no_sooner_than_it_lasts(
    condition: Condition, step: float
) -> None:
    switch = ConditionSwitch()
    for number in range(5):
        switch.sample(START + timedelta(seconds=number * step), Shown(Condition.CLEAR))
    begin = START + timedelta(seconds=5 * step)
    for number in range(60):
        at = begin + timedelta(seconds=number * step)
        turn = switch.sample(at, Shown(condition))
        if turn is not None:
            break
    assert turn is not None
    assert (turn.condition, turn.since) == (condition, begin)
    assert LASTS[condition] <= (at - begin).total_seconds() <= 10


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(Condition)), samples)
def test_a_condition_that_lasts_goes_on_after_a_restart_as_if_nothing_had_happened(
    condition: Condition, later: list[tuple[float, Condition, str]]
) -> None:
    before, after, at = ConditionSwitch(), ConditionSwitch(), START
    for _ in range(30):
        before.sample(at, Shown(condition))
        at += timedelta(seconds=1)
    assert before.state is condition
    assert before.since is not None
    assert before.last is not None
    after.resume(before.state, before.since, before.last)
    for step, shown, what in later:
        at += timedelta(seconds=step)
        if what == "blind":
            assert before.blind() == after.blind()
        else:
            assert before.sample(at, Shown(shown)) == after.sample(at, Shown(shown))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([each for each in Condition if each is not Condition.CLEAR]), st.integers(1, 60))
def test_what_a_picture_showed_before_nobody_could_see_does_not_count_towards_a_fault(
    condition: Condition, pictures: int
) -> None:
    switch = ConditionSwitch()
    for number in range(pictures):
        switch.sample(START + timedelta(seconds=number * 0.01), Shown(condition))
    switch.blind()
    later = START + timedelta(seconds=3600)
    for number in range(FEWEST - 1):
        assert switch.sample(later + timedelta(seconds=100 * number), Shown(condition)) is None
