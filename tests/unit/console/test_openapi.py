"""The description of the API that the web app is built from is the API's own."""

from __future__ import annotations

from pathlib import Path

from console.app import create_app
from console.openapi import text

KEPT = Path(__file__).parents[3] / "console" / "web" / "openapi.json"


def test_the_kept_description_is_current() -> None:
    assert KEPT.read_text(encoding="utf-8") == text(create_app(None)), (
        "run: python -m console.openapi > console/web/openapi.json"
    )


def test_no_member_of_a_camera_tells_its_address() -> None:
    described = text(create_app(None))
    assert '"url"' not in described
