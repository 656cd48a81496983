"""The Range header of a request for a part of a file (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ONE = re.compile(r"bytes=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*\Z")


class Unsatisfiable(Exception):
    """No byte of the wanted range is in the file."""


def wanted_range(headers: Mapping[str, str], tag: str, size: int) -> tuple[int, int] | None:
    """The half-open range that a request wants of a file of `size` bytes; None: all of it.

    What a server may pass over is passed over: several ranges at once, other units, what cannot be read,
    and any range of another version than `tag`. Raises Unsatisfiable.
    """
    found = _ONE.match(headers.get("range", ""))
    if found is None or headers.get("if-range", tag).strip() != tag:
        return None
    first, last = found.groups()
    if not first:
        if not last:
            return None
        if int(last) == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return int(first), min(size, int(last) + 1) if last else size
