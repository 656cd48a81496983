"""What somebody who typed a few words may have meant."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hall.config import Configuration
from hall.finding import AlertKind
from hall.names import HallId, WindowId
from hall.search.asked import Condition, ResultKind, Sense, SenseKind, Word
from hall.search.names import Names
from hall.search.times import times_in
from hall.search.understanding import MOST_WORDS, Understanding, conditions, understood
from hall.search.words import words_of

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=BEIJING)
"""A Saturday at noon."""
HALL = {
    "id": "h1",
    "name": {"zh": "大厅", "en": "Hall"},
    "units": [
        {"id": "police", "name": {"zh": "公安局", "en": "Public Security"}},
        {"id": "land", "name": {"zh": "不动产登记中心", "en": "Real Estate Registration"}},
    ],
    "staff": [
        {"id": "s1", "name": {"zh": "王芳", "en": "Wang Fang"}, "unit": "police"},
        {"id": "s2", "name": {"zh": "王敏", "en": "Wang Min"}, "unit": "land"},
        {"id": "s3", "name": {"zh": "黄芳", "en": "Huang Fang"}, "unit": "land"},
    ],
    "windows": [
        {"id": "w1", "number": "01", "name": {"zh": "户籍", "en": "Residence"}, "unit": "police"},
        {"id": "w3", "number": "3", "name": {"zh": "登记", "en": "Registration"}, "unit": "land"},
    ],
    "items": [{"id": "passport", "name": {"zh": "护照签发", "en": "Passport"}}],
}
KINDS = {"absence": ("离岗", "Absence"), "camera_fault": ("画面异常", "Camera fault")}
NAMES = Names(Configuration.model_validate({"halls": [HALL]}).halls, KINDS)
W1, W3 = (HallId("h1"), WindowId("w1")), (HallId("h1"), WindowId("w3"))


def asked(text: str) -> Understanding:
    return understood(text, NAMES, NOW, BEIJING)


def meant(text: str) -> list[tuple[str, list[str]]]:
    """The words, each with the kinds of its senses."""
    return [(word.typed, [sense.kind for sense in word.senses]) for word in asked(text).words]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-11-27", "11-27 00:00:00", "11-28 00:00:00"),
        ("2026/11/27", "11-27 00:00:00", "11-28 00:00:00"),
        ("2026年11月27日", "11-27 00:00:00", "11-28 00:00:00"),
        ("２０２６－１１－２７", "11-27 00:00:00", "11-28 00:00:00"),
        ("11月27号", "11-27 00:00:00", "11-28 00:00:00"),
        ("12月1日", "12-01 00:00:00", "12-02 00:00:00"),
        ("2026-11", "11-01 00:00:00", "12-01 00:00:00"),
        ("yesterday", "11-27 00:00:00", "11-28 00:00:00"),
        ("昨天", "11-27 00:00:00", "11-28 00:00:00"),
        ("前天下午", "11-26 12:00:00", "11-27 00:00:00"),
        ("上周三", "11-18 00:00:00", "11-19 00:00:00"),
        ("last week", "11-16 00:00:00", "11-23 00:00:00"),
        ("本月", "11-01 00:00:00", "12-01 00:00:00"),
        ("最近7天", "11-22 00:00:00", "11-29 00:00:00"),
        ("last 2 hours", "11-28 10:00:00", "11-28 12:00:00"),
        ("2026-11-27 10:30", "11-27 10:15:00", "11-27 10:45:00"),
        ("2026-11-27T10:30:05", "11-27 10:29:05", "11-27 10:31:05"),
        ("昨天下午3点半", "11-27 15:15:00", "11-27 15:45:00"),
        ("yesterday 3pm", "11-27 14:45:00", "11-27 15:15:00"),
        ("10:30", "11-28 10:15:00", "11-28 10:45:00"),
        ("13:00", "11-27 12:45:00", "11-27 13:15:00"),
        ("11月1日至11月7日", "11-01 00:00:00", "11-08 00:00:00"),
        ("2026-11-27 10:00-11:30", "11-27 10:00:00", "11-27 11:30:00"),
        ("yesterday 10:30 to 11:00", "11-27 10:30:00", "11-27 11:00:00"),
    ],
)
def test_a_time_is_understood_as_clocks_of_the_hall_show_it(text: str, start: str, end: str) -> None:
    times = asked(text).times
    assert times is not None
    assert times.interval.end is not None
    shown = [f"{at.astimezone(BEIJING):%m-%d %H:%M:%S}" for at in (times.interval.start, times.interval.end)]
    assert shown == [start, end]
    assert times.rest.strip() == ""


@pytest.mark.parametrize(
    "text", ["20261127-0001", "A-2026-11-27-3", "2026-13-45", "31/31", "25:00", "abc", ""]
)
def test_what_is_no_time_stays_a_word(text: str) -> None:
    assert times_in(text, NOW, BEIJING) is None


def test_a_day_on_which_the_clocks_change_has_its_own_length() -> None:
    paris = ZoneInfo("Europe/Paris")
    times = times_in("2026-10-25", datetime(2026, 11, 1, tzinfo=UTC), paris)
    assert times is not None
    assert times.interval.duration().total_seconds() == 25 * 3600


@pytest.mark.parametrize("text", ["3号窗口", "窗口3", "window 3", "Window no. 3", "3号", "窗口 03", "3"])
def test_a_window_is_known_by_its_number(text: str) -> None:
    (word,) = asked(text).words
    (sense,) = [one for one in word.senses if one.kind is SenseKind.WINDOW]
    assert sense.condition.windows == frozenset({W3})
    assert not word.may_be_a_number


def test_a_word_means_every_name_that_it_is_a_part_of() -> None:
    (word,) = asked("王").words
    (staff,) = word.senses
    assert [name.zh for name in staff.names] == ["王芳", "王敏"]
    assert meant("fang") == [("fang", ["staff", "text"])]
    assert {name.en for name in asked("fang").words[0].senses[0].names} == {"Wang Fang", "Huang Fang"}


def test_who_types_a_whole_name_means_nobody_else() -> None:
    for text in ("王芳", "Wang Fang", "wang  fang", "s1"):
        (word,) = asked(text).words
        assert [name.en for name in word.senses[0].names] == ["Wang Fang"], text


def test_a_unit_means_its_windows() -> None:
    (word,) = asked("公安").words
    assert (word.senses[0].kind, word.senses[0].condition.windows) == (SenseKind.UNIT, frozenset({W1}))


def test_names_that_are_written_together_are_told_apart() -> None:
    assert [word for word, _ in meant("昨天王芳离岗")] == ["王芳", "离岗"]
    assert meant("王芳离岗")[1] == ("离岗", ["alert_kind", "text"])


def test_a_number_is_left_to_the_store() -> None:
    (word,) = asked("a012").words
    assert word.may_be_a_number
    assert word.typed == "a012"
    assert asked("SN-2026x").words[0].typed == "SN-2026x"


def test_more_words_than_are_taken_are_named() -> None:
    known = asked(" ".join(f"word{number}" for number in range(MOST_WORDS + 2)))
    assert known.left_out == (f"word{MOST_WORDS}", f"word{MOST_WORDS + 1}")


def fitted(kind: ResultKind, text: str, base: Condition | None = None) -> list[Condition]:
    return conditions(kind, asked(text).words, base or Condition())


def test_all_words_have_to_be_fitted_together() -> None:
    (condition,) = fitted(ResultKind.TRANSACTION, "wang 3号窗口 passport")
    assert condition.windows == frozenset({W3})
    assert condition.items == frozenset({"passport"})
    assert condition.staff is not None
    assert len(condition.staff) == 2
    assert fitted(ResultKind.TRANSACTION, "王芳 黄芳") == [], "nobody is both"
    assert fitted(ResultKind.TRANSACTION, "3号窗口 1号窗口") == []


def test_each_kind_of_result_is_found_by_what_it_has() -> None:
    assert fitted(ResultKind.TRANSACTION, "离岗 3号窗口") == []
    (alert,) = [one for one in fitted(ResultKind.ALERT, "离岗 3号窗口") if not one.words]
    assert (alert.kinds, alert.windows) == (frozenset({AlertKind.ABSENCE}), frozenset({W3}))
    assert fitted(ResultKind.TICKET, "王芳") == [], "who was never served was served by nobody"
    assert fitted(ResultKind.TRANSACTION, "", Condition()) == [Condition()]


def test_a_filter_has_to_be_fitted_by_every_kind() -> None:
    of_window = Condition(windows=frozenset({W1}))
    assert fitted(ResultKind.TRANSACTION, "3号窗口", of_window) == []
    assert fitted(ResultKind.CASE, "", Condition(kinds=frozenset({AlertKind.ABSENCE}))) == []


def test_a_number_that_may_be_two_things_finds_either() -> None:
    numbers, serials = Condition(numbers=frozenset({"A1"})), Condition(serials=frozenset({"A1"}))
    word = Word("a1", (Sense(SenseKind.TICKET, numbers), Sense(SenseKind.SERIAL, serials)), "A1")
    assert conditions(ResultKind.TRANSACTION, [word], Condition()) == [numbers, serials]
    assert conditions(ResultKind.TICKET, [word], Condition()) == [numbers]
    assert conditions(ResultKind.CASE, [word], Condition()) == [serials]


def test_chinese_is_found_within_a_sentence() -> None:
    assert words_of("设备故障") <= words_of("昨天下午设备故障，已报修")
    assert not words_of("设备故障") <= words_of("设备正常，无故障")
    assert words_of("The PRINTER was broken: A-012") == {"the", "printer", "was", "broken", "a-012"}
    assert words_of("王") == frozenset()
