"""Notifiers: who is told about flips. The built-in ones, and those that other packages bring.

A notifier of your own is a callable in the entry-point group `hallwatch.notifiers` that takes the
`ForeignNotifierSettings` and returns a `hall.ports.Notifier`; `plugin` in `site.notifiers` names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points

from alerts.notifiers.dingtalk.notifier import Dingtalk
from alerts.notifiers.email.notifier import Email
from alerts.notifiers.feishu.notifier import Feishu
from alerts.notifiers.messages import Writer
from alerts.notifiers.messenger import Channel, Messenger
from alerts.notifiers.signal.notifier import Signal, Standing
from alerts.notifiers.sms.notifier import Sms
from alerts.notifiers.webhook.notifier import Webhook
from alerts.notifiers.wecom.notifier import Wecom
from hall.clock import Clock
from hall.config import Configuration
from hall.config.notifiers import (
    DingtalkSettings,
    EmailSettings,
    FeishuSettings,
    ForeignNotifierSettings,
    NotifierSettings,
    SignalSettings,
    SmsSettings,
    WebhookSettings,
    WecomSettings,
)
from hall.errors import NotifyError
from hall.ports import Notifier

GROUP = "hallwatch.notifiers"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What notifiers need besides their settings: the names of places, the time, and which alerts stand."""

    configuration: Configuration
    clock: Clock
    standing: Standing


def open_notifier(settings: NotifierSettings, surroundings: Surroundings) -> Notifier:
    """The notifier that the configuration describes. Raises NotifyError, never for good: nothing is lost."""
    match settings:
        case WebhookSettings():
            return Webhook(settings)
        case ForeignNotifierSettings():
            return _foreign(settings)
        case SignalSettings():
            writer = Writer(surroundings.configuration, settings)
            return Signal(settings, writer, surroundings.standing)
    writer = Writer(surroundings.configuration, settings)
    return Messenger(settings.id, writer, _channel(settings, surroundings.clock))


Messaging = EmailSettings | WecomSettings | DingtalkSettings | FeishuSettings | SmsSettings


def _channel(settings: Messaging, clock: Clock) -> Channel:
    """What carries messages to people."""
    match settings:
        case EmailSettings():
            return Email(settings)
        case WecomSettings():
            return Wecom(settings)
        case DingtalkSettings():
            return Dingtalk(settings, clock)
        case FeishuSettings():
            return Feishu(settings, clock)
        case SmsSettings():
            return Sms(settings)


def _foreign(settings: ForeignNotifierSettings) -> Notifier:
    installed = {point.name: point for point in entry_points(group=GROUP)}
    if settings.plugin not in installed:
        known = ", ".join(sorted(installed)) or "none"
        raise NotifyError(
            f"there is no plug-in '{settings.plugin}'; installed: {known}",
            f"没有插件“{settings.plugin}”；已安装：{known}",
            permanent=False,
        )
    try:
        notifier: Notifier = installed[settings.plugin].load()(settings)
    except (ImportError, AttributeError) as error:
        raise NotifyError(
            f"plug-in '{settings.plugin}' cannot be loaded: {error}",
            f"无法加载插件“{settings.plugin}”：{error}",
            permanent=False,
        ) from error
    return notifier
