"""Odd ranges of recorded files, and odd times of playlists: the right bytes and words, never a fault."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hall.media import Segment
from hall.roles import Role
from tests.integration.console_hall import CAMERA, Console, console, recorded
from tests.integration.test_console_api import before
from tests.integration.visitors import visiting

ONE_SERVER = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("ranges")) as running:
        yield running


@pytest.fixture(scope="module")
def segment(hall: Console) -> Segment:
    return recorded(hall, before(62))


@pytest.fixture(scope="module")
def content(hall: Console, segment: Segment) -> bytes:
    return (hall.configuration.site.disks[0] / segment.key).read_bytes()


@pytest.fixture(scope="module")
def officer(hall: Console) -> Iterator[httpx.Client]:
    with visiting(hall, Role.OFFICER) as client:
        yield client


@pytest.fixture(scope="module")
def stranger(hall: Console) -> Iterator[httpx.Client]:
    with visiting(hall, Role.OFFICER, halls=["another"]) as client:
        yield client


numbers = st.one_of(st.just(""), st.integers(0, 2**70).map(str), st.integers(0, 40_000).map(str))
one_range = st.builds("{}-{}".format, numbers, numbers)
ranges = st.builds("bytes={}".format, st.lists(one_range, min_size=1, max_size=5).map(",".join))
visible = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30).map(str.strip)
odd_ranges = st.one_of(ranges, visible, visible.map("bytes={}".format), one_range.map("items={}".format))


def expected(header: str, size: int) -> tuple[int, int] | None:
    """The range that RFC 9110 lets one read out of a header of a single range; None: all, or not at all."""
    found = re.fullmatch(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*", header)
    if found is None:
        return None
    first, last = found.groups()
    if not first:
        return (max(0, size - int(last)), size) if last and int(last) else None
    if (last and int(last) < int(first)) or int(first) >= size:
        return None
    return int(first), min(size, int(last) + 1) if last else size


@given(header=odd_ranges)
@example(header="bytes=0-0")
@example(header="bytes=-1")
@example(header="bytes=0-0,-1")
@example(header="bytes=0-,0-,0-,0-,0-,0-,0-,0-")
@example(header="bytes=5-2")
@example(header="bytes=--1")
@example(header="bytes=999999999-")
@ONE_SERVER
def test_a_range_is_that_part_of_the_file_or_none(
    officer: httpx.Client, segment: Segment, content: bytes, header: str
) -> None:
    answer = officer.get(f"/api/v1/segments/{segment.id}/media", headers={"Range": header})
    wanted = expected(header, len(content))
    if answer.status_code == 206:
        assert wanted is not None, header
        first, last = wanted
        assert answer.headers["content-range"] == f"bytes {first}-{last - 1}/{len(content)}"
        assert answer.content == content[first:last]
    elif answer.status_code == 416:
        assert wanted is None, header
        assert header.startswith("bytes=")
        assert answer.headers["content-range"] == f"bytes */{len(content)}"
    else:
        assert answer.status_code == 200, header
        assert wanted is None, "a range that can be answered is"
        assert answer.content == content
    assert answer.headers["content-length"] == str(len(answer.content))


@given(header=odd_ranges, version=st.one_of(st.just("its own"), visible))
@ONE_SERVER
def test_a_range_of_another_version_is_the_whole_file(
    officer: httpx.Client, segment: Segment, content: bytes, header: str, version: str
) -> None:
    tag = f'"{segment.sha256.hex()}"' if version == "its own" else version
    headers = {"Range": header, "If-Range": tag}
    answer = officer.get(f"/api/v1/segments/{segment.id}/media", headers=headers)
    if version == "its own":
        assert answer.status_code in (200, 206, 416)
    else:
        assert (answer.status_code, answer.content) == (200, content)


@given(header=odd_ranges, name=st.one_of(st.just("the file's"), visible))
@ONE_SERVER
def test_no_range_tells_a_stranger_that_there_is_a_file(
    stranger: httpx.Client, segment: Segment, header: str, name: str
) -> None:
    asked = segment.id if name == "the file's" else quote(name, safe="").replace(".", "%2E") or "x"
    answer = stranger.get(f"/api/v1/segments/{asked}/media", headers={"Range": header})
    assert answer.status_code in (404, 422)
    assert "content-range" not in answer.headers
    assert "etag" not in answer.headers


any_time = st.datetimes().map(lambda at: at.isoformat())
near = st.integers(0, 86_400).map(lambda seconds: before(seconds).isoformat())
moments = st.one_of(
    any_time,
    near,
    st.builds(
        "{}{}".format,
        any_time,
        st.sampled_from(["Z", "+14:00", "-23:59", "+99:99", "+00:00:30", "[Asia/Shanghai]", " ", "\0"]),
    ),
    st.floats().map(str),
    st.integers().map(str),
    st.text(max_size=40),
)
cameras = st.one_of(st.just(str(CAMERA)), st.text(min_size=1, max_size=80))


@given(start=moments, end=moments, camera=cameras)
@example(start="0001-01-01T00:00:00Z", end="9999-12-31T23:59:59Z", camera="c1")
@example(start="2026-03-02T01:58:00Z\0", end="2026-03-02T01:59:59Z", camera="c1")
@example(start="2026-03-02T01:58:00Z", end="2026-03-02T01:59:59Z", camera="c1\0")
@example(start="2026-03-02T01:58:00Z", end="2026-03-02T01:59:59Z", camera="../c1")
@example(start="2026-03-02T01:58:00Z", end="2026-03-02T01:59:59Z", camera="\N{VARIATION SELECTOR-17}\ud800")
@example(start="2026-03-02T01:58:58Z", end="2026-03-02T01:59:04Z", camera="c1")
@ONE_SERVER
def test_a_playlist_of_any_time_is_one_or_says_what_is_wrong(
    officer: httpx.Client, stranger: httpx.Client, segment: Segment, start: str, end: str, camera: str
) -> None:
    name = camera.encode("utf-8", "surrogatepass").hex()
    escaped = "".join(f"%{name[place : place + 2]}" for place in range(0, len(name), 2))
    query = {"from": start.encode("utf-8", "surrogatepass"), "to": end.encode("utf-8", "surrogatepass")}
    pairs = "&".join(f"{key}={''.join(f'%{byte:02X}' for byte in value)}" for key, value in query.items())
    for client in (officer, stranger):
        for path in (f"cameras/{escaped}/playlist.m3u8?{pairs}", f"segments?camera={escaped}&{pairs}"):
            answer = client.get(f"/api/v1/{path}")
            assert answer.status_code in (200, 404, 422), path
            if client is stranger:
                assert answer.status_code != 200, path
                assert segment.id not in answer.text
            elif answer.status_code == 200 and "m3u8" in path:
                assert answer.text.startswith("#EXTM3U")
                assert camera == CAMERA
            elif answer.status_code == 422:
                assert answer.json()["errors"], path


def test_the_playlist_of_a_day_is_given_and_of_more_is_not(officer: httpx.Client, segment: Segment) -> None:
    assert segment.interval.end is not None
    end = segment.interval.end
    for span, status in ((timedelta(hours=24), 200), (timedelta(hours=24, seconds=1), 422)):
        params = {"from": (end - span).isoformat(), "to": end.isoformat()}
        answer = officer.get(f"/api/v1/cameras/{CAMERA}/playlist.m3u8", params=params)
        assert answer.status_code == status


def test_a_long_playlist_has_fewer_parts_and_the_same_bytes_and_time(
    officer: httpx.Client, segment: Segment
) -> None:
    def listed(span: timedelta) -> tuple[list[tuple[int, int]], float]:
        end = segment.interval.end
        assert end is not None
        params = {"from": (end - span).isoformat(), "to": end.isoformat()}
        text = officer.get(f"/api/v1/cameras/{CAMERA}/playlist.m3u8", params=params).text
        ranges = re.findall(r"^#EXT-X-BYTERANGE:(\d+)@(\d+)$", text, re.MULTILINE)
        lasting = sum(float(seconds) for seconds in re.findall(r"#EXTINF:([\d.]+)", text))
        return [(int(offset), int(offset) + int(size)) for size, offset in ranges], lasting

    apart, seconds = listed(timedelta(hours=1))
    assert len(apart) == len(segment.fragments) > 1
    for span in (timedelta(hours=11), timedelta(hours=24)):
        parts, lasting = listed(span)
        assert len(parts) < len(apart)
        # Of a whole file the trailer is listed, too, which players leave alone.
        assert (parts[0][0], parts[-1][1]) in (
            (segment.header_size, apart[-1][1]),
            (segment.header_size, segment.size),
        )
        assert all(one[1] == other[0] for one, other in itertools.pairwise(parts))
        assert lasting == pytest.approx(seconds, abs=0.01)
