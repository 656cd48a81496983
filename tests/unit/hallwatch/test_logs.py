"""Log lines: JSON with the role, without secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from hallwatch.logs import configure_logging, without_credentials


@pytest.fixture
def unchanged_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "struck"),
    [
        ("rtsp://admin:secret@10.0.0.7/ch1 refused", "rtsp://***@10.0.0.7/ch1 refused"),
        ("nats://token@127.0.0.1:4222", "nats://***@127.0.0.1:4222"),
        ("http://127.0.0.1:8080/path?mail=a@b", "http://127.0.0.1:8080/path?mail=a@b"),
    ],
)
def test_credentials_in_addresses_are_struck_out(text: str, struck: str) -> None:
    assert without_credentials(None, "info", {"event": text})["event"] == struck


@pytest.mark.usefixtures("unchanged_logging")
def test_both_kinds_of_logging_come_out_as_json_with_the_role(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("capture")
    structlog.get_logger("capture.camera").warning("gone", url="rtsp://u:p@h/1", name="一号")
    logging.getLogger("uvicorn").error("failed for %s", "rtsp://u:p@h/2")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["role"], first["level"], first["url"], first["name"]) == (
        "capture", "warning", "rtsp://***@h/1", "一号",
    )  # fmt: skip
    assert (second["role"], second["event"]) == ("capture", "failed for rtsp://***@h/2")
