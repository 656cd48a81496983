"""Files and facts: kept under their keys, entered in order, and never lost while the database cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.books.facts import FactWriter
from capture.mp4.parameter_sets import lengths_to_annex_b, nal_units, to_annex_b, with_lengths
from capture.record.objects import LocalObjects
from capture.sources.address import resolve
from hall.errors import MediaError, NotFound, SourceMalformed, StoreBusy
from hall.names import ObjectKey
from store.database import Database, Write


class BusyAtFirst:
    """A database that is locked for the first transactions."""

    def __init__(self, busy: int) -> None:
        self.busy = busy

    @contextmanager
    def write(self) -> Iterator[Write]:
        if self.busy:
            self.busy -= 1
            raise StoreBusy("locked")
        yield cast(Write, None)


def writer(database: BusyAtFirst) -> FactWriter:
    return FactWriter(cast(Database, database))


def test_facts_wait_for_a_locked_database_and_keep_their_order() -> None:
    entered = list[int]()

    def enter(_: Write, number: int) -> None:
        entered.append(number)

    facts = writer(BusyAtFirst(2))
    for number in range(300):
        facts.put(partial(enter, number=number))
    assert facts.close(10)
    assert entered == list(range(300))


def test_a_refused_fact_does_not_hold_back_the_others() -> None:
    entered = list[int]()

    def refuse(_: Write) -> None:
        raise MediaError("not this one")

    facts = writer(BusyAtFirst(0))
    facts.put(refuse)
    facts.put(lambda _: entered.append(1))
    assert facts.close(5)
    assert entered[-1] == 1


def test_closing_says_when_facts_did_not_get_in() -> None:
    database = BusyAtFirst(1_000_000)
    facts = writer(database)
    facts.put(lambda _: None)
    assert not facts.close(0.1)
    database.busy = 0
    assert facts.close(10)


def test_a_file_is_read_back_whole_and_in_part(tmp_path: Path) -> None:
    objects = LocalObjects(tmp_path)
    key = ObjectKey("cam-1/2026/03/02/a.mp4")
    partial = objects.partial(key)
    partial.write_bytes(b"0123456789")
    objects.put(key, partial)
    with objects.open(key) as file:
        assert file.read() == b"0123456789"
    with objects.open(key, (3, 6)) as file:
        assert file.read() == b"345"
    assert not partial.exists()
    objects.delete(key)
    objects.delete(key)
    with pytest.raises(NotFound):
        objects.open(key)


def test_a_key_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        LocalObjects(tmp_path / "recordings").open(ObjectKey("../secret"))


@given(st.lists(st.binary(min_size=1, max_size=600).map(lambda data: data.replace(b"\0", b"\1")), max_size=5))
def test_nal_units_survive_every_way_of_writing_them(units: list[bytes]) -> None:
    data = to_annex_b(units)
    assert nal_units(data) == units
    searched, told = with_lengths(data), with_lengths(data, [len(unit) for unit in units])
    assert lengths_to_annex_b(b"".join(searched)) == data == lengths_to_annex_b(b"".join(told))


def test_secrets_come_from_the_environment_and_are_encoded_where_they_must() -> None:
    environment = {"USER_NAME": "a@b", "WHOLE": "rtsp://x/1"}
    assert resolve("rtsp://${USER_NAME}:p@host/1", environment) == "rtsp://a%40b:p@host/1"
    assert resolve("${WHOLE}", environment) == "rtsp://x/1"
    with pytest.raises(SourceMalformed, match="OTHER"):
        resolve("rtsp://${OTHER}@host/1", environment)
