"""Switches a light or sounds a loudspeaker over HTTP.

A light shows what stands *now*, whichever flip is being told: after an outage it does not play the past back,
and it goes out only when the last alert is gone. A loudspeaker says each new alert once, unless that alert is
over already.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from alerts.notifiers.calls import make
from alerts.notifiers.messages import Writer
from alerts.notifiers.posting import Way
from alerts.notifiers.terms import SEVERITY_ORDER
from hall.config.notifiers import SignalLevel, SignalSettings
from hall.errors import NotifyError, StoreError
from hall.finding import Alert, AlertStatus, Flip

Standing = Callable[[], Sequence[Alert]]
"""The alerts that are open or acknowledged, of all halls. Raises StoreError."""
WEIGHT = (SignalLevel.CLEAR, *(SignalLevel(severity.value) for severity in SEVERITY_ORDER))
"""From what weighs least to what weighs most."""


class Signal:
    """Tells one device."""

    def __init__(
        self,
        settings: SignalSettings,
        writer: Writer,
        standing: Standing,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._settings = settings
        self._writer = writer
        self._standing = standing
        self._environment = environment
        self._shown: SignalLevel | None = None

    def notify(self, alert: Alert, flip: Flip) -> None:
        """Make the call that fits, if there is one, within `timeout_seconds`. Raises NotifyError."""
        open_now = self._open()
        if self._settings.shows == "new":
            begins = flip.after is AlertStatus.OPEN and flip.before is not AlertStatus.OPEN
            if begins and any(one.id == alert.id for one in open_now):
                self._call(SignalLevel(flip.severity.value), alert, flip)
            return
        wanted = _level(open_now)
        if wanted is not self._shown:
            self._call(wanted, alert, flip)
            self._shown = wanted

    def try_out(self, at: datetime) -> None:
        """Make the call of the most serious level that has one; a light then shows again what stands."""
        level = max(self._settings.calls, key=WEIGHT.index)
        values = {**self._writer.trial(self._settings.id, at).values, "severity": level.value}
        self._make(level, values)
        self._shown = level
        if self._settings.shows == "standing":
            standing = _level(self._open())
            self._make(standing, values)
            self._shown = standing

    def _open(self) -> list[Alert]:
        """The open alerts of those that this notifier hears of."""
        try:
            standing = self._standing()
        except StoreError as error:
            raise NotifyError(
                f"what stands cannot be read: {type(error).__name__}",
                f"无法读取当前告警：{type(error).__name__}",
                permanent=False,
            ) from error
        return [
            one
            for one in standing
            if one.status is AlertStatus.OPEN and self._settings.concerns(one, one.severity)
        ]

    def _call(self, level: SignalLevel, alert: Alert, flip: Flip) -> None:
        message = self._writer.flip(alert, flip)
        self._make(level, {**message.values, "text": message.text, "heading": message.heading})

    def _make(self, level: SignalLevel, values: Mapping[str, str]) -> None:
        call = self._settings.calls.get(level)
        if call is not None:
            way = Way.of(self._settings, self._environment)
            make(call, values, self._environment, way).raise_unless_taken()


def _level(alerts: Sequence[Alert]) -> SignalLevel:
    """What a light shows for these alerts."""
    levels = [SignalLevel(alert.severity.value) for alert in alerts]
    return max(levels, key=WEIGHT.index, default=SignalLevel.CLEAR)
