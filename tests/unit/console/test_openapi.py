"""The description of the API that the web app is built from is the API's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.app import create_app
from console.openapi import text

KEPT = Path(__file__).parents[3] / "console" / "web" / "openapi.json"


def test_the_kept_description_is_current() -> None:
    assert KEPT.read_text(encoding="utf-8") == text(create_app(None)), (
        "run: python -m console.openapi > console/web/openapi.json"
    )


def members(
    schema: dict[str, Any], described: dict[str, Any], seen: frozenset[str] = frozenset()
) -> set[str]:
    """The names of all members that an answer of this schema may have, at any depth."""
    found: set[str] = set()
    for key, value in schema.items():
        if key == "$ref" and value not in seen:
            target = described["components"]["schemas"][value.rpartition("/")[2]]
            found |= members(target, described, seen | {value})
        elif isinstance(value, dict):
            found |= (set(value) if key == "properties" else set()) | members(value, described, seen)
        elif isinstance(value, list):
            for one in value:
                found |= members(one, described, seen) if isinstance(one, dict) else set()
    return found


@pytest.mark.parametrize("path", ["halls", "cameras", "board"])
def test_no_member_of_a_camera_tells_its_address(path: str) -> None:
    described = json.loads(text(create_app(None)))
    told = members(described["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"], described)
    assert "name" in told
    assert "url" not in told
