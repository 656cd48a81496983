"""A count of people that does not jump, and how sure it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.picture.counting import PeopleCount


def test_the_count_is_stated_when_it_changes_and_one_miss_changes_nothing() -> None:
    count = PeopleCount(5)
    assert [count.sample(people) for people in (3, 3, 2, 3, 3, 4, 4, 4, 4)] == [
        3, None, None, None, None, None, 4, None, None,
    ]  # fmt: skip


def test_a_count_is_the_less_certain_the_more_samples_disagree() -> None:
    count = PeopleCount(5)
    assert count.certainty is None
    for people in (2, 2, 2, 3, 9):
        count.sample(people)
    assert count.value == 3
    assert count.certainty == pytest.approx(0.8)


def test_of_many_people_some_are_hidden_in_every_sample_so_a_steady_count_is_not_certain() -> None:
    certainties = []
    for people in (2, 6, 40):
        count = PeopleCount(5)
        for _ in range(5):
            count.sample(people)
        certainties.append(count.certainty)
    assert certainties == [1.0, pytest.approx(0.7), pytest.approx(0.5)]


def test_a_count_goes_on_after_a_restart_and_is_forgotten_when_blind() -> None:
    count = PeopleCount(5)
    count.resume(4)
    assert count.sample(4) is None
    assert count.blind()
    assert not count.blind()
    assert count.sample(1) == 1


COUNTS = st.lists(st.one_of(st.none(), st.integers(0, 60)), max_size=60)
"""People seen at one look; None: blind."""


@given(st.integers(1, 12), COUNTS)
def test_a_count_is_one_that_was_seen_is_stated_once_and_says_how_sure_it_is(
    window: int, looks: list[int | None]
) -> None:
    count, stated, lately = PeopleCount(window), None, list[int]()
    for people in looks:
        if people is None:
            assert count.blind() == (stated is not None)
            stated, lately = None, []
            assert count.certainty is None
            continue
        lately = [*lately, people][-window:]
        told = count.sample(people)
        assert told is None or told != stated
        stated = stated if told is None else told
        assert count.value == stated
        assert stated in lately
        assert count.certainty is not None
        assert 0 < count.certainty <= 1


@given(st.integers(1, 12), COUNTS, st.integers(0, 60), st.integers(1, 4))
def test_a_window_of_equal_looks_gives_that_count_at_any_rate(
    window: int, history: list[int | None], people: int, times: int
) -> None:
    count = PeopleCount(window)
    for look in history:
        if look is None:
            count.blind()
        else:
            count.sample(look)
    for _ in range(window * times):
        count.sample(people)
    alone = PeopleCount(1)
    alone.sample(people)
    assert (count.value, count.certainty) == (people, alone.certainty), "nothing disagrees any more"


@given(st.integers(1, 12), st.integers(0, 60), COUNTS)
def test_a_count_that_has_settled_goes_on_after_a_restart_as_if_nothing_had_happened(
    window: int, people: int, later: list[int | None]
) -> None:
    before, after = PeopleCount(window), PeopleCount(window)
    for _ in range(window):
        before.sample(people)
    after.resume(people)
    for look in later:
        if look is None:
            assert before.blind() == after.blind()
        else:
            assert before.sample(look) == after.sample(look)
            assert before.certainty == after.certainty
