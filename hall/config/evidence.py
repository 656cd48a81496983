"""How evidence packages are made."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from hall.place import Strict


class EvidenceSettings(Strict):
    """Without a `time_stamp_server` packages carry the time of this machine's own clock alone."""

    time_stamp_server: str | None = None
    """HTTP or HTTPS address of a time-stamping authority (RFC 3161)."""
    time_stamp_seconds: Annotated[float, Field(gt=0, le=60)] = 10
    """How long its answer is waited for."""

    @field_validator("time_stamp_server")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError as error:
            raise ValueError("is not an address") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address as https://host/path")
        return value
