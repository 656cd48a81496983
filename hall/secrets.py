"""Secrets in addresses: `${NAME}` stands for a variable of the environment, filled in where it is used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from hall.errors import HallwatchError

PLACE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

SHORTEST_PASSWORD = 10
"""Characters that a password of a user has at least."""


def filled_in(url: str, environment: Mapping[str, str], refusal: Callable[[str], HallwatchError]) -> str:
    """The URL with every `${NAME}` replaced from the environment.

    Raises what `refusal` makes of the words that name a variable which is not set.

    A value that stands before the `@` is a user, a password or a token: it is percent-encoded, so that a `/`
    or an `@` in a password does not end it.
    """
    credentials_end = url.rfind("@")

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in environment:
            raise refusal(f"${{{name}}} is not set in the environment")
        secret = environment[name]
        return quote(secret, safe="") if match.end() <= credentials_end else secret

    return PLACE.sub(value, url)
