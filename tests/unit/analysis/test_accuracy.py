"""A folder of labelled clips judged as a whole: every clip as a camera is, and a broken one for itself."""

from __future__ import annotations

import json
import time
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner

from analysis.accuracy.clips import _samples_of, _upright, camera_of, examine
from analysis.accuracy.judging import Score, judge, score_of
from analysis.accuracy.labels import ClipLabels
from analysis.accuracy.playing import Played
from analysis.accuracy.scoring import Hits
from analysis.accuracy.summary import HEADER, keys, not_judged, rows, table
from hall.config.settings import AnalysisSettings
from hall.errors import ConfigurationError, DetectorError, MediaError
from hall.ports import Detection
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from tests.unit.analysis.clips import HALF, Somebody, clip

if TYPE_CHECKING:
    from hall.ports import Picture

KEYS = [
    "clips", "presence_accuracy", "absence_precision", "absence_recall", "count_mae", "count_mae_ratio",
    "speech_f1", "speech_cpu_share", "fault_precision", "fault_recall",
]  # fmt: skip


def truth(**more: object) -> dict[str, object]:
    """What is known of `clip`."""
    return {
        "file": "clip.mp4",
        "zones": [{"name": "desk", "x": 0.0, "y": 0.0, "w": 1.0, "h": 1.0}],
        "per_second": [
            {"t": second, "persons": int(second < HALF), "sure": second != HALF, "zones": {
                "desk": {"state": "present" if second < HALF else "absent", "sure": second != HALF}}}
            for second in range(int(2 * HALF))
        ],
        **more,
    }  # fmt: skip


def labels(**more: object) -> ClipLabels:
    return ClipLabels.model_validate(truth(**more))


def silence(path: Path, seconds: int = 3) -> None:
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(bytes(2 * 16_000 * seconds))


def label(place: Path, name: str, content: object) -> None:
    (place / "gt").mkdir(exist_ok=True)
    (place / "gt" / name).write_text(json.dumps(content))


def folder(place: Path) -> Path:
    """A folder with one clip and one sound, and what is known of both."""
    clip(place / "video" / "clip.mp4")
    label(place, "clip.json", truth())
    silence(place / "audio" / "still.wav")
    label(place, "audio_vad.json", {"files": {"still.wav": {"speech_share_per_second": [0, 0, 0]}}})
    return place


def judged(place: Path) -> dict[str, Score]:
    return {score.clip: score for score in judge(place, AnalysisSettings(), time.process_time)}


@pytest.mark.parametrize("begins", [0.0, 17.8])
def test_a_clip_is_examined_as_a_camera_is(tmp_path: Path, begins: float) -> None:
    path = clip(tmp_path / "clip.mkv", begins=begins)
    stated = examine(path, labels(), AnalysisSettings(), Somebody(), time.process_time)
    score = score_of(labels(), stated)
    assert (score.scored, score.right) == (9, 9)
    assert stated.length == pytest.approx(2 * HALF, abs=0.02)
    assert stated.absences("desk") == [(HALF, stated.length)]


def test_a_look_is_taken_when_it_is_due_and_again_where_no_picture_comes(tmp_path: Path) -> None:
    moments = [0.0, 0.3, 0.7, 0.9, 1.4, 1.55, 2.2, 2.5, 6.1, 6.2, 6.7, 7.7, 8.1, 8.3]
    path = clip(tmp_path / "clip.mkv", moments=moments)
    looks = [(round(moment, 2), round(frame.time, 2)) for moment, frame in _samples_of(path, 0.5, Played())]
    held = [(3.0, 2.5), (3.5, 2.5), (4.0, 2.5), (4.5, 2.5), (5.0, 2.5), (5.5, 2.5)]
    assert looks == [
        (0.0, 0.0), (0.7, 0.7), (1.4, 1.4), (1.55, 1.55), (2.2, 2.2), (2.5, 2.5), *held,
        (6.1, 6.1), (6.7, 6.7), (7.7, 7.7), (8.3, 8.3),
    ]  # fmt: skip


def test_what_a_picture_shows_holds_until_the_next_one_comes(tmp_path: Path) -> None:
    moments = [*(number / 10 for number in range(65)), 9.6, 9.7, 9.8, 9.9]
    path = clip(tmp_path / "clip.mkv", moments=moments)
    score = score_of(labels(), examine(path, labels(), AnalysisSettings(), Somebody(), time.process_time))
    assert (score.scored, score.right) == (9, 9)


def test_a_turned_picture_is_judged_as_players_show_it() -> None:
    picture = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    assert _upright(picture, 0) is picture
    assert _upright(picture, 90).shape == (3, 2, 3)
    assert (_upright(picture, 180) == picture[::-1, ::-1]).all()
    assert (_upright(_upright(picture, 90), -90) == picture).all()


class Failing(Somebody):
    """Cannot judge the third picture and the fourth."""

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        self.looks += 1
        if self.looks in (3, 4):
            raise DetectorError("tired")
        return super().detect(crops)


def test_a_picture_that_cannot_be_judged_is_told_and_the_others_are_judged(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4")
    seconds = [{"t": t, "zones": {"desk": t < HALF}} for t in range(10)]
    zones_alone = labels(per_second=seconds)
    stated = examine(path, zones_alone, AnalysisSettings(), Failing(), time.process_time)
    score = score_of(zones_alone, stated)
    assert (score.scored, score.right) == (10, 10)
    assert score.notes == ("2 pictures could not be judged: tired",)


def test_zones_may_overlap_and_reach_beyond_the_picture() -> None:
    box = {"y": 0.0, "h": 1.0}
    zones = [{"name": "left", "x": 0.0, "w": 0.6, **box}, {"name": "right", "x": 0.4, "w": 0.64, **box}]
    left, right, whole = camera_of(labels(zones=zones), 0.5).zones
    assert left.window != right.window
    assert max(x for x, _ in right.polygon) == 1.0
    assert whole.window is None


def test_a_folder_is_judged_clip_by_clip_and_the_keys_tell_what_has_no_labels(tmp_path: Path) -> None:
    scores = list(judged(folder(tmp_path)).values())
    assert [score.clip for score in scores] == ["clip.mp4", "still.wav"]
    told = keys(scores)
    assert list(told) == KEYS
    assert told["clips"] == 2
    assert told["presence_accuracy"] == 1.0
    assert told["fault_recall"] is None
    assert told["speech_f1"] is None
    assert len(rows(scores)) == 3


def test_a_broken_clip_costs_its_own_row_only(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "video" / "broken.mp4").write_bytes(b"no film")
    label(place, "broken.json", {"file": "broken.mp4", "per_second": [{"t": 0, "persons": 1}]})
    label(place, "gone.json", {"file": "gone.mp4", "per_second": []})
    (place / "audio" / "broken.wav").write_bytes(b"RIFF")
    sounds = {"still.wav": [0, 0, 0], "broken.wav": [0, 0], "gone.wav": [1]}
    label(place, "audio_vad.json", {"files": sounds})
    scores = judged(place)
    assert not_judged(scores.values()) == ["broken.mp4", "gone.mp4", "broken.wav", "gone.wav"]
    told = keys(list(scores.values()))
    assert (told["clips"], told["presence_accuracy"], told["absence_recall"]) == (2, 1.0, 1.0)
    told_of = {str(row[0]): row[HEADER.index("notes")] for row in rows(list(scores.values()))}
    assert told_of["clip.mp4"] is None
    assert told_of["gone.wav"] == "not judged; there is no audio/gone.wav"
    assert str(told_of["broken.mp4"]).startswith("not judged; broken.mp4 cannot be read")
    assert "broken.mp4" not in "".join(str(row) for row in rows(list(scores.values()))[-1:])


def test_what_no_clip_is_labelled_with_has_no_figure(tmp_path: Path) -> None:
    found = Score("a", faults=Hits(0, 2, 0), absences=Hits(0, 1, 0))
    told = keys([found])
    assert (told["fault_precision"], told["absence_precision"]) == (None, None)
    assert rows([found])[0][HEADER.index("faults right/wrong/missed")] == "0/2/0"
    told = keys([found, Score("b", faults=Hits(1, 0, 0), has_fault=True, has_zones=True)])
    assert list(told.values())[-2:] == [0.3333, 1.0]
    assert told["absence_precision"] == 0.0


def test_the_table_has_a_line_a_clip_and_leaves_out_what_is_told_of_none() -> None:
    lines = table([Score("a.mp4", 4, 3, has_zones=True), Score("longer.mp4", notes=("gone",), judged=False)])
    assert lines == [
        "clip        presence  of seconds  absences right/wrong/missed  notes",
        "a.mp4       0.75      4           0/0/0                        –",
        "longer.mp4  –         –           –                            not judged; gone",
        "all         0.75      4           0/0/0                        –",
    ]


def test_a_folder_without_labels_and_a_clip_without_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no labelled clip"):
        judged(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(b"no film")
    with pytest.raises(MediaError, match=r"clip\.mp4"):
        examine(tmp_path / "clip.mp4", labels(), AnalysisSettings(), Somebody(), time.process_time)


def test_the_command_prints_json_alone_and_ends_with_3_when_a_clip_is_left(tmp_path: Path) -> None:
    place = tmp_path / "clips"
    place.mkdir()
    silence(place / "audio" / "still.wav")
    label(place, "audio_vad.json", {"files": {"still.wav": [0, 0, 0]}})
    done = CliRunner().invoke(app, ["bench", "accuracy", str(place), "--json"])
    assert done.exit_code == ExitCode.OK, done.output
    assert list(json.loads(done.stdout)) == KEYS
    assert "still.wav" in done.stderr
    label(place, "gone.json", {"file": "gone.mp4", "samples": []})
    done = CliRunner().invoke(app, ["bench", "accuracy", str(place)])
    assert done.exit_code == ExitCode.FAULTS
    assert json.loads(done.stdout.splitlines()[-1])["clips"] == 1
    assert "1 of 2 could not be judged: gone.mp4" in done.stderr
    done = CliRunner().invoke(app, ["bench", "accuracy", str(tmp_path / "nowhere")])
    assert done.exit_code == ExitCode.REFUSED
