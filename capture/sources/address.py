"""A camera's address: secrets come from the environment when it is opened, and are never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from hall.errors import SourceMalformed

PLACE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def resolve(url: str, environment: Mapping[str, str]) -> str:
    """The URL with every `${NAME}` replaced from the environment.

    A value that stands before the `@` is a user or a password: it is percent-encoded, so that a `/` or an
    `@` in a password does not end it. Raises SourceMalformed for a name that is not set.
    """
    credentials_end = url.rfind("@")

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in environment:
            raise SourceMalformed(f"the address needs ${{{name}}}, which is not set in the environment")
        secret = environment[name]
        return quote(secret, safe="") if match.end() <= credentials_end else secret

    return PLACE.sub(value, url)
