"""Secrets of notifiers: read when they are needed, from the environment or a file, and never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from hall.errors import NotifyError

PLACE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def filled_in(text: str, environment: Mapping[str, str]) -> str:
    """The text with every `${NAME}` replaced. Raises NotifyError, which names what is not set."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if not environment.get(name):
            raise NotifyError(f"${{{name}}} is not set in the environment", permanent=False)
        return environment[name]

    return PLACE.sub(value, text)


def read_file(path: Path) -> str:
    """The content of a secret's file, without white space around it. Raises NotifyError."""
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotifyError(
            f"the secret's file cannot be read: {type(error).__name__}", permanent=False
        ) from error
    if not secret:
        raise NotifyError("the secret's file is empty", permanent=False)
    return secret
