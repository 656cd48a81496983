"""Sends text messages through any gateway that is called over HTTP; hall.yaml spells the call out."""

from __future__ import annotations

import os
from collections.abc import Mapping

from alerts.notifiers.calls import make
from alerts.notifiers.messages import Message
from alerts.notifiers.posting import Answer, Way
from alerts.notifiers.recipients import Recipients
from hall.config.notifiers import SmsSettings
from hall.errors import NotifyError
from hall.pulse import renew

LONGEST = 300
"""Characters of a text message: five parts, as gateways count Chinese ones."""


class Sms:
    """Carries messages to some numbers."""

    def __init__(self, settings: SmsSettings, environment: Mapping[str, str] = os.environ) -> None:
        self._settings = settings
        self._environment = environment
        self._recipients = Recipients(settings.phones)

    def send(self, message: Message) -> None:
        """Send once; each call ends within `timeout_seconds`. Raises NotifyError."""
        values = {**message.values, "text": message.fitting(LONGEST), "heading": message.heading}
        if self._settings.is_one_by_one:
            self._recipients.tell(message.key, lambda left: self._one_by_one(left, values))
        else:
            self._call({**values, "phones": ",".join(self._settings.phones)})

    def _one_by_one(self, numbers: list[str], values: Mapping[str, str]) -> dict[str, NotifyError]:
        failures: dict[str, NotifyError] = {}
        for number in numbers:
            renew()  # a call each, and each within its own limit
            try:
                self._call({**values, "phone": number, "phones": number})
            except NotifyError as error:
                failures[number] = error
        return failures

    def _call(self, values: Mapping[str, str]) -> None:
        settings = self._settings
        way = Way.of(settings, self._environment)
        self._judge(make(settings, values, self._environment, way, settings.encoding))

    def _judge(self, answer: Answer) -> None:
        answer.raise_unless_taken()
        told = "".join(answer.body.decode(self._settings.encoding, errors="replace").split())
        if any("".join(words.split()) in told for words in self._settings.later):
            raise NotifyError("the gateway cannot take more now", "短信网关暂时无法接收", permanent=False)
        expected = self._settings.expects
        if expected is not None and "".join(expected.split()) not in told:
            if not answer.is_whole:
                raise NotifyError("the gateway's answer broke off", "短信网关的应答不完整", permanent=False)
            raise NotifyError(
                "the gateway's answer does not hold what `expects` says",
                "短信网关的应答不含 `expects` 所写内容，消息未被接受",
                permanent=True,
            )
