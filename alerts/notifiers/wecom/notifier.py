"""Posts text messages to a group robot of WeCom 企业微信, or of a gateway that speaks as it does."""

from __future__ import annotations

import os
from collections.abc import Mapping

from alerts.notifiers import robots
from alerts.notifiers.messages import Message
from alerts.notifiers.secrets import filled_in
from hall.config.notifiers import WecomSettings

LONGEST = 2048
"""Bytes of a text message."""
CODES = robots.Codes(
    member="errcode",
    later=frozenset({-1, 45009, 45033, 50001}),
    settings=frozenset({40014, 60020, 93000, 93004, 93008}),
)
"""From WeCom's list of return codes: busy, over the limit; invalid key, address not trusted, robot gone."""


class Wecom:
    """Carries messages to one group."""

    def __init__(self, settings: WecomSettings, environment: Mapping[str, str] = os.environ) -> None:
        self._settings = settings
        self._environment = environment

    def send(self, message: Message) -> None:
        """Send once, within `timeout_seconds`. Raises NotifyError."""
        text = literal(message.fitting(LONGEST, lambda told: robots.size(literal(told))))
        content = {"msgtype": "text", "text": {"content": text}}
        url = filled_in(self._settings.url, self._environment)
        CODES.judge(robots.post(url, content, self._settings, self._environment))


def literal(text: str) -> str:
    """The text with its angle brackets widened: `<@user>` and `<a>` would be read as markup."""
    return text.replace("<", "＜").replace(">", "＞")
