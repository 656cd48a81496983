"""Who is told about alerts: the notifiers of hall.yaml, one model a kind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from hall.finding import Severity
from hall.names import NotifierId
from hall.place import Slug, Strict

REFERENCE = r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"
"""A secret is named, never written down: the configuration is stored and can be exported."""


def _http_address(value: str) -> str:
    if any(character.isspace() or not character.isprintable() for character in value):
        raise ValueError("an address holds no blanks")
    try:
        parts = urlsplit(value)
        known = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError as error:
        raise ValueError("is not an address") from error
    if not known:
        raise ValueError("write an address that begins with http:// or https:// and a host")
    if "@" in parts.netloc:
        raise ValueError("an address holds no user or password; the receiver checks the signature")
    return value


class NotifierBase(Strict):
    """What every notifier has: an id, under which is stored how far it has been told, and its severities."""

    id: Annotated[NotifierId, Slug]
    severities: Annotated[tuple[Severity, ...], Field(min_length=1)] = tuple(Severity)


class WebhookSettings(NotifierBase):
    """Posts each flip as signed JSON. `url` may hold `${NAME}`, `secret` is one, read when it is needed."""

    kind: Literal["webhook"]
    url: Annotated[str, Field(min_length=1, max_length=2048), AfterValidator(_http_address)]
    secret: Annotated[str, Field(pattern=REFERENCE)] | None = None
    secret_file: Path | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10


class ForeignNotifierSettings(NotifierBase):
    """A notifier of another package: `plugin` names its entry point in the group `hallwatch.notifiers`.

    The values of `options` may hold `${NAME}`.
    """

    kind: Literal["foreign"]
    plugin: Annotated[str, Field(min_length=1, max_length=63)]
    options: dict[str, str] = Field(default_factory=dict)


NotifierSettings = Annotated[WebhookSettings | ForeignNotifierSettings, Field(discriminator="kind")]
