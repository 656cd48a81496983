"""Notifiers: who is told about flips. The built-in ones, and those that other packages bring.

A notifier of your own is a callable in the entry-point group `hallwatch.notifiers` that takes the
`ForeignNotifierSettings` and returns a `hall.ports.Notifier`; `plugin` in `site.notifiers` names it.
"""

from __future__ import annotations

from importlib.metadata import entry_points

from alerts.notifiers.webhook.notifier import Webhook
from hall.config.notifiers import ForeignNotifierSettings, NotifierSettings, WebhookSettings
from hall.errors import NotifyError
from hall.ports import Notifier

GROUP = "hallwatch.notifiers"


def open_notifier(settings: NotifierSettings) -> Notifier:
    """The notifier that the configuration describes. Raises NotifyError, never for good: nothing is lost."""
    match settings:
        case WebhookSettings():
            return Webhook(settings)
        case ForeignNotifierSettings():
            return _foreign(settings)


def _foreign(settings: ForeignNotifierSettings) -> Notifier:
    installed = {point.name: point for point in entry_points(group=GROUP)}
    if settings.plugin not in installed:
        known = ", ".join(sorted(installed)) or "none"
        raise NotifyError(f"there is no plug-in '{settings.plugin}'; installed: {known}", permanent=False)
    try:
        notifier: Notifier = installed[settings.plugin].load()(settings)
    except (ImportError, AttributeError) as error:
        raise NotifyError(
            f"plug-in '{settings.plugin}' cannot be loaded: {error}", permanent=False
        ) from error
    return notifier
