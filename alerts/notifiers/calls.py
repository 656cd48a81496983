"""Calls that hall.yaml spells out: what is filled in is escaped as its place needs it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from alerts.notifiers.messages import one_line
from alerts.notifiers.posting import Answer, Way, ask
from alerts.notifiers.secrets import filled_in
from hall.config.notifiers import PLACEHOLDERS, Call
from hall.errors import NotifyError

PLACE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}|\{(" + "|".join(PLACEHOLDERS) + r")\}")
JSON = "application/json"
Escape = Callable[[str], str]


def make(
    call: Call, values: Mapping[str, str], environment: Mapping[str, str], way: Way, encoding: str = "utf-8"
) -> Answer:
    """Make a call with `values` in the places of its placeholders. Raises NotifyError without an answer."""

    def fill(text: str, escaped: Escape) -> str:
        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            found = filled_in(match.group(0), environment) if name is None else values.get(name, "")
            return escaped(found)

        return PLACE.sub(value, text)

    headers = {name: fill(value, _for_header) for name, value in call.headers.items()}
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    if kind is None and call.body:
        kind = JSON
        headers["Content-Type"] = f"{JSON}; charset={encoding}"
    url = fill(call.url, lambda value: quote(value, safe="", encoding=encoding, errors="replace"))
    body = fill(call.body, _escape_of(kind or "", encoding)).encode(encoding, errors="replace")
    return ask(call.method, url, body, headers, way)


def _escape_of(content_type: str, encoding: str) -> Escape:
    """How a value is written inside a body of this type."""
    if "json" in content_type.lower():
        return lambda value: json.dumps(value, ensure_ascii=False)[1:-1]
    if "x-www-form-urlencoded" in content_type.lower():
        return lambda value: quote_plus(value, encoding=encoding, errors="replace")
    if "xml" in content_type.lower():
        return lambda value: escape(value, {'"': "&quot;", "'": "&apos;"})
    return lambda value: value


def _for_header(value: str) -> str:
    """On one line, percent-encoded where it is not ASCII. Raises NotifyError where that cannot be."""
    if one_line(value, len(value) + 1) != value:
        raise NotifyError(
            "a value for a header cannot stand on one line", "请求头的值不止一行", permanent=False
        )
    return value if value.isascii() else quote(value)
