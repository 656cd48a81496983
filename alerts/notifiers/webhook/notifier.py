"""Posts `{"alert": …, "flip": …}` to an address, signed with a secret that both sides know.

`X-Hallwatch-Signature: sha256=HEX` is the HMAC-SHA256 of the body's bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from datetime import datetime

from alerts.notifiers.posting import Way, ask
from alerts.notifiers.secrets import filled_in, secret_of
from hall.config.notifiers import WebhookSettings
from hall.finding import Alert, Flip
from hall.wire import to_wire

SIGNATURE = "X-Hallwatch-Signature"


def sign(body: bytes, secret: str) -> str:
    """What the signature's header says of a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Webhook:
    """Tells one receiver, another program."""

    def __init__(self, settings: WebhookSettings, environment: Mapping[str, str] = os.environ) -> None:
        """Nothing is read or connected yet; `environment` gives the values of `${NAME}`."""
        self._settings = settings
        self._environment = environment

    def notify(self, alert: Alert, flip: Flip) -> None:
        """Deliver once, within `timeout_seconds`. Raises NotifyError."""
        self._post({"alert": to_wire(alert), "flip": to_wire(flip)})

    def try_out(self, at: datetime) -> None:
        """Post `{"trial": …}` in place of an alert. Raises NotifyError."""
        self._post({"trial": {"notifier": self._settings.id, "at": at.isoformat()}})

    def _post(self, content: Mapping[str, object]) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if (secret := secret_of(self._settings, self._environment)) is not None:
            headers[SIGNATURE] = sign(body, secret)
        url = filled_in(self._settings.url, self._environment)
        ask("POST", url, body, headers, Way.of(self._settings, self._environment)).raise_unless_taken()
