"""Posts text messages to a group robot of DingTalk 钉钉, signed where the robot asks for it."""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote_plus

from alerts.notifiers import robots
from alerts.notifiers.messages import Message
from alerts.notifiers.secrets import filled_in, secret_of
from hall.clock import Clock, to_microseconds
from hall.config.notifiers import DingtalkSettings

LONGEST = 5000
"""Bytes of a text: far below the 20,000 that a request may have, and enough for a telephone."""
CODES = robots.Codes(
    member="errcode",
    later=frozenset({-1, 90018, 130101, 302033, 410100}),
    settings=frozenset({300001, 310000, 400013, 400101, 400102}),
)
"""Of DingTalk's error codes: busy, too fast; token, keyword, signature or address wrong, robot gone."""


class Dingtalk:
    """Carries messages to one group."""

    def __init__(
        self, settings: DingtalkSettings, clock: Clock, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._environment = environment

    def send(self, message: Message) -> None:
        """Send once, within `timeout_seconds`. Raises NotifyError."""
        url = filled_in(self._settings.url, self._environment)
        if (secret := secret_of(self._settings, self._environment)) is not None:
            url += ("&" if "?" in url else "?") + signature(secret, self._clock.now())
        content = {
            "msgtype": "text",
            "text": {"content": message.fitting(LONGEST, robots.size)},
            "at": {"isAtAll": False},
        }
        CODES.judge(robots.post(url, content, self._settings, self._environment))


def signature(secret: str, at: datetime) -> str:
    """The parameters that sign a request: HMAC-SHA256 under the secret of milliseconds, line feed, secret."""
    stamp = str(to_microseconds(at) // 1000)
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"timestamp={stamp}&sign={quote_plus(b64encode(digest))}"
