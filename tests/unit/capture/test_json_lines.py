"""The file of a queue machine: half lines, lines too long, and files that are turned away."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from capture.queueing.adapters.json_lines import JsonLinesAdapter
from hall.errors import QueueError
from hall.ports import Cursor
from hall.queueing import LARGEST_EVENT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


class Reader:
    """Reads on from the last cursor with a new adapter each time, as a process that starts again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cursor: Cursor | None = None

    def __call__(self, most: int = 1000) -> list[str]:
        came = []
        for cursor, raw in JsonLinesAdapter(self.path).events(self.cursor):
            self.cursor = cursor
            came.append(raw.decode())
            if len(came) == most:
                break
        return came


@pytest.fixture
def read(path: Path) -> Reader:
    return Reader(path)


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text)


def test_a_line_that_is_still_being_written_is_left_for_later(path: Path, read: Reader) -> None:
    append(path, 'one\n{"id": ')
    assert read() == ["one"]
    assert read() == []
    append(path, '"two"}\nthr')
    assert read() == ['{"id": "two"}']


def test_a_character_cut_in_the_middle_arrives_whole(path: Path, read: Reader) -> None:
    path.write_bytes("证".encode()[:2])
    assert read() == []
    path.write_bytes("证\n".encode())
    assert read() == ["证"]


def test_line_ends_blank_lines_and_the_mark_of_windows_are_no_part_of_an_event(
    path: Path, read: Reader
) -> None:
    path.write_bytes(b"\xef\xbb\xbfone\r\n\r\n   \n two \r\n")
    assert read() == ["one", "two"]


def test_a_line_that_is_too_long_comes_cut_and_its_rest_never(path: Path, read: Reader) -> None:
    append(path, "x" * 5 * LARGEST_EVENT)
    (cut,) = read()
    assert LARGEST_EVENT < len(cut) < 2 * LARGEST_EVENT
    append(path, "still the same line")
    assert read() == []
    append(path, " and its end\nnext\n")
    assert read() == ["next"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_line_just_as_long_as_an_event_may_be_comes_whole(path: Path, read: Reader, line_end: str) -> None:
    append(path, "x" * LARGEST_EVENT + line_end + "next" + line_end)
    assert read() == ["x" * LARGEST_EVENT, "next"]


def rename(path: Path) -> None:
    path.rename(path.with_name("events.jsonl.1"))


def copy_and_truncate(path: Path) -> None:
    path.with_name("events-20260302.jsonl").write_bytes(path.read_bytes())
    os.truncate(path, 0)


@pytest.mark.parametrize("turn_away", [rename, copy_and_truncate])
def test_a_file_that_is_turned_away_is_read_to_its_end_and_the_new_one_from_its_start(
    path: Path, read: Reader, turn_away: Callable[[Path], None]
) -> None:
    append(path, "one\ntwo\nthree\nlast without an end")
    assert read(1) == ["one"]
    turn_away(path)
    append(path, "four\nfive\n")
    assert read() == ["two", "three", "last without an end", "four", "five"]
    assert read() == []


def test_a_writer_that_has_not_moved_on_yet_is_followed_into_the_old_file(path: Path, read: Reader) -> None:
    append(path, "one\n")
    assert read() == ["one"]
    old = path.rename(path.with_name("events.jsonl.1"))
    path.touch()
    append(old, "two\nthr")
    assert read() == ["two"]
    append(old, "ee\n")
    append(path, "four\n")
    assert read() == ["three", "four"]


def test_a_file_that_goes_away_for_a_moment_loses_nothing(path: Path, read: Reader) -> None:
    append(path, "one\ntwo\n")
    assert read(1) == ["one"]
    rename(path)
    events = JsonLinesAdapter(path).events(read.cursor)
    read.cursor, raw = next(events)
    assert raw == b"two"
    with pytest.raises(QueueError, match="No such file"):
        next(events)
    append(path, "three\n")
    assert read() == ["three"]


@pytest.mark.parametrize("rewritten", ["other\n", "other, and longer than what stood here before\n"])
def test_a_file_that_was_begun_anew_is_read_from_its_start(path: Path, read: Reader, rewritten: str) -> None:
    append(path, "one\ntwo\n")
    read()
    path.write_text(rewritten, encoding="utf-8")
    assert read() == [rewritten.strip()]


def test_a_file_that_a_longer_copy_of_itself_replaces_is_read_on(path: Path, read: Reader) -> None:
    """As a mirroring tool does: it writes beside, and renames."""
    append(path, "one\ntwo\n")
    read()
    copy = path.with_name(".events.jsonl.tmp")
    copy.write_bytes(path.read_bytes() + b"three\n")
    copy.replace(path)
    assert read() == ["three"]


@pytest.mark.parametrize("value", ["", "17", "[]", "{}", '{"offset": 3, "colour": "red"}', "\0"])
def test_a_cursor_of_another_adapter_means_the_start(path: Path, value: str) -> None:
    append(path, "one\n")
    assert [raw for _, raw in JsonLinesAdapter(path).events(Cursor(value))] == [b"one"]


def test_what_is_no_plain_file_is_a_queue_error(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path, tmp_path / "none" / "events.jsonl"):
        with pytest.raises(QueueError, match=place.name):
            list(JsonLinesAdapter(place).events(None))
