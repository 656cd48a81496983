"""Where copies of the recordings go: the archive of hall.yaml."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from hall.config.notifiers import REFERENCE
from hall.place import Strict


def _endpoint(value: str) -> str:
    try:
        parts = urlsplit(value)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError as error:
        raise ValueError("is not an address") from error
    if not known:
        raise ValueError("write an address that begins with http:// or https:// and a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address holds no user, password or query; keys stand beside it")
    return value.rstrip("/")


def _prefix(value: str) -> str:
    parts = value.strip("/").split("/") if value.strip("/") else []
    if any(part in ("", ".", "..") or not part.isprintable() for part in parts):
        raise ValueError("use names with single slashes between them, for example hall-3/recordings")
    return "/".join(parts)


class ArchiveSettings(Strict):
    """An S3-compatible store that gets a verified copy of every segment.

    `endpoint` is needed for every service but Amazon's own. `access_key` may hold `${NAME}`, `secret_key` is
    one: the configuration is stored and can be exported. `days` bounds how long copies stay there, counted
    from the end of a segment; None: for ever. `wait_seconds` lets young segments rest on the local disk
    before they are copied. `megabits_per_second` bounds what copying sends.
    """

    bucket: Annotated[str, Field(min_length=3, max_length=63, pattern=r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$")]
    endpoint: Annotated[str, Field(min_length=8, max_length=2048), AfterValidator(_endpoint)] | None = None
    region: Annotated[str, Field(min_length=1, max_length=63)] = "us-east-1"
    prefix: Annotated[str, Field(max_length=120), AfterValidator(_prefix)] = ""
    access_key: Annotated[str, Field(min_length=1, max_length=256)]
    secret_key: Annotated[str, Field(pattern=REFERENCE, max_length=256)]
    days: Annotated[float | None, Field(gt=0, le=36_500)] = None
    wait_seconds: Annotated[float, Field(ge=0, le=864_000)] = 0
    megabits_per_second: Annotated[float | None, Field(gt=0, le=100_000)] = None

    @property
    def name(self) -> str:
        """Under which copies are entered: bucket and prefix, so that the service's address may change."""
        return f"{self.bucket}/{self.prefix}"
