"""Calls that hall.yaml spells out: text messages by any gateway, lights and loudspeakers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.notifiers.messages import Writer
from alerts.notifiers.messenger import Messenger
from alerts.notifiers.signal.notifier import Signal
from alerts.notifiers.sms.notifier import LONGEST, Sms
from hall.config.notifiers import SignalSettings, SmsSettings
from hall.errors import NotifyError, StoreBusy
from hall.finding import Alert, AlertStatus, Flip, Reason, Severity
from hall.names import HallId, NotifierId
from hall.testing_notifiers import a_flip
from tests.receiver import WebReceiver, receiving
from tests.unit.alerts.small_hall import TEN, configuration

NASTY = '3号"窗口"&<b>%\'{phone}${SECRET}'
SECRET = 'a "secret" & more'
ENVIRONMENT = {"SECRET": SECRET, "LINES": "one\ntwo"}


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receiving() as receiver:
        yield receiver


def nasty() -> tuple[Alert, Flip]:
    alert, flip = a_flip()
    return alert, replace(flip, reason=Reason("x", {}, NASTY, NASTY))


def sms(url: str, **members: object) -> Messenger:
    given = {"id": "duty", "kind": "sms", "url": url, "phones": ["13800000001", "13800000002"], **members}
    settings = SmsSettings.model_validate(given)
    return Messenger(NotifierId("duty"), Writer(configuration(), settings), Sms(settings, ENVIRONMENT))


def refusal(notifier: Messenger | Signal) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        notifier.notify(*a_flip())
    return caught.value


def test_json_holds_whatever_a_text_holds(web: WebReceiver) -> None:
    body = (
        '{"to": "{phones}", "text": "{reason}", "key": "${SECRET}", "more": {"alert": "{alert}.{revision}"}}'
    )
    sms(f"{web.address}/takes", body=body).notify(*nasty())
    (message,) = web.taken
    assert message.content == {
        "to": "13800000001,13800000002",
        "text": NASTY,
        "key": SECRET,
        "more": {"alert": "alert-1.1"},
    }
    assert message.headers["content-type"] == "application/json; charset=utf-8"


def test_a_form_in_gbk_holds_whatever_a_text_holds(web: WebReceiver) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=gbk"}
    body = "to={phones}&text={reason}&key=${SECRET}"
    sms(f"{web.address}/takes", body=body, headers=headers, encoding="gbk").notify(*nasty())
    fields = parse_qs(web.taken[0].body.decode("ascii"), encoding="gbk")
    assert fields == {"to": ["13800000001,13800000002"], "text": [NASTY], "key": [SECRET]}


def test_xml_holds_whatever_a_text_holds(web: WebReceiver) -> None:
    body = '<send to="{phones}"><text>{reason}</text></send>'
    sms(f"{web.address}/takes", body=body, headers={"Content-Type": "text/xml"}).notify(*nasty())
    text = web.taken[0].body.decode()
    assert "&lt;b&gt;" in text
    assert "<b>" not in text


def test_an_address_holds_whatever_a_text_holds_and_headers_name_secrets(web: WebReceiver) -> None:
    url = f"{web.address}/takes?to={{phones}}&text={{reason}}&key=${{SECRET}}"
    sms(url, method="GET", headers={"X-Kind": "${SECRET}"}).notify(*nasty())
    (message,) = web.taken
    assert message.method == "GET"
    assert message.body == b""
    query = parse_qs(urlsplit(message.path).query)
    assert query == {"to": ["13800000001,13800000002"], "text": [NASTY], "key": [SECRET]}
    assert message.headers["x-kind"] == SECRET


def test_a_secret_of_two_lines_goes_into_no_header(web: WebReceiver) -> None:
    error = refusal(sms(f"{web.address}/takes?to={{phones}}", headers={"Authorization": "${LINES}"}))
    assert not error.permanent
    assert web.asked == []


def test_a_secret_that_is_not_set_sends_nothing_and_loses_nothing(web: WebReceiver) -> None:
    error = refusal(sms(f"{web.address}/takes?to={{phones}}&key=${{NONE}}"))
    assert not error.permanent
    assert "NONE" in str(error)
    assert web.asked == []


ANSWERS = [
    ('{"code": 0, "msg": "ok"}', None),
    ('{ "code" : 0 }', None),
    ('{"code": 12}', True),
    ('{"code": 8, "msg": "too fast"}', False),
    ("", True),
]


@pytest.mark.parametrize(("words", "permanent"), ANSWERS)
def test_what_the_gateway_says_counts_more_than_that_it_says_200(
    web: WebReceiver, words: str, permanent: bool | None
) -> None:
    web.words = words
    notifier = sms(f"{web.address}/says?to={{phones}}", expects='"code":0', later=['"code":8'])
    if permanent is None:
        notifier.notify(*a_flip())
    else:
        assert refusal(notifier).permanent is permanent


def test_a_text_message_is_no_longer_than_gateways_take(web: WebReceiver) -> None:
    alert, flip = a_flip()
    long = replace(flip, reason=Reason("x", {}, "长" * 900, "x"))
    sms(f"{web.address}/takes", body='{"to": "{phones}", "text": "{text}"}').notify(alert, long)
    assert len(web.taken[0].content["text"]) <= LONGEST


def test_who_has_the_message_is_not_told_again_when_another_number_fails(web: WebReceiver) -> None:
    paths = {"13800000001": "/takes", "13800000002": "/answers/503", "13800000003": "/answers/404"}
    settings = SmsSettings.model_validate(
        {"id": "duty", "kind": "sms", "url": f"{web.address}/{{phone}}", "phones": list(paths)}
    )
    channel = Numbers(settings, paths)
    message = Writer(configuration(), settings).flip(*a_flip())
    with pytest.raises(NotifyError, match="recipient 2 of 3") as caught:
        channel.send(message)
    assert not caught.value.permanent
    assert "第 2 个收件人" in caught.value.zh
    paths["13800000002"] = "/takes"
    with pytest.raises(NotifyError, match="recipient 3 of 3") as caught:
        channel.send(message)
    assert caught.value.permanent
    assert channel.called == ["13800000001", "13800000002", "13800000003", "13800000002"]


class Numbers(Sms):
    """A gateway's sender whose address depends on the number."""

    def __init__(self, settings: SmsSettings, paths: dict[str, str]) -> None:
        super().__init__(settings, ENVIRONMENT)
        self.base = settings.url.partition("/{phone}")[0]
        self.paths = paths
        self.called: list[str] = []

    def _call(self, values: object) -> None:
        assert isinstance(values, dict)
        self.called.append(values["phone"])
        url = f"{self.base}{self.paths[values['phone']]}?to={{phone}}"
        Sms(self._settings.model_copy(update={"url": url}), ENVIRONMENT)._call(values)


class Hall:
    """Which alerts stand, as a light and a loudspeaker see it."""

    def __init__(self, web: WebReceiver, **members: object) -> None:
        levels = ("attention", "warning", "serious", "clear")
        calls = {
            level: {"url": f"{web.address}/takes/{level}?of={{alert}}", "method": "PUT"} for level in levels
        }
        given = {"id": "light", "kind": "signal", "calls": calls, **members}
        self.settings = SignalSettings.model_validate(given)
        self.web = web
        self.alerts: dict[str, Alert] = {}
        self.busy = False
        self.light = self.device()

    def device(self) -> Signal:
        return Signal(self.settings, Writer(configuration(), self.settings), self.standing, ENVIRONMENT)

    def standing(self) -> Sequence[Alert]:
        if self.busy:
            raise StoreBusy("locked")
        return list(self.alerts.values())

    def flip(self, number: int, after: AlertStatus, severity: Severity = Severity.WARNING) -> None:
        """What happened is stored first, then told."""
        alert, flip = a_flip(number)
        alert = replace(alert, status=after, severity=severity)
        before = self.alerts[alert.id].status if alert.id in self.alerts else None
        if after in (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED):
            self.alerts[alert.id] = alert
        else:
            del self.alerts[alert.id]
        self.light.notify(alert, replace(flip, before=before, after=after, severity=severity))

    @property
    def shown(self) -> list[str]:
        return [message.path.removeprefix("/takes/").partition("?")[0] for message in self.web.taken]


def test_a_light_shows_the_most_serious_open_alert_and_goes_out_with_the_last(web: WebReceiver) -> None:
    hall = Hall(web)
    hall.flip(1, AlertStatus.OPEN, Severity.WARNING)
    hall.flip(2, AlertStatus.OPEN, Severity.SERIOUS)
    hall.flip(3, AlertStatus.OPEN, Severity.ATTENTION)
    hall.flip(2, AlertStatus.ACKNOWLEDGED, Severity.SERIOUS)
    hall.flip(1, AlertStatus.RESOLVED, Severity.WARNING)
    hall.flip(2, AlertStatus.RESOLVED, Severity.SERIOUS)
    hall.flip(3, AlertStatus.DISMISSED, Severity.ATTENTION)
    assert hall.shown == ["warning", "serious", "warning", "attention", "clear"]
    assert {message.method for message in web.taken} == {"PUT"}


def test_a_light_that_begins_anew_shows_what_stands_and_not_what_was(web: WebReceiver) -> None:
    hall = Hall(web)
    hall.flip(1, AlertStatus.OPEN, Severity.SERIOUS)
    hall.light = hall.device()
    alert, flip = a_flip(9)
    hall.light.notify(alert, flip)
    assert hall.shown == ["serious", "serious"]
    hall.flip(1, AlertStatus.RESOLVED, Severity.SERIOUS)
    assert hall.shown[-1] == "clear"


def test_a_light_heeds_only_what_its_notifier_hears_of(web: WebReceiver) -> None:
    hall = Hall(web, halls=["hall"], severities=["serious"])
    elsewhere, _ = a_flip(5)
    subject = replace(elsewhere.subject, hall=HallId("other"))
    hall.alerts["elsewhere"] = replace(elsewhere, subject=subject, severity=Severity.SERIOUS)
    hall.flip(1, AlertStatus.OPEN, Severity.WARNING)
    assert hall.shown == ["clear"]


def test_a_call_that_failed_is_made_again(web: WebReceiver) -> None:
    hall = Hall(web, calls={"warning": {"url": f"{web.address}/answers/503"}})
    for _ in range(2):
        with pytest.raises(NotifyError) as caught:
            hall.flip(1, AlertStatus.OPEN)
        assert not caught.value.permanent
    assert web.asked == ["/answers/503", "/answers/503"]


def test_a_store_that_is_busy_loses_no_signal(web: WebReceiver) -> None:
    hall = Hall(web)
    hall.busy = True
    with pytest.raises(NotifyError) as caught:
        hall.flip(1, AlertStatus.OPEN)
    assert not caught.value.permanent
    assert web.asked == []


def test_a_loudspeaker_says_each_new_alert_once_and_none_that_is_over(web: WebReceiver) -> None:
    hall = Hall(web, shows="new")
    hall.flip(1, AlertStatus.OPEN, Severity.SERIOUS)
    hall.flip(2, AlertStatus.OPEN, Severity.ATTENTION)
    hall.flip(1, AlertStatus.ACKNOWLEDGED, Severity.SERIOUS)
    hall.flip(1, AlertStatus.RESOLVED, Severity.SERIOUS)
    over, flip = a_flip(7)
    hall.light.notify(over, flip)
    assert hall.shown == ["serious", "attention"]


def test_a_level_without_a_call_does_nothing(web: WebReceiver) -> None:
    hall = Hall(web, shows="new", calls={"serious": {"url": f"{web.address}/takes/serious"}})
    hall.flip(1, AlertStatus.OPEN, Severity.WARNING)
    assert web.asked == []
    hall.flip(2, AlertStatus.OPEN, Severity.SERIOUS)
    assert hall.shown == ["serious"]


def test_a_light_that_was_tried_out_shows_again_what_stands(web: WebReceiver) -> None:
    hall = Hall(web)
    hall.flip(1, AlertStatus.OPEN, Severity.WARNING)
    hall.light.try_out(TEN)
    assert hall.shown == ["warning", "serious", "warning"]


def test_a_call_can_say_what_it_is_about(web: WebReceiver) -> None:
    body = '{"say": "{severity}，{kind}，{subject}", "level": 3}'
    calls = {"warning": {"url": f"{web.address}/takes/warning", "body": body}}
    Hall(web, shows="new", calls=calls).flip(1, AlertStatus.OPEN)
    assert json.loads(web.taken[0].body) == {"say": "预警，离岗，w03号窗口", "level": 3}
