"""Passwords in the addresses of cameras: where one stands, and the place that stands for one kept encrypted.

`${secret:password}` in an address names a secret that the store keeps for this camera, as `${NAME}` names a
variable of the environment. Pure; the store seals and opens (store.camera_secrets).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from hall.secrets import PLACE

STORED: Final = re.compile(r"\$\{secret:([a-z][a-z0-9-]{0,30})\}")
USER_PASSWORD: Final = "password"
"""What stands between the user and the `@`."""
PARAMETER: Final = "parameter"
"""What follows `password=` or the like in the path or the query."""
OF_SUBSTREAM: Final = "substream-"
"""Begins the names of a sub-stream's secrets: that may be a stream of another device."""

MARK: Final = "•••"
"""Stands for a kept password in what people see; no address holds it by itself."""

_PARAMETER = re.compile(r"(?i)(?:^|[?&;/_])(?:password|passwd|pass|pwd)=([^&;/?#]*?)(?=_[a-z]+=|[&;/?#]|\Z)")
"""Cameras take the password as `?pwd=…&…`, and as `/user=…_password=…_channel=1`."""


@dataclass(frozen=True, slots=True)
class LiteralPassword:
    """A password that stands readable in an address, at `start` to `end`; `text` is not percent-encoded."""

    name: str
    start: int
    end: int
    text: str


def place(name: str) -> str:
    """What stands in an address for the stored secret of this name."""
    return f"${{secret:{name}}}"


def literal_passwords(url: str, prefix: str = "") -> tuple[LiteralPassword, ...]:
    """Every password that stands readable in an address, in the order in which they stand.

    What holds a place, `${NAME}` or `${secret:…}`, is none. `prefix` begins the names.
    """
    scheme_end = url.find("://")
    if scheme_end < 0:
        return ()
    begin = scheme_end + 3
    end = min((at for at in (url.find(mark, begin) for mark in "/?#") if at >= 0), default=len(url))
    spans = []
    at = url.rfind("@", begin, end)
    colon = url.find(":", begin, at) if at >= 0 else -1
    if colon >= 0:
        spans.append((USER_PASSWORD, colon + 1, at))
    spans += [
        (PARAMETER, end + match.start(1), end + match.end(1)) for match in _PARAMETER.finditer(url[end:])
    ]
    found: dict[str, LiteralPassword] = {}
    for name, start, stop in spans:
        written = url[start:stop]
        if written and not PLACE.search(written) and not STORED.search(written):
            found.setdefault(name, LiteralPassword(prefix + name, start, stop, unquote(written)))
    return tuple(found.values())


def with_places(url: str, prefix: str = "") -> str:
    """The address with a place for every password that stood readable in it."""
    for literal in reversed(literal_passwords(url, prefix)):
        url = url[: literal.start] + place(literal.name) + url[literal.end :]
    return url


def places_in(url: str) -> tuple[str, ...]:
    """The names of the stored secrets that an address needs, each once."""
    return tuple(dict.fromkeys(STORED.findall(url)))


def with_stored(url: str, secret: Callable[[str], str]) -> str:
    """The address with every stored secret filled in by its name, percent-encoded: it holds no place then."""
    return STORED.sub(lambda match: quote(secret(match.group(1)), safe=""), url)


def host_of(url: str) -> str:
    """Where an address leads, in lower case; empty when it names no host."""
    try:
        return urlsplit(STORED.sub("x", PLACE.sub("x", url))).hostname or ""
    except ValueError:
        return ""
