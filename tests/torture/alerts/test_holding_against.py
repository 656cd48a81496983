"""The judges of the campaigns notice what they are there to notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hall.alert_life import ended
from hall.config import parse_configuration
from hall.finding import Actor, Alert, AlertKind, Flip, FlipKind
from hall.names import HallId
from hall.testing_notifiers import a_flip
from store import alerting
from tests.mail_server import MailServer
from tests.receiver import WebReceiver
from tests.torture.alerts.alerts_hall import AlertsHall
from tests.torture.alerts.causes import Book, Matter
from tests.torture.alerts.judged import judged
from tests.torture.alerts.told import Told, compare
from tests.torture.recording_hall import new_database
from tests.unit.alerts.small_hall import YAML

ALERT, FOUND = a_flip()
SINCE = ALERT.interval.start
SHORT, LONG = timedelta(seconds=0.5), timedelta(seconds=5)
POST = Matter(AlertKind.ABSENCE, HallId("hall"), "window:w03")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[AlertsHall]:
    database = new_database(f"sqlite:///{tmp_path / 'hall.db'}")
    yield AlertsHall(tmp_path, parse_configuration(YAML), database, "", WebReceiver(""), MailServer())
    database.close()


def absent_for(time: timedelta, told_after: timedelta | None = None) -> Book:
    book = Book()
    book.begins(POST, SINCE)
    book.ends(POST, SINCE + time, SINCE + (told_after or time))
    return book


def find(hall: AlertsHall, alert: Alert = ALERT, *, end: timedelta | None = LONG) -> None:
    with hall.database.write() as tx:
        assert alerting.open_alert(tx, alert, replace(FOUND, alert=alert.id))
        if end is not None:
            over = ended(alert, FOUND.reason, alert.interval.start + end, alert.interval.start + end)
            alerting.change_alert(tx, 1, *over)


def test_an_alert_as_its_cause_calls_for_is_right(hall: AlertsHall) -> None:
    find(hall)
    assert judged(hall, absent_for(LONG)).complaints == []


def test_a_cause_without_an_alert_is_lost(hall: AlertsHall) -> None:
    found = judged(hall, absent_for(LONG))
    assert (len(found.lost), len(found.complaints)) == (1, 1)


def test_an_alert_without_a_cause_is_one_too_many(hall: AlertsHall) -> None:
    find(hall)
    later = SINCE + LONG / 2
    find(hall, replace(ALERT, id=a_flip(2)[0].id, interval=replace(ALERT.interval, start=later)))
    found = judged(hall, absent_for(LONG))
    assert (len(found.doubled), len(found.complaints)) == (1, 1)


@pytest.mark.parametrize("end", [LONG / 2, None], ids=["too early", "never"])
def test_an_alert_that_ends_at_another_moment_than_its_cause_is_wrong(
    hall: AlertsHall, end: timedelta | None
) -> None:
    find(hall, end=end)
    assert judged(hall, absent_for(LONG)).wrong


def test_a_cause_that_was_too_short_may_have_an_alert_only_when_its_end_came_late(hall: AlertsHall) -> None:
    find(hall, end=SHORT)
    assert judged(hall, absent_for(SHORT)).wrong
    assert judged(hall, absent_for(SHORT, told_after=LONG)).complaints == []


def test_what_no_officer_did_and_what_an_officer_did_in_vain_is_wrong(hall: AlertsHall) -> None:
    find(hall)
    book = absent_for(LONG)
    book.acts.add((ALERT.id, 3))
    assert judged(hall, book).wrong == [f"wrong: what an officer did is not there: {(ALERT.id, 3)}"]
    with hall.database.write() as tx:
        alert = alerting.alert(tx, ALERT.id)
        dismissed = replace(FOUND, who="li", actor=Actor.OFFICER, after=alert.status)
        alerting.change_alert(tx, 2, alert, dismissed)
    assert judged(hall, absent_for(LONG)).wrong
    assert judged(hall, book).complaints == []


SECOND = replace(FOUND, revision=2)
ONE, TWO = (ALERT.id, 1), (ALERT.id, 2)


def hearing(*heard: tuple[tuple[str, int], str], flips: tuple[Flip, ...] = (FOUND, SECOND)) -> Told:
    found = Told()
    compare("hook", heard, flips, found)
    return found


def test_what_is_heard_again_in_the_same_words_is_no_fault() -> None:
    found = hearing((ONE, "a"), (ONE, "a"), (TWO, "b"), (ONE, "a"))
    assert (found.complaints, found.repeated) == ([], 2)


def test_what_is_not_heard_in_other_words_or_out_of_order_is_a_fault() -> None:
    assert hearing((ONE, "a")).lost
    assert hearing((ONE, "a"), (TWO, "b"), (ONE, "c")).doubled
    assert hearing((ONE, "a"), (TWO, "b"), ((ALERT.id, 3), "c")).doubled
    assert hearing((TWO, "b"), (ONE, "a")).wrong


def test_a_comment_is_not_to_be_heard() -> None:
    comment = replace(SECOND, kind=FlipKind.COMMENT)
    assert hearing((ONE, "a"), flips=(FOUND, comment)).complaints == []
    assert hearing((ONE, "a"), (TWO, "b"), flips=(FOUND, comment)).doubled
