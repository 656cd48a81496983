"""Packages that are redacted say so everywhere, still name what they were made of, and hold no original."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from console.evidence import contents
from console.evidence.contents import Manifest, Marks
from console.evidence.exporting import ExportThread, package_path
from console.evidence.making import FACTS, PAGE, STILLS, Order, Workshop, make
from console.evidence.redacted_clips import Redact, Redactor, visible_zones, work_folder
from console.evidence.redacting.film import redacted
from console.evidence.redacting.task import Redacted, Share, Task
from console.evidence.verifying import verify
from hall.clock import SimulatedClock
from hall.config import parse_configuration
from hall.config.settings import AnalysisSettings
from hall.errors import EvidenceError
from hall.exporting import ExportState
from hall.names import CameraId, WindowId
from hall.redacting import Heads, Redaction
from store import exporting
from tests.recorded import packets_of
from tests.unit.console.evidence.drawn import RADIUS, Finder, film, frames, within
from tests.unit.console.evidence.filmed import CAMERA, START, Filmed, after
from tests.unit.console.evidence.test_exporting import found, ordered
from tests.unit.console.evidence.test_making import HALL, KEY, hall

ALL = Redaction(Heads.ALL, mutes_sound=True)
SOUND_ONLY = Redaction(Heads.KEPT, mutes_sound=True)


def slowly(at: float) -> tuple[int, int]:
    """Across the picture in four seconds."""
    return 40 + round(25 * at), 54


@pytest.fixture
def filmed(tmp_path: Path) -> Filmed:
    """Four seconds of camera 1 with a head that walks."""
    made = Filmed(tmp_path)
    made.record(packets_of(film(tmp_path / "reel.mp4", slowly, 4.0)))
    return made


def in_process(finder: Finder) -> Redact:
    """Redacts here, by a finder that knows where the drawn head is in a clip from the beginning on."""
    return lambda task, share: redacted(task, finder.find, "fake@1", share)


def made(
    filmed: Filmed,
    path: Path,
    redaction: Redaction = ALL,
    do: Redact | None = None,
) -> Manifest:
    marks = Marks(after(0), after(4), (CAMERA,))
    order = Order("e1", marks, "2026-17", "投诉", "wang", START + timedelta(hours=1), redaction)
    redactor = Redactor(AnalysisSettings(), do or in_process(Finder(slowly)))
    workshop = Workshop(filmed.database, hall(), filmed.open, KEY, "hallwatch 0", redactor=redactor)
    return make(order, workshop, path, lambda _done, _total: None).manifest


def unpacked(package: Path, folder: Path) -> Path:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


def test_a_redacted_package_holds_and_says_what_was_done_to_which_clip(
    filmed: Filmed, tmp_path: Path
) -> None:
    package = tmp_path / "out" / "evidence.zip"
    manifest = made(filmed, package)
    verified = verify(package, KEY.public_key())
    assert verified.holds
    assert verified.manifest == manifest
    assert (manifest.version, manifest.redaction) == (contents.REDACTED_VERSION, ALL)
    [clip] = manifest.clips
    assert clip.redacted is not None
    assert (clip.redacted.method, clip.redacted.method_version, clip.redacted.detector) == (
        "heads-filled",
        1,
        "fake@1",
    )
    assert clip.redacted.parameters["hold"] == 1.0
    assert (clip.redacted.picture_is_original, clip.has_sound) == (False, False)
    assert [source.sha256 for source in clip.sources] == [segment.sha256 for segment in filmed.segments()]
    assert all(source.is_whole for source in clip.sources)
    assert [file.path for file in manifest.files] == [clip.path, FACTS, STILLS, PAGE]
    assert [one.name for one in package.parent.iterdir()] == ["evidence.zip"], "no original lies beside it"


def test_no_picture_in_the_package_shows_the_head(filmed: Filmed, tmp_path: Path) -> None:
    made(filmed, tmp_path / "evidence.zip")
    folder = unpacked(tmp_path / "evidence.zip", tmp_path / "unpacked")
    shown = list(frames(folder / "clips" / "cam-1-1.mp4"))
    assert len(shown) == 40
    for at, picture in shown:
        assert np.abs(picture[within(*slowly(at), RADIUS) > 0].astype(int) - 128).max() <= 10, at
    sheet = cv2.imread(str(folder / STILLS))
    assert sheet is not None
    band, stills = sheet[:34], sheet[34:]
    assert band[:, :, 2].mean() > band[:, :, 0].mean() + 60, "a red band over the sheet"
    hue = cv2.cvtColor(stills, cv2.COLOR_BGR2HSV)
    assert np.count_nonzero((hue[:, :, 1] > 150) & (hue[:, :, 2] > 120)) == 0, (
        "nothing of the red middle of the head"
    )
    with av.open(str(folder / "clips" / "cam-1-1.mp4")) as clip:
        assert "not the picture that was recorded" in clip.metadata["comment"]


def test_the_page_is_told_and_has_words_for_each_redaction(filmed: Filmed, tmp_path: Path) -> None:
    made(filmed, tmp_path / "evidence.zip")
    text = (unpacked(tmp_path / "evidence.zip", tmp_path / "unpacked") / PAGE).read_text(encoding="utf-8")
    [told] = re.findall(r'<script type="application/json" id="told">(.*?)</script>', text, re.DOTALL)
    assert json.loads(told)["redaction"] == {"heads": "all", "windows": [], "mutes_sound": True}
    for word in ("redacted", "byStanders", "allHeads", "encodedAnew", "coveredWhole", "muted"):
        assert len(re.findall(rf"\b{word}: ", text)) == 2, word


def test_without_sound_the_pictures_stay_those_that_were_recorded(filmed: Filmed, tmp_path: Path) -> None:
    manifest = made(filmed, tmp_path / "evidence.zip", SOUND_ONLY)
    [clip] = manifest.clips
    assert clip.redacted == Redacted(picture_is_original=True, sound_is_muted=True)
    assert verify(tmp_path / "evidence.zip").holds
    folder = unpacked(tmp_path / "evidence.zip", tmp_path / "unpacked")
    with av.open(str(folder / clip.path)) as container:
        assert (len(container.streams.video), len(container.streams.audio)) == (1, 0)


def test_what_cannot_be_redacted_leaves_no_package_and_no_original(filmed: Filmed, tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    with pytest.raises(EvidenceError, match="nothing tells where heads are"):
        made(filmed, path, do=in_process(Finder(slowly, fails=lambda _at: True)))
    assert list(tmp_path.glob("evidence*")) == []


def test_pictures_that_are_covered_whole_are_counted(filmed: Filmed, tmp_path: Path) -> None:
    manifest = made(
        filmed, tmp_path / "evidence.zip", do=in_process(Finder(slowly, fails=lambda at: at < 0.1))
    )
    assert manifest.clips[0].redacted is not None
    assert manifest.clips[0].redacted.frames_covered_whole == 2


def test_a_redacted_package_is_not_taken_for_the_original_by_who_knows_no_redaction(
    filmed: Filmed, tmp_path: Path
) -> None:
    made(filmed, tmp_path / "evidence.zip")
    folder = unpacked(tmp_path / "evidence.zip", tmp_path / "unpacked")
    content = json.loads((folder / "manifest.json").read_bytes())
    with pytest.raises(EvidenceError, match="version 2"):
        contents.decode(json.dumps({**content, "redaction": None}).encode())
    with pytest.raises(EvidenceError, match="version 1"):
        contents.decode(json.dumps({**content, "version": 1}).encode())


def test_staff_and_customers_of_the_chosen_windows_alone_stay_visible() -> None:
    more = """, {id: c1, role: customer, window: w01, polygon: [[0, 0.2], [0, 1], [0.5, 1]]},
      {id: s9, role: staff, window: w02, polygon: [[0, 0.6], [0, 1], [0.2, 1]]},
      {id: q1, role: waiting, polygon: [[0, 0], [1, 0], [1, 1]]}]
  - id: cam-2"""
    text = HALL.replace("]\n  - id: cam-2", more)
    place = parse_configuration(text).halls[0]
    chosen = Redaction(Heads.BY_STANDERS, (WindowId("w01"),))
    assert [zone.id for zone in visible_zones(place, CAMERA, chosen)] == ["s1", "c1"]
    assert visible_zones(place, CameraId("cam-2"), chosen) == ()
    assert visible_zones(place, CAMERA, Redaction(Heads.ALL)) == ()


# --- orders


def redacting(
    filmed: Filmed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, do: Redact
) -> tuple[ExportThread, Path]:
    """A console's thread that redacts in this process, with one order that waits."""
    site = f"site: {{data: {tmp_path / 'data'}, storage: {{disks: [{tmp_path / 'recordings'}]}}}}\n"
    configuration = parse_configuration(site + HALL)
    export = ordered(filmed, start=0, redaction=ALL)
    monkeypatch.setattr("console.evidence.exporting.Redactor", lambda analysis: Redactor(analysis, do))
    clock = SimulatedClock(START + timedelta(hours=1))
    return ExportThread(configuration, filmed.database, clock, "one"), package_path(configuration, export)


def test_an_ordered_package_is_redacted_and_its_list_tells_how_many_pictures_are_covered_whole(
    filmed: Filmed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = in_process(Finder(slowly, fails=lambda at: at < 0.1))
    exports, path = redacting(filmed, tmp_path, monkeypatch, do)
    stale = work_folder(path)
    stale.mkdir(parents=True)
    (stale / "of-a-killed-console.mp4").touch()
    exports.step()
    export = found(filmed)
    assert export.state is ExportState.MADE, export.error
    assert (export.files_read, export.files, export.covered_whole) == (4, 4, 2)
    assert verify(path).manifest.redaction == ALL
    assert [one.name for one in path.parent.glob("e1*")] == ["e1.zip"]


def taking_back(filmed: Filmed) -> Callable[[Task, Share], Redacted]:
    """Redacts nothing: somebody takes the order back meanwhile, and the thread hears of it."""

    def do(_task: Task, share: Share) -> Redacted:
        with filmed.database.write() as tx:
            export = exporting.get(tx, found(filmed).id)
            exporting.change(tx, replace(export, state=ExportState.REMOVED), [ExportState.MAKING], after(70))
        share(1.0)
        pytest.fail("the work goes on although nobody wants it")

    return do


def test_an_order_that_is_taken_back_while_it_is_redacted_ends_at_once(
    filmed: Filmed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.evidence.exporting.TOLD_EVERY", 0.0)
    exports, path = redacting(filmed, tmp_path, monkeypatch, taking_back(filmed))
    exports.step()
    assert found(filmed).state is ExportState.REMOVED
    assert list(path.parent.glob("e1*")) == []
