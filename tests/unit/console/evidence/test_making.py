"""Making packages: footage, facts and page of the marked time, and nothing when it breaks off."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.evidence.contents import Manifest, Marks
from console.evidence.making import FACTS, PAGE, STILLS, Order, Workshop, make
from console.evidence.page import page
from console.evidence.verifying import verify
from hall.config import HallSettings, parse_configuration
from hall.errors import EvidenceError
from hall.finding import Actor, Alert, AlertKind, AlertStatus, Flip, Reason, Severity, Subject
from hall.interval import Interval
from hall.media import Gap, GapReason, Packet, Track
from hall.names import AlertId, CameraId, HallId, RuleId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import WindowState, WindowStatus
from store import alerting, observing, queueing, recording
from tests.media import film
from tests.recorded import packets_of
from tests.unit.console.evidence.filmed import CAMERA, START, Filmed, after

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
Reel = tuple[list[Track], list[Packet]]
HALL = """
halls:
- id: h
  name: {zh: 鼓楼大厅, en: Gulou hall}
  units: [{id: civil, name: {zh: 民政, en: Civil}}]
  windows:
  - {id: w01, number: "1", name: {zh: 婚姻登记, en: Marriage}, unit: civil}
  - {id: w02, number: "2", name: {zh: 社保, en: Insurance}, unit: civil}
  cameras:
  - id: cam-1
    name: {zh: 东侧, en: East}
    url: rtsp://127.0.0.1/1
    zones: [{id: s1, role: staff, window: w01, polygon: [[0, 0], [1, 0], [1, 1]]}]
  - id: cam-2
    name: {zh: 西侧, en: West}
    url: rtsp://127.0.0.1/2
    zones: [{id: s2, role: staff, window: w02, polygon: [[0, 0], [1, 0], [1, 1]]}]
"""


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    return packets_of(film(tmp_path_factory.mktemp("reel") / "reel.mp4"))


@pytest.fixture
def filmed(tmp_path: Path, reel: Reel) -> Filmed:
    """Eight seconds of camera 1, in which window 1 was open and empty for a while, with an alert."""
    made = Filmed(tmp_path)
    made.record(reel)
    hall = HallId("h")
    since = Interval(after(3))
    alert = Alert(
        AlertId("a1"), AlertKind.ABSENCE, RuleId("absence"), 1, Severity.WARNING, AlertStatus.OPEN,
        Subject(hall, window=WindowId("w01")), since, after(5),
        Reason("absence", {}, "无人在岗", "nobody </script> on post"), 1, (CAMERA,),
    )  # fmt: skip
    flip = Flip(
        alert.id,
        1,
        after(5),
        None,
        AlertStatus.OPEN,
        Severity.WARNING,
        Actor.EVALUATOR,
        "alerts",
        alert.reason,
    )
    with made.database.write() as tx:
        for window in ("w01", "w02"):
            state = WindowStatus(hall, WindowId(window), WindowState.OPEN, Interval(after(-60)))
            queueing.save_window_statuses(tx, hall, WindowId(window), after(-60), [state], after(0))
        seen = Observation(
            ObservationKind.PRESENCE, CAMERA, ZoneId("s1"), WindowId("w01"), since, Presence.ABSENT
        )
        observing.change(tx, hall, seen)
        alerting.open_alert(tx, alert, flip)
        recording.add_gap(tx, hall, Gap(CAMERA, Interval(after(8), after(12)), GapReason.OFFLINE, "gone"))
    return made


def hall() -> HallSettings:
    return parse_configuration(HALL).halls[0]


def made(
    filmed: Filmed, path: Path, start: float = 2, end: float = 7, cameras: tuple[str, ...] = ("cam-1",)
) -> tuple[Manifest, list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    marks = Marks(after(start), after(end), tuple(CameraId(camera) for camera in cameras))
    order = Order("e1", marks, "2026-17", "投诉 <b>", "wang", START + timedelta(hours=1))
    workshop = Workshop(filmed.database, hall(), filmed.open, KEY, "hallwatch 0")
    made = make(order, workshop, path, lambda done, total: told.append((done, total)))
    return made.manifest, told


def test_a_package_holds_footage_facts_stills_and_page_and_verifies(filmed: Filmed, tmp_path: Path) -> None:
    path = tmp_path / "out" / "evidence.zip"
    manifest, told = made(filmed, path)
    assert [file.path for file in manifest.files] == ["clips/cam-1-1.mp4", FACTS, STILLS, PAGE]
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    verified = verify(path, KEY.public_key())
    assert verified.holds
    assert verified.manifest == manifest
    assert manifest.clips[0].mark_in < 1.1
    assert [one.name for one in path.parent.iterdir()] == ["evidence.zip"]


def test_facts_are_those_of_the_marked_time_and_the_windows_that_are_shown(
    filmed: Filmed, tmp_path: Path
) -> None:
    made(filmed, tmp_path / "evidence.zip", end=9)
    with zipfile.ZipFile(tmp_path / "evidence.zip") as archive:
        facts = json.loads(archive.read(FACTS))
    assert [window["id"] for window in facts["windows"]] == ["w01"]
    assert [status["window"] for status in facts["window_statuses"]] == ["w01"]
    assert [seen["state"] for seen in facts["observations"]] == ["absent"]
    assert [each["alert"]["id"] for each in facts["alerts"]] == ["a1"]
    assert [len(each["flips"]) for each in facts["alerts"]] == [1]
    assert [gap["reason"] for gap in facts["gaps"]] == ["offline"]
    made(filmed, tmp_path / "earlier.zip", start=0, end=2)
    with zipfile.ZipFile(tmp_path / "earlier.zip") as archive:
        earlier = json.loads(archive.read(FACTS))
    assert earlier["alerts"] == earlier["observations"] == earlier["gaps"] == []


def test_the_still_sheet_shows_pictures_of_the_marked_time(filmed: Filmed, tmp_path: Path) -> None:
    made(filmed, tmp_path / "evidence.zip")
    with zipfile.ZipFile(tmp_path / "evidence.zip") as archive:
        sheet = cv2.imdecode(np.frombuffer(archive.read(STILLS), np.uint8), cv2.IMREAD_COLOR)
    assert sheet is not None
    assert sheet.shape == (2 * 298, 3 * 480, 3)
    assert sheet[:270, :480].std() > 5, "a picture, not an empty frame"


def test_nothing_that_was_told_can_end_the_pages_script(filmed: Filmed, tmp_path: Path) -> None:
    made(filmed, tmp_path / "evidence.zip")
    with zipfile.ZipFile(tmp_path / "evidence.zip") as archive:
        text = archive.read(PAGE).decode()
    [told] = re.findall(r'<script type="application/json" id="told">(.*?)</script>', text, re.DOTALL)
    content = json.loads(told)
    assert content["reason"] == "投诉 <b>"
    assert content["facts"]["alerts"][0]["alert"]["reason"]["en"] == "nobody </script> on post"
    assert "<b>" not in text


def test_the_page_shows_words_for_every_state_and_reason_there_is() -> None:
    text = page({}).decode()
    for value in (*WindowState, *GapReason, *Severity):
        assert len(re.findall(rf"\b{value}: ", text)) >= (1 if value in Severity else 2), value


def test_a_camera_without_footage_is_no_fault_beside_one_with_it(filmed: Filmed, tmp_path: Path) -> None:
    manifest, _ = made(filmed, tmp_path / "evidence.zip", cameras=("cam-2", "cam-1"))
    assert {clip.camera for clip in manifest.clips} == {"cam-1"}


def test_nothing_recorded_makes_no_package(filmed: Filmed, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="nothing is recorded"):
        made(filmed, tmp_path / "evidence.zip", start=100, end=200)
    assert not (tmp_path / "evidence.zip").exists()


def test_a_recording_that_cannot_be_read_leaves_no_package(filmed: Filmed, tmp_path: Path) -> None:
    path = filmed.objects.path(filmed.segments()[2].key)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(EvidenceError, match="ends at byte"):
        made(filmed, tmp_path / "evidence.zip")
    assert list(tmp_path.glob("evidence*")) == []


def test_a_camera_that_changed_its_picture_gives_two_clips(filmed: Filmed, tmp_path: Path) -> None:
    larger = packets_of(film(tmp_path / "larger.mp4", seconds=4, size=(640, 360)))
    filmed.record(larger, 8)
    manifest, _ = made(filmed, tmp_path / "evidence.zip", start=5, end=11)
    assert [clip.path for clip in manifest.clips] == ["clips/cam-1-1.mp4", "clips/cam-1-2.mp4"]
    assert verify(tmp_path / "evidence.zip").holds
