"""The built web app is sent compressed to whoever takes it so."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.console_hall import console

SCRIPT = "let page"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("web")
    with console(folder) as hall:
        packed = gzip.compress(SCRIPT.encode())
        (folder / "static" / "assets" / "app-1a2b.js.gz").write_bytes(packed)
        (folder / "static" / "assets" / "app-1a2b.js.br").write_bytes(b"as brotli packs it")
        with hall.visitor() as client:
            yield client


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate", "gzip"),
        ("gzip;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
        ("gzip, br;q=0", "gzip"),
    ],
)
def test_a_browser_gets_what_it_can_unpack(visitor: httpx.Client, accepted: str, sent: str | None) -> None:
    answer = visitor.get("/assets/app-1a2b.js", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == sent
    assert answer.text == SCRIPT
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"


def test_the_smallest_is_chosen_among_what_a_browser_takes(visitor: httpx.Client) -> None:
    with visitor.stream(
        "GET", "/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip, deflate, br"}
    ) as answer:
        assert answer.headers["content-encoding"] == "br"
        assert b"".join(answer.iter_raw()) == b"as brotli packs it"


def test_a_range_is_one_of_the_file_itself(visitor: httpx.Client) -> None:
    answer = visitor.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip", "Range": "bytes=4-7"})
    assert (answer.status_code, answer.text) == (206, "page")
    assert "content-encoding" not in answer.headers


def test_a_page_that_was_not_packed_is_sent_as_it_is(visitor: httpx.Client) -> None:
    answer = visitor.get("/replay/t-1", headers={"Accept-Encoding": "gzip, br"})
    assert "the page" in answer.text
    assert "content-encoding" not in answer.headers
