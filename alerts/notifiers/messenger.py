"""A notifier for people: writes each flip as a message, and hands it to the channel that carries it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from alerts.notifiers.messages import Message, Told, Writer
from hall.finding import Alert, Flip
from hall.names import NotifierId


class Channel(Protocol):
    """Carries messages to people."""

    def send(self, message: Message) -> None:
        """Send once. Raises NotifyError."""
        ...


class Messenger:
    """Tells people through one channel. Several flips can be told in one message, and it can be tried out."""

    def __init__(self, notifier: NotifierId, writer: Writer, channel: Channel) -> None:
        self._id = notifier
        self._writer = writer
        self._channel = channel

    def notify(self, alert: Alert, flip: Flip) -> None:
        """Tell one flip. Raises NotifyError."""
        self._channel.send(self._writer.flip(alert, flip))

    def notify_together(self, told: Sequence[Told]) -> None:
        """Tell several flips in one message. Raises NotifyError."""
        self._channel.send(self._writer.digest(told))

    def try_out(self, at: datetime) -> None:
        """Send a message that says that it is a trial. Raises NotifyError."""
        self._channel.send(self._writer.trial(self._id, at))
