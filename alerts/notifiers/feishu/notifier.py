"""Posts rich text to a group robot of Feishu 飞书, signed where the robot asks for it.

Rich text comes in pieces that say what they are, so that a name is shown as it is and never read as `<at>`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime

from alerts.notifiers import robots
from alerts.notifiers.messages import Message
from alerts.notifiers.secrets import filled_in, secret_of
from hall.clock import Clock, to_microseconds
from hall.config.notifiers import FeishuSettings, Language

CODES = robots.Codes(
    member="code",
    later=frozenset({2200, 11232, 11233, 11247}),
    settings=frozenset({19001, 19002, 19007, 19021, 19022, 19024}),
)
"""Of Feishu's error codes: busy, too fast; token, signature, address or keyword wrong, robot off."""


class Feishu:
    """Carries messages to one group."""

    def __init__(
        self, settings: FeishuSettings, clock: Clock, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._environment = environment

    def send(self, message: Message) -> None:
        """Send once, within `timeout_seconds`. Raises NotifyError."""
        url = filled_in(self._settings.url, self._environment)
        content = {"msg_type": "post", "content": {"post": self._post(message)}}
        if (secret := secret_of(self._settings, self._environment)) is not None:
            content |= signature(secret, self._clock.now())
        CODES.judge(robots.post(url, content, self._settings, self._environment))

    def _post(self, message: Message) -> dict[str, object]:
        pieces: list[list[dict[str, str]]] = [[{"tag": "text", "text": line}] for line in message.lines]
        if message.link is not None:
            pieces.append([{"tag": "a", "text": message.link, "href": message.link}])
        language = "en_us" if self._settings.language is Language.EN else "zh_cn"
        return {language: {"title": message.heading, "content": pieces}}


def signature(secret: str, at: datetime) -> dict[str, str]:
    """The members that sign a request: HMAC-SHA256 of nothing under the key seconds, line feed, secret."""
    stamp = str(to_microseconds(at) // 1_000_000)
    digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": b64encode(digest).decode()}
