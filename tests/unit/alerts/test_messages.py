"""What people are told: short, in their language, and nothing in it but what is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.notifiers.messages import MOST_LINES, Writer, one_line
from alerts.notifiers.terms import HAPPENED, KINDS, SEVERITIES, SEVERITY_ORDER
from hall.config import Configuration
from hall.config.notifiers import Language, Written
from hall.finding import Alert, AlertKind, AlertStatus, Flip, FlipKind, Reason, Severity, Subject
from hall.interval import Interval
from hall.names import CameraId, HallId, NotifierId
from hall.testing_notifiers import a_flip
from tests.unit.alerts.small_hall import HALL, TEN, W3, configuration

REASON = Reason(
    "absence.found", {}, "3号窗口自 10:00:00 起无人在岗", "Window 3 has been unattended since 10:00:00"
)


def found(number: int = 1, severity: Severity = Severity.WARNING) -> tuple[Alert, Flip]:
    """An alert about window 3 that opens two minutes after ten o'clock, its cause having begun at ten."""
    alert, flip = a_flip(number)
    at = TEN + timedelta(minutes=2)
    subject = Subject(HALL, window=W3)
    alert = replace(
        alert, subject=subject, severity=severity, interval=Interval(TEN), opened_at=at, reason=REASON
    )
    return alert, replace(flip, at=at, severity=severity, reason=REASON)


def resolved() -> tuple[Alert, Flip]:
    alert, flip = found()
    end = TEN + timedelta(minutes=12, seconds=30)
    alert = replace(alert, status=AlertStatus.RESOLVED, interval=Interval(TEN, end), revision=2)
    flip = replace(
        flip, at=end, before=AlertStatus.OPEN, after=AlertStatus.RESOLVED, revision=2, reason=REASON
    )
    return alert, flip


def linked(address: str | None = "https://console.example") -> Configuration:
    made = configuration()
    console = made.site.console.model_copy(update={"address": address})
    return made.model_copy(update={"site": made.site.model_copy(update={"console": console})})


def writer(language: Language = Language.ZH, prefix: str = "", address: str | None = None) -> Writer:
    return Writer(linked(address), Written(language=language, prefix=prefix))


def test_a_new_alert_in_chinese() -> None:
    message = writer(address="https://console.example").flip(*found())
    assert message.text.splitlines() == [
        "【预警】离岗：鼓楼区政务服务中心 3号窗口",
        "3号窗口自 10:00:00 起无人在岗",
        "自 2026-03-02 10:00:00 起，已 2 分",
        "https://console.example/alerts?alert=alert-1",
    ]


def test_a_new_alert_in_english() -> None:
    message = writer(Language.EN, address="https://console.example/").flip(*found())
    assert message.text.splitlines() == [
        "[Warning] Absence: Gulou service hall, window 3",
        "Window 3 has been unattended since 10:00:00",
        "Since 2026-03-02 10:00:00, 2 min so far",
        "https://console.example/alerts?alert=alert-1",
    ]


def test_what_has_ended_says_from_when_to_when() -> None:
    chinese, english = (writer(language).flip(*resolved()) for language in Language)
    assert chinese.heading == "【已结束】离岗：鼓楼区政务服务中心 3号窗口"
    assert chinese.lines[-1] == "2026-03-02 10:00:00 至 10:12:30，共 12 分 30 秒"
    assert english.heading == "[Ended] Absence: Gulou service hall, window 3"
    assert english.lines[-1] == "2026-03-02 10:00:00 to 10:12:30, 12 min 30 s"


CHANGES = [
    (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED, "【已确认】", "[Acknowledged] "),
    (AlertStatus.OPEN, AlertStatus.DISMISSED, "【误报】", "[Dismissed as false] "),
    (AlertStatus.RESOLVED, AlertStatus.OPEN, "【预警 · 重新打开】", "[Warning · Opened again] "),
    (AlertStatus.OPEN, AlertStatus.OPEN, "【预警 · 更新】", "[Warning · Update] "),
]


@pytest.mark.parametrize(("before", "after", "zh", "en"), CHANGES)
def test_every_change_is_named(before: AlertStatus, after: AlertStatus, zh: str, en: str) -> None:
    alert, flip = found()
    flip = replace(flip, before=before, after=after)
    assert writer().flip(alert, flip).heading.startswith(zh + "离岗")
    assert writer(Language.EN).flip(alert, flip).heading.startswith(en + "Absence")


@pytest.mark.parametrize(
    ("kind", "zh", "en"),
    [
        (FlipKind.ESCALATION, "升级", "Escalated"),
        (FlipKind.REMINDER, "仍未解除", "Still standing"),
        (FlipKind.SNOOZE, "暂缓结束", "Snooze over"),
    ],
)
def test_what_is_told_again_says_why(kind: FlipKind, zh: str, en: str) -> None:
    alert, flip = found()
    flip = replace(flip, before=AlertStatus.OPEN, kind=kind)
    assert writer().flip(alert, flip).heading.startswith(f"【预警 · {zh}】离岗")
    assert writer(Language.EN).flip(alert, flip).heading.startswith(f"[Warning · {en}] Absence")


def test_without_a_console_address_there_is_no_link() -> None:
    message = writer().flip(*found())
    assert message.link is None
    assert "http" not in message.text


def test_the_prefix_stands_before_every_message() -> None:
    told = writer(prefix="【湖滨政务】")
    assert told.flip(*found()).heading.startswith("【湖滨政务】【预警】")
    assert told.digest([found(1), found(2)]).heading.startswith("【湖滨政务】【汇总】")
    assert told.trial(NotifierId("duty"), TEN).heading.startswith("【湖滨政务】【测试】")


def test_the_same_flip_has_the_same_key_and_another_has_another() -> None:
    told = writer()
    assert told.flip(*found(1)).key == told.flip(*found(1)).key
    assert len({told.flip(*found(1)).key, told.flip(*found(2)).key, told.flip(*resolved()).key}) == 3
    together = [[found(1), found(2)], [found(1), found(3)], [found(1), found(2), found(3)]]
    assert len({told.digest(one).key for one in together}) == 3


def test_a_digest_spells_out_what_weighs_most_in_order_and_counts_the_rest() -> None:
    several = [found(number, Severity.ATTENTION) for number in range(1, 12)]
    several[9] = found(10, Severity.SERIOUS)
    several.append(resolved())
    message = writer().digest(several)
    assert message.heading == "【汇总】告警变更 12 条"
    assert message.lines[0] == "新告警 严重 1, 提醒 10；其他变更 1"
    assert message.lines[-1] == f"另有 {12 - MOST_LINES} 条"
    shown = message.lines[1:-1]
    assert len(shown) == MOST_LINES
    assert [line for line in shown if "严重" in line] == ["10:02:00 【严重】3号窗口自 10:00:00 起无人在岗"]
    assert shown[-1].startswith("10:12:30 【已结束】")
    english = writer(Language.EN).digest(several)
    assert english.heading == "[Digest] 12 changes of alerts"
    assert english.lines[0] == "New: Serious 1, Attention 10; Other changes: 1"
    assert english.lines[-1] == f"and {12 - MOST_LINES} more"


def test_nothing_that_is_told_can_end_a_line_or_turn_the_writing_round() -> None:
    alert, flip = found()
    nasty = "a\r\nBcc: x\n\n【严重】\u2028b\u202ec\x00\x1b[31m\u200bd"
    reason = Reason("x", {}, nasty, nasty)
    subject = Subject(HALL, ticket="t", ticket_number="A\n001")
    message = writer().flip(replace(alert, subject=subject), replace(flip, reason=reason))
    assert len(message.text.splitlines()) == 3
    assert message.heading.endswith("票号 A 001")
    assert all(character.isprintable() for line in message.text.split("\n") for character in line)
    assert all("\n" not in value for value in message.values.values())


def test_a_long_line_is_cut_and_says_so() -> None:
    assert one_line("长" * 1000) == "长" * 299 + "…"


def test_a_message_that_must_be_shorter_loses_lines_and_never_its_link() -> None:
    message = writer(address="https://console.example").flip(*found())
    assert message.fitting(10_000) == message.text
    whole = len(message.text)
    assert message.fitting(whole - 1).splitlines() == [message.heading, message.lines[0], message.link]
    short = message.fitting(60)
    assert len(short) <= 60
    assert short.endswith(f"…\n{message.link}")
    in_bytes = message.fitting(80, lambda text: len(text.encode()))
    assert len(in_bytes.encode()) <= 80


def test_what_has_left_the_configuration_is_told_by_its_id() -> None:
    alert, flip = found()
    gone = replace(alert, subject=Subject(HallId("gone"), camera=CameraId("c9")), kind=AlertKind.CAMERA_FAULT)
    message = writer().flip(gone, flip)
    assert message.heading == "【预警】画面异常：gone c9"
    assert "02:00:00" in message.lines[-1], "in UTC: nobody knows the hall's zone any more"


def test_a_camera_and_a_disk_are_told_by_their_names() -> None:
    alert, flip = found()
    camera = replace(alert, subject=Subject(HALL, camera=CameraId("c01")), kind=AlertKind.CAMERA_FAULT)
    disk = replace(alert, subject=Subject(HALL, disk="/recordings"), kind=AlertKind.DISK)
    assert writer().flip(camera, flip).heading.endswith("鼓楼区政务服务中心 东侧")
    assert writer(Language.EN).flip(disk, flip).heading.endswith("Disk: Gulou service hall, /recordings")


def test_everything_that_can_be_found_has_a_name_in_both_languages() -> None:
    assert {kind.value for kind in AlertKind} - set(KINDS) == set()
    assert set(HAPPENED) == set(AlertStatus)
    assert set(SEVERITIES) == set(SEVERITY_ORDER) == set(Severity)
