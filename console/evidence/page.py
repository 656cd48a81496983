"""The page of a package: it plays the clips in step and shows the facts, without any server."""

from __future__ import annotations

import json
from importlib.resources import files

from hall.errors import EvidenceError
from hall.journal import Json

TEMPLATE = "page.html"
PLACE = "{/* told */}"
"""Stands in the template where the package's own content goes, as JSON inside a script element."""


def page(told: dict[str, Json]) -> bytes:
    """The page as UTF-8. Nothing in `told` can end the element that it stands in."""
    template = files("console.evidence").joinpath(TEMPLATE).read_text(encoding="utf-8")
    if template.count(PLACE) != 1:
        raise EvidenceError(f"{TEMPLATE} has no place for the content")
    content = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        content = content.replace(sign, f"\\u{ord(sign):04x}")
    return template.replace(PLACE, content).encode()
