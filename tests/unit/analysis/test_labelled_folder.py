"""A folder of labels read: whatever is missing, shortened or wrong in it costs no more than itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.accuracy.folder import Clip, Sound, clips_of, sounds_of
from analysis.accuracy.labels import ClipLabels, SecondOf, SpeechLabels

BOX = {"name": "desk", "x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}


def write(folder: Path, label: str, content: object, *files: str) -> Path:
    """A label, and empty files that are there."""
    for name in ("gt", "video", "audio"):
        (folder / name).mkdir(exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "gt" / label).write_text(text, encoding="utf-8")
    for file in files:
        (folder / file).write_bytes(b"")
    return folder


def one(folder: Path) -> Clip:
    [clip] = clips_of(folder)
    return clip


def read(tmp_path: Path, **content: object) -> tuple[ClipLabels, tuple[str, ...]]:
    """The labels of a clip that is there, and what was passed over."""
    clip = one(write(tmp_path, "clip.json", {"file": "clip.mp4", **content}, "video/clip.mp4"))
    assert clip.path == tmp_path / "video" / "clip.mp4"
    assert clip.labels is not None
    return clip.labels, clip.notes


def states(second: SecondOf) -> dict[str, tuple[str, bool]]:
    return {name: (zone.state, zone.sure) for name, zone in second.zones.items()}


def test_nulls_say_as_much_as_members_that_are_missing(tmp_path: Path) -> None:
    labels, notes = read(
        tmp_path,
        zones=None,
        tamper=None,
        samples=[{"t": 3, "persons_best": 4, "min": None, "max": None}],
        per_second=[{"t": 0, "persons": None, "sure": None, "zones": None}],
    )
    assert notes == ()
    assert labels.zones == ()
    assert labels.per_second == (SecondOf(t=0),)
    assert [(one.persons_best, one.min, one.max) for one in labels.samples] == [(4, 4, 4)]


def test_a_zone_is_as_sure_as_its_second_unless_it_says_otherwise(tmp_path: Path) -> None:
    labels, _ = read(
        tmp_path,
        zones=[BOX, BOX | {"name": "door"}],
        per_second=[
            {"t": 0, "zones": {"desk": {"state": "present"}, "door": "absent"}},
            {"t": 1, "sure": False, "zones": {
                "desk": {"state": "present"}, "door": {"state": "absent", "sure": True}}},
            {"t": 2, "zones": {"desk": True, "door": {"state": "absent", "sure": False}}},
        ],
    )  # fmt: skip
    assert [states(second) for second in labels.per_second] == [
        {"desk": ("present", True), "door": ("absent", True)},
        {"desk": ("present", False), "door": ("absent", True)},
        {"desk": ("present", True), "door": ("absent", False)},
    ]


def test_a_wrong_entry_costs_itself_and_is_told(tmp_path: Path) -> None:
    labels, notes = read(
        tmp_path,
        zones=[BOX, {"name": "far", "x": 3, "y": 0, "w": 1, "h": 1}],
        per_second=[{"t": -1}, {"t": 1, "persons": 2}, "third", {"persons": 4}],
        samples=[{"t": 1, "min": 2, "max": 5}, {"t": 2}],
        tamper={"kind": "black"},
        normal_until="later",
    )
    assert [box.name for box in labels.zones] == ["desk"]
    assert [(second.t, second.persons) for second in labels.per_second] == [(1.0, 2)]
    assert [(one.t, one.persons_best) for one in labels.samples] == [(1.0, 4)]
    assert labels.fault is None
    assert [note.split(":")[0] for note in notes] == [
        "zones.1.x", "per_second.0.t", "samples.1.persons_best", "tamper", "normal_until"
    ]  # fmt: skip
    assert "(and 2 more)" in notes[1]


def test_a_box_that_reaches_a_little_beyond_the_picture_is_cut_off_there(tmp_path: Path) -> None:
    labels, notes = read(tmp_path, zones=[{"name": "desk", "x": -0.01, "y": 0.5, "w": 1.02, "h": 0.5}])
    assert notes == ()
    assert (labels.zones[0].x, labels.zones[0].w) == (0.0, 1.02)


def test_a_zone_without_its_rectangle_is_told(tmp_path: Path) -> None:
    _, notes = read(tmp_path, per_second=[{"t": 0, "zones": {"desk": "absent"}}])
    assert notes == ("zone 'desk' has no rectangle",)


def test_intervals_alone_are_told_second_by_second(tmp_path: Path) -> None:
    labels, _ = read(
        tmp_path,
        duration_s=5.4,
        boundary_uncertainty_s=0.2,
        zones=[{**BOX, "present_intervals_s": [[0, 2.5]]}],
        person_visible_intervals_s=[{"person": 1, "from": 0, "to": 2.5}, {"from": 1.9, "to": None}],
    )
    told = [(second.t, second.persons, second.sure) for second in labels.per_second]
    assert told == [(0, 1, True), (1, 1, False), (2, 1, False), (3, 1, True), (4, 1, True), (5, 1, True)]
    assert [states(second)["desk"] for second in labels.per_second] == [
        ("present", True), ("present", True), ("absent", False), *[("absent", True)] * 3,
    ]  # fmt: skip


def test_nobody_visible_is_known_and_no_intervals_are_not(tmp_path: Path) -> None:
    labels, _ = read(tmp_path, duration_s=2, person_visible_intervals_s=[])
    assert [second.persons for second in labels.per_second] == [0, 0]
    labels, _ = read(tmp_path, duration_s=2)
    assert labels.per_second == ()


def test_what_seconds_say_goes_before_intervals(tmp_path: Path) -> None:
    labels, _ = read(
        tmp_path,
        duration_s=2,
        zones=[{**BOX, "present_intervals_s": [[0, 2]]}],
        person_visible_intervals_s=[[0, 2]],
        per_second=[{"t": 0, "persons": 3, "zones": {"desk": "absent"}}],
    )
    assert labels.per_second == (
        SecondOf.model_validate({"t": 0, "persons": 3, "zones": {"desk": "absent"}}),
    )


@pytest.mark.parametrize(
    "content",
    [
        {"files": {"clip.wav": {"rms_dbfs": -33.4}}},
        {"notes": "labelled in March"},
        ["a", "list"],
        "12",
        {"file": 7},
    ],
)
def test_a_file_that_tells_of_no_clip_is_passed_over(tmp_path: Path, content: object) -> None:
    assert clips_of(write(tmp_path, "notes.json", content)) == []


def test_labels_without_their_file_say_so(tmp_path: Path) -> None:
    clip = one(write(tmp_path, "gone.json", {"file": "gone.mkv", "per_second": []}))
    assert (clip.name, clip.path) == ("gone.mkv", None)
    assert clip.notes == ("there is no video/gone.mkv",)


def test_labels_that_do_not_name_their_file_are_of_the_clip_of_their_name(tmp_path: Path) -> None:
    clip = one(write(tmp_path, "door.json", {"samples": []}, "video/door.mkv"))
    assert (clip.name, clip.path) == ("door.mkv", tmp_path / "video" / "door.mkv")


def test_a_file_may_be_named_with_its_folder(tmp_path: Path) -> None:
    clip = one(write(tmp_path, "door.json", {"file": "video/door.mkv"}, "video/door.mkv"))
    assert (clip.name, clip.path) == ("door.mkv", tmp_path / "video" / "door.mkv")


def test_what_is_no_json_is_told_and_costs_the_others_nothing(tmp_path: Path) -> None:
    write(tmp_path, "broken.json", '{"file": ')
    write(tmp_path, "clip.json", {"file": "clip.mp4"}, "video/clip.mp4")
    broken, clip = clips_of(tmp_path)
    assert (broken.name, broken.labels) == ("broken.json", None)
    assert broken.notes[0].startswith("gt/broken.json is no JSON")
    assert clip.labels is not None


def heard(tmp_path: Path, content: object) -> dict[str, Sound]:
    write(tmp_path, "audio_vad.json", content, "audio/a.wav")
    return {sound.name: sound for sound in sounds_of(tmp_path)}


@pytest.mark.parametrize(
    "content",
    [
        {"files": {"a.wav": {"speech_share_per_second": [0.0, 0.5, 1.0]}}},
        {"files": {"audio/a.wav": {"speech_share_per_second": [0.0, 0.5, 1.0000001]}}},
        {"semantics": "x", "a.wav": {"speech_share_per_second": [0, 0.5, 1]}},
        {"files": {"a.wav": [0, 0.5, 1]}},
        {"files": [{"file": "a.wav", "speech_share_per_second": [0, 0.5, 1]}]},
        {"files": {"a.wav": {"speech_s": [[1.5, 3]], "duration_s": 3.0}}},
        {"files": {"a.wav": {"speech_s": [{"start": 1.5, "end": 2}, [2, None]], "duration_s": 3}}},
    ],
)
def test_speech_is_labelled_in_several_ways(tmp_path: Path, content: object) -> None:
    [sound] = heard(tmp_path, content).values()
    assert sound.path == tmp_path / "audio" / "a.wav"
    assert sound.notes == ()
    assert sound.labels == SpeechLabels(speech_share_per_second=(0.0, 0.5, 1.0))


def test_sounds_that_say_too_little_or_are_not_there_say_so(tmp_path: Path) -> None:
    found = heard(
        tmp_path,
        {"files": {"a.wav": {"speech_share_per_second": [0, None, "much", 3]}, "b.wav": {"duration_s": 3}}},
    )
    assert found["a.wav"].labels == SpeechLabels(speech_share_per_second=(0.0, None, None, None))
    assert found["a.wav"].notes == ("speech_share_per_second: 2 seconds are no share of 0 to 1",)
    assert found["b.wav"].labels is None
    assert found["b.wav"].notes == (
        "there is no audio/b.wav", "has neither speech_share_per_second nor speech_s"
    )  # fmt: skip


def test_a_folder_without_labelled_sound_has_none(tmp_path: Path) -> None:
    assert sounds_of(tmp_path) == []
    assert [sound.labels for sound in sounds_of(write(tmp_path, "audio_vad.json", "{"))] == [None]
