"""The thread that makes packages: each order once, whatever is killed, and no failure stops the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.evidence.exporting import LEASE, ExportThread, key_of, package_path
from console.evidence.verifying import verify
from hall.clock import SimulatedClock
from hall.config import Configuration, parse_configuration
from hall.exporting import Export, ExportState
from hall.interval import Interval
from hall.journal import FactKind
from hall.media import Packet, Track
from hall.names import CameraId, ExportId, HallId
from hall.redacting import Redaction
from store import exporting, journal, leases
from tests.media import film
from tests.recorded import packets_of
from tests.unit.console.evidence.filmed import START, Filmed, after
from tests.unit.console.evidence.test_making import HALL

Reel = tuple[list[Track], list[Packet]]


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    return packets_of(film(tmp_path_factory.mktemp("reel") / "reel.mp4"))


@pytest.fixture
def filmed(tmp_path: Path, reel: Reel) -> Iterator[Filmed]:
    made = Filmed(tmp_path)
    made.record(reel)
    yield made
    made.database.close()


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    site = f"site: {{data: {tmp_path / 'data'}, storage: {{disks: [{tmp_path / 'recordings'}]}}}}\n"
    return parse_configuration(site + HALL)


def thread(filmed: Filmed, configuration: Configuration, holder: str = "one") -> ExportThread:
    clock = SimulatedClock(START + timedelta(hours=1))
    return ExportThread(configuration, filmed.database, clock, holder)


def ordered(
    filmed: Filmed,
    name: str = "e1",
    start: float = 2,
    camera: str = "cam-1",
    redaction: Redaction | None = None,
) -> Export:
    export = Export(
        ExportId(name), HallId("h"), (CameraId(camera),), Interval(after(start), after(start + 4)),
        "2026-17", "投诉", "wang", after(60 + start), redaction=redaction,
    )  # fmt: skip
    with filmed.database.write() as tx:
        exporting.order(tx, export)
    return export


def found(filmed: Filmed, name: str = "e1") -> Export:
    with filmed.database.read() as tx:
        return exporting.get(tx, ExportId(name))


def test_an_ordered_package_is_made_and_verifies(filmed: Filmed, configuration: Configuration) -> None:
    export = ordered(filmed)
    thread(filmed, configuration).step()
    made = found(filmed)
    path = package_path(configuration, export)
    assert made.state is ExportState.MADE
    assert (made.files_read, made.files) == (2, 2)
    assert made.size == path.stat().st_size
    assert made.finished_at == START + timedelta(hours=1)
    assert made.changed_recordings == ()
    verified = verify(path, key_of(configuration).public_key())
    assert verified.holds
    assert verified.key == made.key
    assert verified.manifest.made_by == "wang"


def test_footage_that_is_still_being_recorded_is_waited_for(
    filmed: Filmed, configuration: Configuration, reel: Reel
) -> None:
    """A file holds a minute: what happened just now is not in the catalogue yet."""
    export = ordered(filmed, start=6)
    clock = SimulatedClock(after(11))
    exports = ExportThread(configuration, filmed.database, clock, "one")
    exports.step()
    assert found(filmed).state is ExportState.QUEUED
    filmed.record(reel, 8)
    exports.step()
    made = found(filmed)
    assert made.state is ExportState.MADE
    manifest = verify(package_path(configuration, export)).manifest
    assert manifest.clips[-1].ends >= after(10)


def test_a_camera_that_records_nothing_more_is_not_waited_for_long(
    filmed: Filmed, configuration: Configuration
) -> None:
    ordered(filmed, start=6)
    clock = SimulatedClock(after(10))
    exports = ExportThread(configuration, filmed.database, clock, "one")
    clock.wall = after(10 + 2 * configuration.site.capture.segment_seconds - 1)
    exports.step()
    assert found(filmed).state is ExportState.QUEUED
    clock.wall = after(10 + 2 * configuration.site.capture.segment_seconds)
    exports.step()
    assert found(filmed).state is ExportState.MADE


def test_every_state_is_a_fact_in_order(filmed: Filmed, configuration: Configuration) -> None:
    ordered(filmed)
    thread(filmed, configuration).step()
    with filmed.database.read() as tx:
        told = [entry.body["state"] for entry in journal.tail(tx, 0, kinds=[FactKind.EXPORT])]
    assert told == ["queued", "making", "made"]


def test_orders_are_made_oldest_first_and_a_failure_stops_no_other(
    filmed: Filmed, configuration: Configuration
) -> None:
    ordered(filmed, "later", 3)
    ordered(filmed, "earlier", 1)
    ordered(filmed, "empty", 2, camera="cam-2")
    thread(filmed, configuration).step()
    assert found(filmed, "earlier").state is found(filmed, "later").state is ExportState.MADE
    empty = found(filmed, "empty")
    assert empty.state is ExportState.FAILED
    assert empty.error is not None
    assert "nothing is recorded" in empty.error


def test_what_was_being_made_when_a_console_was_killed_is_made_by_the_next(
    filmed: Filmed, configuration: Configuration
) -> None:
    export = ordered(filmed)
    draft = package_path(configuration, export).with_suffix(".zip.partial")
    draft.parent.mkdir(parents=True)
    draft.write_bytes(b"half")
    with filmed.database.write() as tx:
        killed = replace(export, state=ExportState.MAKING)
        exporting.change(tx, killed, [ExportState.QUEUED], after(61))
    thread(filmed, configuration, "next").step()
    assert found(filmed).state is ExportState.MADE
    assert not draft.exists()


def test_while_another_console_makes_packages_this_one_makes_none(
    filmed: Filmed, configuration: Configuration
) -> None:
    ordered(filmed)
    now = START + timedelta(hours=1)
    with filmed.database.write() as tx:
        assert leases.acquire(tx, LEASE, "another", now, timedelta(seconds=30)) is not None
    thread(filmed, configuration).step()
    assert found(filmed).state is ExportState.QUEUED


def test_a_console_that_stops_leaves_the_package_to_the_next(
    filmed: Filmed, configuration: Configuration
) -> None:
    export = ordered(filmed)
    asked = iter([False, True, True, True])
    thread(filmed, configuration).step(lambda: next(asked))
    assert found(filmed).state is ExportState.MAKING
    assert list(package_path(configuration, export).parent.glob("*.zip*")) == []
    thread(filmed, configuration).step()
    assert found(filmed).state is ExportState.MADE


def test_an_order_that_is_taken_back_is_not_made(filmed: Filmed, configuration: Configuration) -> None:
    export = ordered(filmed)
    with filmed.database.write() as tx:
        exporting.change(tx, replace(export, state=ExportState.REMOVED), [ExportState.QUEUED], after(61))
    thread(filmed, configuration).step()
    assert found(filmed).state is ExportState.REMOVED
    assert not package_path(configuration, export).exists()


def test_a_recording_that_was_changed_is_told_with_the_package(
    filmed: Filmed, configuration: Configuration
) -> None:
    segment = filmed.segments()[1]
    path = filmed.objects.path(segment.key)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    ordered(filmed)
    thread(filmed, configuration).step()
    assert found(filmed).changed_recordings == (segment.id,)


def test_a_hall_that_is_gone_is_told(filmed: Filmed, configuration: Configuration) -> None:
    export = replace(ordered(filmed), id=ExportId("gone"), hall=HallId("other"))
    with filmed.database.write() as tx:
        exporting.order(tx, export)
    thread(filmed, configuration).step()
    assert "no hall 'other'" in (found(filmed, "gone").error or "")
