"""Headers of HTTP requests as they may stand in hall.yaml: a secret is named there, never written down."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

HARMLESS_HEADERS = frozenset({"accept", "accept-language", "content-type", "user-agent", "x-requested-with"})
"""Any other header may be a secret, and a secret is named, never written down."""


def _named_secrets(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not name.isascii() or not name.replace("-", "").isalnum():
            raise ValueError(f"'{name}' is no name of a header")
        if any(ord(character) < 32 for character in value):
            raise ValueError(f"the header '{name}' holds a control character")
        if name.lower() not in HARMLESS_HEADERS and "${" not in value:
            raise ValueError(f"write the value of '{name}' as ${{NAME}} and set NAME in the environment")
    return headers


Headers = Annotated[dict[str, str], AfterValidator(_named_secrets)]
