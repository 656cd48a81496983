"""Group robots of WeCom, DingTalk, Feishu: they answer 200 to everything, and mean what a code says."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from alerts.notifiers.posting import Answer, Way, ask
from hall.config.notifiers import Reached
from hall.errors import NotifyError


@dataclass(frozen=True, slots=True)
class Codes:
    """What the codes of one kind of robot mean.

    `member` of the answer holds the code, 0 when the message was taken. `later`: too much at once, or busy.
    `settings`: token, signature, keyword, address or robot are not as they should be, and setting that right
    delivers what waited. Any other code refuses this message for good.
    """

    member: str
    later: Collection[int]
    settings: Collection[int]

    def judge(self, answer: Answer) -> None:
        """Raises NotifyError unless the message was taken."""
        answer.raise_unless_taken()
        code = self._code(answer)
        if code in self.later:
            raise NotifyError(
                f"the robot cannot take more now (code {code})",
                f"机器人暂时无法接收（代码 {code}）",
                permanent=False,
            )
        if code in self.settings:
            raise NotifyError(
                f"the robot refuses token, signature, keyword or address (code {code})",
                f"机器人不接受令牌、签名、关键词或来源地址（代码 {code}）",
                permanent=False,
            )
        if code != 0:
            raise NotifyError(
                f"the robot refused the message (code {code})", f"机器人拒收（代码 {code}）", permanent=True
            )

    def _code(self, answer: Answer) -> int:
        try:
            told = json.loads(answer.body)
        except (ValueError, RecursionError):  # the latter: thousands of brackets
            told = None
        code = told.get(self.member) if isinstance(told, dict) else None
        if not isinstance(code, int):
            # A proxy's or a portal's page, for instance: nobody has read the message.
            raise NotifyError("the answer is not that of a robot", "应答不是机器人的应答", permanent=False)
        return code


def post(
    url: str, content: Mapping[str, object], settings: Reached, environment: Mapping[str, str]
) -> Answer:
    """Post JSON to a robot. Raises NotifyError when there is no answer."""
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return ask("POST", url, body, headers, Way.of(settings, environment))


def size(text: str) -> int:
    """Bytes of a text, which is how robots measure it."""
    return len(text.encode())
