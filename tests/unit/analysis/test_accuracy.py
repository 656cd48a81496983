"""Judging analysis: what counts as right, and a folder of labelled clips read and judged as a whole."""

from __future__ import annotations

import json
import time
import wave
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from analysis.accuracy.clips import Stated, examine
from analysis.accuracy.judging import judge, score_of
from analysis.accuracy.labels import ClipLabels, clips_of, speech_of
from analysis.accuracy.scoring import (
    CountError,
    Hits,
    PeopleThere,
    count_error,
    fault_hits,
    same_absences,
    spans_of,
    speech_hits,
)
from analysis.accuracy.summary import keys, rows
from hall.config.settings import AnalysisSettings
from hall.errors import ConfigurationError, MediaError
from hall.ports import Detection
from tests.unit.analysis.pictures import empty_counter, with_person

if TYPE_CHECKING:
    from hall.ports import Picture

RATE = 10


def test_a_count_within_the_range_is_right_and_one_beside_it_is_off_by_the_distance() -> None:
    there = [PeopleThere(0.0, 5, 5, 6), PeopleThere(10.0, 8, 7, 8), PeopleThere(20.0, 3, 3, 3)]
    error = count_error(there, [(0.0, 6), (9.0, 4), (19.0, None)])
    assert (error.moments, error.off, error.off_best, error.people, error.near) == (3, 6, 8, 16, 1)
    assert error.mean == pytest.approx(2.0)
    assert error.ratio == pytest.approx(6 / 16)
    assert CountError().mean is None


def test_an_absence_is_found_when_most_of_it_is_and_each_is_counted_once() -> None:
    assert same_absences([(10, 30)], [(12, 31)]) == Hits(1, 0, 0)
    assert same_absences([(10, 30)], [(40, 50)]) == Hits(0, 1, 1)
    assert same_absences([(10, 30)], []) == Hits(0, 0, 1)
    assert same_absences([], [(5, 20)]) == Hits(0, 1, 0)


def test_short_absences_and_those_nobody_is_sure_of_are_left_out() -> None:
    assert same_absences([(10, 12)], [(10, 12)]) == Hits()
    assert same_absences([], [(5, 10)], unsure=[(4, 11)]) == Hits()


def test_seconds_that_are_half_speech_are_not_scored() -> None:
    assert speech_hits([1.0, 0.5, 0.0, 0.9, 0.05], [True, True, True, False, False]) == Hits(1, 1, 1)


def test_a_fault_is_found_when_its_kind_is_stated_in_time() -> None:
    assert fault_hits("black", 20.0, [("black", (22.0, 40.0))], 10) == Hits(1, 0, 0)
    assert fault_hits("black", 20.0, [("black", (31.0, 40.0))], 10) == Hits(0, 0, 1)
    assert fault_hits("black", 20.0, [("moved", (22.0, 40.0))], 10) == Hits(0, 1, 1)
    assert fault_hits("black", 20.0, [("black", (3.0, 8.0))], 10) == Hits(0, 1, 1)
    assert fault_hits(None, None, [("frozen", (3.0, 8.0))], 10) == Hits(0, 1, 0)
    assert fault_hits(None, None, [], 10) == Hits()


@given(st.lists(st.booleans(), max_size=30))
def test_spans_hold_exactly_the_seconds_that_hold(truths: list[bool]) -> None:
    spans = spans_of((float(at), holds) for at, holds in enumerate(truths))
    inside = [any(start <= at < end for start, end in spans) for at in range(len(truths))]
    assert inside == truths
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_precision_and_recall_say_nothing_where_there_is_nothing() -> None:
    assert (Hits().precision, Hits().recall, Hits().f1) == (None, None, None)
    assert (Hits(0, 0, 2).precision, Hits(0, 0, 2).recall) == (0.0, 0.0)
    assert Hits(3, 1, 2).f1 == pytest.approx(2 / 3)


def labels(**more: object) -> ClipLabels:
    return ClipLabels.model_validate(
        {
            "file": "clip.mp4",
            "zones": [{"name": "desk", "x": 0.0, "y": 0.0, "w": 1.0, "h": 1.0}],
            "per_second": [
                {"t": second, "persons": int(second < 5), "sure": second != 5, "zones": {
                    "desk": {"state": "present" if second < 5 else "absent", "sure": second != 5}}}
                for second in range(10)
            ],
            **more,
        }
    )  # fmt: skip


def test_a_second_counts_as_what_was_said_of_it_in_the_end() -> None:
    stated = Stated(
        10.0, {"desk": [(0.0, "on_post"), (5.0, "leaving"), (7.0, "absent")]}, [(0.0, 1), (5.0, 0)]
    )
    score = score_of(labels(), stated)
    assert (score.scored, score.right) == (9, 9)
    assert score.absences == Hits(1, 0, 0)
    assert score.counts.off == 0


def test_unknown_is_not_right() -> None:
    score = score_of(labels(), Stated(10.0, {"desk": [(0.0, "unknown")]}, [(0.0, None)]))
    assert score.right == 0
    assert score.absences == Hits(0, 0, 1)


def test_faults_are_known_by_their_other_names() -> None:
    tampered = labels(tamper="Out of focus", normal_until=3, tampered_from=4)
    stated = Stated(10.0, faults=[("blurred", (4.0, 10.0))])
    assert score_of(tampered, stated).faults == Hits(1, 0, 0)
    assert score_of(labels(), stated).faults == Hits(0, 1, 0)


class Somebody:
    """Finds a person wherever the picture is not the empty counter."""

    name = "somebody@1"

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        return [
            [Detection((0.3, 0.2, 0.7, 0.9), 0.9)] if np.std(crop[: len(crop) // 3, :, 1]) > 12 else []
            for crop in crops
        ]


def clip(path: Path) -> None:
    """Five seconds with a person, and five of the empty counter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for picture in [with_person(240, 320)] * (5 * RATE) + [empty_counter(240, 320)] * (5 * RATE):
            container.mux(stream.encode(VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))


def folder(place: Path) -> Path:
    """A folder with one clip and one sound, and what is known of both."""
    clip(place / "video" / "clip.mp4")
    (place / "gt").mkdir()
    (place / "gt" / "clip.json").write_text(labels().model_dump_json())
    (place / "audio").mkdir()
    with wave.open(str(place / "audio" / "still.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(bytes(2 * 16_000 * 3))
    speech = {
        "files": {
            "still.wav": {"speech_share_per_second": [0, 0, 0]},
            "gone.wav": {"speech_share_per_second": []},
        }
    }
    (place / "gt" / "audio_vad.json").write_text(json.dumps(speech))
    return place


def test_a_clip_is_examined_as_a_camera_is(tmp_path: Path) -> None:
    clip(tmp_path / "clip.mp4")
    stated = examine(tmp_path / "clip.mp4", labels(), AnalysisSettings(), Somebody(), time.process_time)
    score = score_of(labels(), stated)
    assert (score.scored, score.right) == (9, 9)
    # A picture that changes as a whole is suspected of a fault at first, and its zones are not judged.
    [(begin, end)] = stated.absences("desk")
    assert 5.0 <= begin <= 6.0
    assert end == stated.length


def test_a_folder_is_judged_clip_by_clip_and_the_keys_tell_what_has_no_labels(tmp_path: Path) -> None:
    scores = list(judge(folder(tmp_path), AnalysisSettings(), time.process_time))
    assert [score.clip for score in scores] == ["clip.mp4", "still.wav"]
    told = keys(scores)
    assert list(told) == [
        "clips", "presence_accuracy", "absence_precision", "absence_recall", "count_mae", "count_mae_ratio",
        "speech_f1", "speech_cpu_share", "fault_precision", "fault_recall",
    ]  # fmt: skip
    assert told["clips"] == 2
    assert told["presence_accuracy"] == 1.0
    assert told["fault_recall"] is None
    assert told["speech_f1"] is None
    assert len(rows(scores)) == 3


def test_labels_without_their_file_are_passed_over(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "video" / "clip.mp4").unlink()
    assert clips_of(place) == []
    assert list(speech_of(place)) == ["still.wav"]


def test_wrong_labels_are_refused_with_file_and_field(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "gt" / "clip.json").write_text('{"file": "clip.mp4", "zones": [{"name": "desk", "x": 3}]}')
    with pytest.raises(ConfigurationError, match=r"clip\.json.*zones\.0\.x"):
        clips_of(place)
    (place / "gt" / "clip.json").write_text("{")
    with pytest.raises(ConfigurationError, match=r"clip\.json.*no JSON"):
        clips_of(place)


def test_a_folder_without_labels_and_a_clip_without_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no labelled clip"):
        list(judge(tmp_path, AnalysisSettings(), time.process_time))
    (tmp_path / "clip.mp4").write_bytes(b"no film")
    with pytest.raises(MediaError, match=r"clip\.mp4"):
        examine(tmp_path / "clip.mp4", labels(), AnalysisSettings(), Somebody(), time.process_time)
