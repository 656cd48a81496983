"""Replay goes on from the archive once the local file had to go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from capture.archive.alignment import Alignment
from capture.archive.objects import S3Objects
from capture.record.objects import LocalObjects
from hall.config.archive import ArchiveSettings
from hall.media import Segment
from store import deletion
from tests.integration.console_hall import NOW, Console, console, recorded
from tests.s3_server import ENVIRONMENT, S3Server, Way, way


@pytest.fixture
def to_server(s3_server: S3Server) -> Iterator[Way]:
    with way(s3_server) as opened:
        yield opened


@pytest.fixture
def settings(s3_server: S3Server, to_server: Way, monkeypatch: pytest.MonkeyPatch) -> ArchiveSettings:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return s3_server.settings(to_server.port)


@pytest.fixture
def hall(tmp_path: Path, settings: ArchiveSettings) -> Iterator[Console]:
    with console(tmp_path, archive=settings) as running:
        yield running


@pytest.fixture
def officer(hall: Console) -> Iterator[httpx.Client]:
    with hall.officer() as client:
        yield client


def archived(hall: Console, settings: ArchiveSettings) -> tuple[Segment, bytes]:
    """A segment that only the archive has, and its bytes."""
    segment = recorded(hall, NOW - timedelta(minutes=5))
    local = LocalObjects(*hall.configuration.site.disks)
    content = local.path(segment.key).read_bytes()
    archive = S3Objects(settings, ENVIRONMENT)
    Alignment(hall.database, local, archive, None, hall.clock).align(segment.id, lambda _bytes: None)
    local.path(segment.key).unlink()
    with hall.database.write() as tx:
        deletion.delete_segments(tx, [segment.id], "disk", NOW)
    return segment, content


def test_a_file_is_read_whole_and_by_ranges(
    hall: Console, officer: httpx.Client, settings: ArchiveSettings
) -> None:
    segment, content = archived(hall, settings)
    address = f"/api/v1/segments/{segment.id}/media"
    whole = officer.get(address)
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["etag"] == f'"{segment.sha256.hex()}"'
    assert whole.headers["content-type"] == "video/mp4"
    part = officer.get(address, headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, content[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(content)}"
    end = officer.get(address, headers={"Range": "bytes=-7"})
    assert end.content == content[-7:]
    beyond = officer.get(address, headers={"Range": f"bytes={len(content)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(content)}")
    same = officer.get(address, headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_a_playlist_leads_to_the_archive_as_to_the_disk(
    hall: Console, officer: httpx.Client, settings: ArchiveSettings
) -> None:
    segment, content = archived(hall, settings)
    asked = {"from": (NOW - timedelta(minutes=6)).isoformat(), "to": NOW.isoformat()}
    playlist = officer.get("/api/v1/cameras/c1/playlist.m3u8", params=asked).text
    ranges = re.findall(r"EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)", playlist)
    assert len(ranges) == len(segment.fragments)
    for size, offset, address in ranges:
        first, last = int(offset), int(offset) + int(size)
        part = officer.get(
            httpx.URL(f"{hall.url}/api/v1/cameras/c1/").join(address),
            headers={"Range": f"bytes={first}-{last - 1}"},
        )
        assert (part.status_code, part.content) == (206, content[first:last])


def test_what_is_asked_without_the_content_costs_the_archive_nothing(
    hall: Console, officer: httpx.Client, settings: ArchiveSettings, to_server: Way
) -> None:
    segment, content = archived(hall, settings)
    to_server.cut()
    answer = officer.head(f"/api/v1/segments/{segment.id}/media")
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(content)))
    assert answer.headers["accept-ranges"] == "bytes"


def test_an_archive_that_is_away_is_told_and_no_missing_file(
    hall: Console, officer: httpx.Client, settings: ArchiveSettings, to_server: Way
) -> None:
    segment, content = archived(hall, settings)
    to_server.cut()
    answer = officer.get(f"/api/v1/segments/{segment.id}/media")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "the archive cannot be used now" in answer.json()["detail"]
    to_server.cut(cut=False)
    assert officer.get(f"/api/v1/segments/{segment.id}/media").content == content


def test_a_copy_of_another_size_is_not_served(
    hall: Console, officer: httpx.Client, settings: ArchiveSettings, s3_server: S3Server, tmp_path: Path
) -> None:
    segment, content = archived(hall, settings)
    other = tmp_path / "other.mp4"
    other.write_bytes(content[:-10])
    S3Objects(settings, ENVIRONMENT).put(segment.key, other)
    assert officer.get(f"/api/v1/segments/{segment.id}/media").status_code == 503


def test_a_local_file_is_served_without_asking_the_archive(
    hall: Console, officer: httpx.Client, to_server: Way
) -> None:
    to_server.cut()
    segment = recorded(hall, NOW - timedelta(minutes=5))
    assert officer.get(f"/api/v1/segments/{segment.id}/media").status_code == 200
