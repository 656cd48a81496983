"""A camera's address: secrets come from the environment when it is opened, and are never shown."""

from __future__ import annotations

from collections.abc import Mapping

from hall.errors import SourceMalformed
from hall.secrets import filled_in


def resolve(url: str, environment: Mapping[str, str]) -> str:
    """The URL with its secrets. Raises SourceMalformed for a variable that is not set."""
    return filled_in(url, environment, SourceMalformed)
