"""Secrets of notifiers: read when they are needed, from the environment or a file, and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hall import secrets
from hall.config.notifiers import Signed
from hall.errors import NotifyError


def filled_in(text: str, environment: Mapping[str, str]) -> str:
    """The text with every `${NAME}` replaced. Raises NotifyError, which names what is not set.

    A variable that is set to nothing counts as not set: nobody means to sign with an empty secret.
    """
    given = {name: value for name, value in environment.items() if value}
    return secrets.filled_in(text, given, _not_set)


def _not_set(words: str) -> NotifyError:
    return NotifyError(
        words, words.replace(" is not set in the environment", " 未在环境变量中设置"), permanent=False
    )


def read_file(path: Path) -> str:
    """The content of a secret's file, without white space around it. Raises NotifyError."""
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotifyError(
            f"the secret's file cannot be read: {type(error).__name__}",
            f"无法读取密钥文件：{type(error).__name__}",
            permanent=False,
        ) from error
    if not secret:
        raise NotifyError("the secret's file is empty", "密钥文件为空", permanent=False)
    return secret


def secret_of(settings: Signed, environment: Mapping[str, str]) -> str | None:
    """The secret that both sides know, or None when there is none. Raises NotifyError."""
    return named_or_read(settings.secret, settings.secret_file, environment)


def named_or_read(name: str | None, path: Path | None, environment: Mapping[str, str]) -> str | None:
    """A secret out of the variable `name` (`${NAME}`), or out of a file; None with neither."""
    if name is not None:
        return filled_in(name, environment)
    return read_file(path) if path is not None else None
