"""Group robots: how requests are signed, and what their answers mean."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.notifiers.dingtalk import notifier as dingtalk
from alerts.notifiers.feishu import notifier as feishu
from alerts.notifiers.messages import Writer
from alerts.notifiers.messenger import Channel, Messenger
from alerts.notifiers.wecom import notifier as wecom
from hall.clock import SimulatedClock
from hall.config.notifiers import DingtalkSettings, FeishuSettings, WecomSettings
from hall.errors import NotifyError
from hall.finding import Reason
from hall.names import NotifierId
from hall.testing_notifiers import a_flip
from tests.receiver import WebReceiver, receiving
from tests.unit.alerts.small_hall import TEN, configuration

SECRET = "SECnobody-may-see"
ENVIRONMENT = {"TOKEN": "t0ken", "SECRET": SECRET}
KINDS = ("wecom", "dingtalk", "feishu")


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receiving() as receiver:
        yield receiver


def robot(kind: str, url: str, **members: object) -> Messenger:
    """A robot of a kind at an address."""
    given = {"id": "duty", "kind": kind, "url": f"{url}?key=${{TOKEN}}", "timeout_seconds": 10, **members}
    clock = SimulatedClock(TEN)
    channel: Channel
    settings: WecomSettings | DingtalkSettings | FeishuSettings
    if kind == "wecom":
        settings = WecomSettings.model_validate(given)
        channel = wecom.Wecom(settings, ENVIRONMENT)
    elif kind == "dingtalk":
        settings = DingtalkSettings.model_validate(given)
        channel = dingtalk.Dingtalk(settings, clock, ENVIRONMENT)
    else:
        settings = FeishuSettings.model_validate(given)
        channel = feishu.Feishu(settings, clock, ENVIRONMENT)
    return Messenger(NotifierId("duty"), Writer(configuration(), settings), channel)


def refusal(notifier: Messenger) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        notifier.notify(*a_flip())
    return caught.value


CODES = [
    ("wecom", 45009, False, "cannot take more"),
    ("wecom", -1, False, "cannot take more"),
    ("wecom", 93000, False, "token"),
    ("wecom", 45002, True, "refused"),
    ("dingtalk", 130101, False, "cannot take more"),
    ("dingtalk", 410100, False, "cannot take more"),
    ("dingtalk", 310000, False, "signature"),
    ("dingtalk", 300001, False, "token"),
    ("dingtalk", 430102, True, "refused"),
    ("feishu", 11232, False, "cannot take more"),
    ("feishu", 19021, False, "signature"),
    ("feishu", 19024, False, "keyword"),
    ("feishu", 9499, True, "refused"),
]


@pytest.mark.parametrize(("kind", "code", "permanent", "words"), CODES)
def test_a_code_says_whether_trying_again_or_setting_right_helps(
    web: WebReceiver, kind: str, code: int, permanent: bool, words: str
) -> None:
    error = refusal(robot(kind, f"{web.address}/robot/{code}"))
    assert error.permanent is permanent
    assert words in str(error)
    assert str(code) in str(error)
    assert str(code) in error.zh
    assert web.address not in str(error), "what the robot writes is not repeated"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("page", ["<html>log in first</html>", "[]", '{"errcode": "0", "code": "0"}', ""])
def test_a_page_of_somebody_in_between_is_no_delivery(web: WebReceiver, kind: str, page: str) -> None:
    web.words = page
    error = refusal(robot(kind, f"{web.address}/says"))
    assert not error.permanent
    assert "not that of a robot" in str(error)


def test_dingtalk_signs_milliseconds_and_secret_in_the_address(web: WebReceiver) -> None:
    robot("dingtalk", f"{web.address}/robot/0", secret="${SECRET}").notify(*a_flip())
    query = parse_qs(urlsplit(web.taken[0].path).query)
    stamp = str(int(TEN.timestamp() * 1000))
    expected = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert query == {"key": ["t0ken"], "timestamp": [stamp], "sign": [b64encode(expected).decode()]}


def test_feishu_signs_nothing_under_seconds_and_secret(web: WebReceiver) -> None:
    robot("feishu", f"{web.address}/robot/0", secret="${SECRET}").notify(*a_flip())
    content, stamp = web.taken[0].content, str(int(TEN.timestamp()))
    expected = hmac.new(f"{stamp}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    assert (content["timestamp"], content["sign"]) == (stamp, b64encode(expected).decode())


def test_the_time_of_a_signature_is_that_of_the_request() -> None:
    later = TEN + timedelta(minutes=1)
    assert dingtalk.signature(SECRET, TEN) != dingtalk.signature(SECRET, later)
    assert feishu.signature(SECRET, TEN)["timestamp"] != feishu.signature(SECRET, later)["timestamp"]


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_without_a_secret_nothing_is_signed(web: WebReceiver, kind: str) -> None:
    robot(kind, f"{web.address}/robot/0").notify(*a_flip())
    assert "sign" not in web.taken[0].path
    assert "sign" not in web.taken[0].content


def test_wecom_reads_no_markup_out_of_a_name(web: WebReceiver) -> None:
    alert, flip = a_flip()
    reason = Reason("x", {}, '<@all> <a href="http://evil.example">here</a>', "x")
    robot("wecom", f"{web.address}/robot/0").notify(alert, replace(flip, reason=reason))
    text = web.taken[0].content["text"]["content"]
    assert "<" not in text
    assert "＜@all＞" in text


def test_feishu_says_of_each_piece_that_it_is_text(web: WebReceiver) -> None:
    alert, flip = a_flip()
    reason = Reason("x", {}, '<at user_id="all">all</at>', "x")
    robot("feishu", f"{web.address}/robot/0").notify(alert, replace(flip, reason=reason))
    post = web.taken[0].content["content"]["post"]["zh_cn"]
    pieces = [piece for line in post["content"] for piece in line]
    assert {"tag": "text", "text": '<at user_id="all">all</at>'} in pieces
    assert {piece["tag"] for piece in pieces} == {"text"}


@pytest.mark.parametrize(("kind", "most"), [("wecom", wecom.LONGEST), ("dingtalk", dingtalk.LONGEST)])
def test_a_text_stays_within_the_bytes_that_a_robot_takes(web: WebReceiver, kind: str, most: int) -> None:
    told = []
    for number in range(1, 60):
        alert, flip = a_flip(number)
        told.append((alert, replace(flip, reason=Reason("x", {}, "<长>" * 200, "x"))))
    robot(kind, f"{web.address}/robot/0").notify_together(told)
    text = web.taken[0].content["text"]["content"]
    assert len(text.encode()) <= most
    assert "59" in text


def test_what_is_english_is_told_as_english(web: WebReceiver) -> None:
    robot("feishu", f"{web.address}/robot/0", language="en").notify(*a_flip())
    assert list(web.taken[0].content["content"]["post"]) == ["en_us"]
