"""The conformance suite for notifiers: what everybody's Notifier must do, built in or foreign.

Derive from it under a name that begins with `Test`, as from those in `hall.testing`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum

from hall.clock import Clock, SystemClock
from hall.errors import NotifyError
from hall.finding import Actor, Alert, AlertKind, AlertStatus, Flip, Reason, Severity, Subject
from hall.interval import Interval
from hall.names import AlertId, HallId, RuleId, WindowId
from hall.ports import DigestNotifier, Notifier, TriedNotifier


class Receiver(StrEnum):
    """How the receiver of a notifier behaves."""

    TAKES = "takes"
    REFUSES = "refuses"
    """Answers that it will never take this message."""
    FAILS = "fails"
    """Answers that it cannot take it now."""
    HANGS = "hangs"
    """Is connected, and does not answer."""
    DRIBBLES = "dribbles"
    """Answers a little at a time, and never to the end."""
    AWAY = "away"
    """Nobody is there."""


def a_flip(number: int = 1) -> tuple[Alert, Flip]:
    """An alert that has just been opened, in words of both languages; `number` tells several apart."""
    at = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    reason = Reason("absence.found", {"window": "w03"}, "3号窗口无人在岗", "Window 3 has been unattended")
    alert = Alert(
        id=AlertId(f"alert-{number}"),
        kind=AlertKind.ABSENCE,
        rule=RuleId("absence"),
        rule_version=1,
        severity=Severity.WARNING,
        status=AlertStatus.OPEN,
        subject=Subject(HallId("hall"), window=WindowId("w03")),
        interval=Interval(at),
        opened_at=at,
        reason=reason,
        revision=1,
    )
    flip = Flip(alert.id, 1, at, None, AlertStatus.OPEN, alert.severity, Actor.EVALUATOR, "alerts", reason)
    return alert, flip


class NotifierSuite(ABC):
    """What a Notifier must do."""

    @abstractmethod
    def notifier(self, receiver: Receiver) -> Notifier:
        """A notifier whose receiver behaves so."""

    @abstractmethod
    def taken(self) -> Sequence[str]:
        """The ids of the alerts in the messages that the receiver took, in the order of arrival."""

    @abstractmethod
    def secrets(self) -> Sequence[str]:
        """What must never be seen in an error: passwords, keys, addresses that hold one."""

    @abstractmethod
    def longest(self) -> float:
        """Within how many seconds `notify` ends, whatever the receiver does."""

    def clock(self) -> Clock:
        """The clock that measures how long it takes."""
        return SystemClock()

    def test_a_flip_is_delivered_once(self) -> None:
        """And has arrived when the call returns."""
        alert, flip = a_flip()
        self.notifier(Receiver.TAKES).notify(alert, flip)
        assert list(self.taken()) == [alert.id]

    def test_flips_arrive_in_the_order_of_the_calls(self) -> None:
        """All of them, through one notifier."""
        notifier, flips = self.notifier(Receiver.TAKES), [a_flip(number) for number in range(1, 4)]
        for alert, flip in flips:
            notifier.notify(alert, flip)
        assert list(self.taken()) == [alert.id for alert, _ in flips]

    def test_what_the_receiver_refuses_is_refused_for_good(self) -> None:
        """It is not sent again, and holds up nothing."""
        assert self._failure(Receiver.REFUSES).permanent

    def test_what_fails_now_may_be_taken_later(self) -> None:
        """Receivers are restarted, too."""
        assert not self._failure(Receiver.FAILS).permanent

    def test_a_receiver_that_is_away_may_come_back(self) -> None:
        """The network is no reason to give up."""
        assert not self._failure(Receiver.AWAY).permanent

    def test_a_receiver_that_hangs_is_given_up_in_time(self) -> None:
        """For now."""
        assert not self._failure(Receiver.HANGS).permanent

    def test_a_receiver_that_answers_bit_by_bit_is_given_up_in_time(self) -> None:
        """The limit is for the whole answer, not for each byte."""
        assert not self._failure(Receiver.DRIBBLES).permanent

    def test_no_error_tells_a_secret(self) -> None:
        """Errors are logged and stored."""
        for receiver in Receiver:
            if receiver is not Receiver.TAKES:
                told = repr(self._failure(receiver))
                assert [secret for secret in self.secrets() if secret in told] == []

    def test_it_can_be_tried_out_without_an_alert(self) -> None:
        """If it can be tried out at all: nothing that arrives names an alert."""
        notifier = self.notifier(Receiver.TAKES)
        if isinstance(notifier, TriedNotifier):
            notifier.try_out(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
            notifier.notify(*a_flip())
            assert [one for one in self.taken() if one.startswith("alert-")] == ["alert-1"]

    def test_a_trial_fails_where_an_alert_would(self) -> None:
        """Else it would prove nothing."""
        notifier = self.notifier(Receiver.REFUSES)
        if isinstance(notifier, TriedNotifier):
            failed = False
            try:
                notifier.try_out(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
            except NotifyError:
                failed = True
            assert failed

    def _failure(self, receiver: Receiver) -> NotifyError:
        alert, flip = a_flip()
        notifier = self.notifier(receiver)
        began = self.clock().monotonic()
        failure: NotifyError | None = None
        try:
            notifier.notify(alert, flip)
        except NotifyError as error:
            failure = error
        assert failure is not None, f"a receiver that {receiver.value} is no delivery"
        assert str(failure)
        assert self.clock().monotonic() - began < self.longest()
        assert list(self.taken()) == []
        return failure


class DigestNotifierSuite(NotifierSuite):
    """What a Notifier must do that can tell several flips in one message."""

    @abstractmethod
    def texts(self) -> Sequence[str]:
        """What people read in the messages that the receiver took, in the order of arrival."""

    def test_several_flips_are_told_in_one_message_that_says_how_many_they_are(self) -> None:
        """More than it spells out: the rest is counted, none is left out silently."""
        self._together(Receiver.TAKES, 40)
        (text,) = self.texts()
        assert "40" in text

    def test_what_is_refused_together_is_refused_for_good(self) -> None:
        """So that the flips are told one by one."""
        failure: NotifyError | None = None
        try:
            self._together(Receiver.REFUSES, 3)
        except NotifyError as error:
            failure = error
        assert failure is not None
        assert failure.permanent

    def test_a_name_cannot_bring_lines_of_its_own(self) -> None:
        """Names and texts come from other systems."""
        alert, flip = a_flip()
        nasty = "3号窗口\r\nBcc: x@example.com\n\u2028【严重】假的\u202e"
        reason = Reason("absence.found", {}, nasty, nasty)
        self.notifier(Receiver.TAKES).notify(replace(alert, reason=reason), replace(flip, reason=reason))
        (text,) = self.texts()
        lines = text.splitlines()
        assert [line for line in lines if line.startswith(("Bcc", "【严重】"))] == []
        assert "\u202e" not in text

    def _together(self, receiver: Receiver, many: int) -> None:
        notifier = self.notifier(receiver)
        assert isinstance(notifier, DigestNotifier)
        notifier.notify_together([a_flip(number) for number in range(1, many + 1)])
