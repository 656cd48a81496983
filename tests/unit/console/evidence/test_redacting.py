"""Redacting a clip: nothing of a head is left in any picture, all else stays, and no silence hides one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import psutil
import pytest

from console.evidence.redacting.film import redacted
from console.evidence.redacting.process import redact
from console.evidence.redacting.task import Redacted, Task
from hall.config.settings import AnalysisSettings
from hall.errors import EvidenceError
from hall.names import WindowId, ZoneId
from hall.place import Zone, ZoneRole
from hall.redacting import Heads, Redaction
from tests.unit.analysis.pictures import empty_counter, person
from tests.unit.console.evidence.drawn import RADIUS, Finder, drawn, film, frames, walking, within

if TYPE_CHECKING:
    from hall.ports import Picture

ALL = Redaction(Heads.ALL)
GREY = 128
CODED = 10
"""Grey levels by which coding may change an even surface."""
KEPT_APART = 3
"""Grey levels by which coding anew changes what is not covered, in the mean."""


def task(tmp_path: Path, redaction: Redaction = ALL, **members: object) -> Task:
    return Task(tmp_path / "clip.mp4", tmp_path / "out.mp4", redaction, AnalysisSettings(), **members)  # type: ignore[arg-type] # as the test names them


def done(tmp_path: Path, finder: Finder, redaction: Redaction = ALL) -> Redacted:
    return redacted(task(tmp_path, redaction), finder.find, "fake@1", lambda _share: None)


def is_grey(picture: Picture, mask: Picture) -> bool:
    """Whether everything in a mask is the even grey."""
    inside = picture[mask > 0].astype(int)
    return bool(np.abs(inside - GREY).max() <= CODED)


@pytest.mark.parametrize("b_frames", [0, 2])
def test_the_head_is_gone_from_every_picture_and_nothing_else_is(tmp_path: Path, b_frames: int) -> None:
    original = film(tmp_path / "clip.mp4", walking, b_frames=b_frames)
    told = done(tmp_path, Finder(walking))
    before, after = list(frames(original)), list(frames(tmp_path / "out.mp4"))
    assert [at for at, _ in after] == [at for at, _ in before]
    assert len(after) == told.frames == told.frames_with_heads == 20
    for (at, was), (_, now) in zip(before, after, strict=True):
        x, y = walking(at)
        head = within(x, y, RADIUS)
        assert not is_grey(was, head), "else this proves nothing"
        assert is_grey(now, head), at
        elsewhere = within(x, y, 4 * RADIUS) == 0
        assert np.abs(was.astype(int) - now)[elsewhere].mean() < KEPT_APART, at
    assert (told.heads, told.frames_covered_whole, told.frames_lost) == (1, 0, 0)
    assert (told.method, told.detector, told.picture_is_original) == ("heads-filled", "fake@1", False)


def test_a_head_that_the_detector_loses_stays_covered(tmp_path: Path) -> None:
    """Found at the beginning and at the end only, and in between for two seconds not at all."""

    def slowly(at: float) -> tuple[int, int]:
        return 60 + round(4 * at), 54

    film(tmp_path / "clip.mp4", slowly, 3.0, sound=False)
    told = done(tmp_path, Finder(slowly, lost=lambda at: 0.3 < at < 2.5))
    for at, picture in frames(tmp_path / "out.mp4"):
        assert is_grey(picture, within(*slowly(at), RADIUS)), at
    assert told.frames_with_heads == 30


def test_pictures_of_which_the_detector_tells_nothing_are_covered_whole(tmp_path: Path) -> None:
    film(tmp_path / "clip.mp4", walking, sound=False)
    told = done(tmp_path, Finder(walking, fails=lambda at: 0.5 < at < 0.9))
    whole = []
    for at, picture in frames(tmp_path / "out.mp4"):
        assert is_grey(picture, within(*walking(at), RADIUS)), at
        if is_grey(picture, np.full(picture.shape[:2], 255, np.uint8)):
            whole.append(round(at, 1))
    assert whole == [0.5, 0.6, 0.7, 0.8, 0.9], "from the last answer to the next one"
    assert told.frames_covered_whole == len(whole)


def test_a_detector_that_tells_nothing_at_all_makes_no_clip(tmp_path: Path) -> None:
    film(tmp_path / "clip.mp4", walking, sound=False)
    with pytest.raises(EvidenceError, match="nothing tells where heads are: the model is gone"):
        done(tmp_path, Finder(walking, fails=lambda _at: True))
    assert not (tmp_path / "out.mp4").exists()


def test_who_is_at_a_visible_window_stays_as_recorded(tmp_path: Path) -> None:
    film(tmp_path / "clip.mp4", walking, sound=False)
    told = done(tmp_path, Finder(walking, is_inside=True), Redaction(Heads.BY_STANDERS, (WindowId("w1"),)))
    assert (told.heads, told.frames_with_heads) == (0, 0)
    for at, picture in frames(tmp_path / "out.mp4"):
        assert np.abs(picture.astype(int) - drawn(walking, at)).mean() < KEPT_APART


def test_a_picture_is_looked_at_each_fifth_of_a_second_and_the_last_one_too(tmp_path: Path) -> None:
    film(tmp_path / "clip.mp4", walking, 1.0, sound=False)
    finder = Finder(walking)
    done(tmp_path, finder)
    assert finder.looked_at == 6, "0, 0.2 … 0.8, and 0.9"


def sound_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        streams = container.streams.audio
        return [bytes(packet) for packet in container.demux(streams[0]) if packet.size] if streams else []


def pictures_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


def test_sound_is_copied_as_it_was_or_left_out(tmp_path: Path) -> None:
    original = film(tmp_path / "clip.mp4", walking)
    done(tmp_path, Finder(walking))
    assert sound_of(tmp_path / "out.mp4") == sound_of(original) != []
    told = done(tmp_path, Finder(walking), Redaction(Heads.ALL, mutes_sound=True))
    assert told.sound_is_muted
    assert sound_of(tmp_path / "out.mp4") == []


def test_where_only_the_sound_is_left_out_the_pictures_are_those_that_were_recorded(tmp_path: Path) -> None:
    original = film(tmp_path / "clip.mp4", walking, b_frames=2)
    finder = Finder(walking)
    told = done(tmp_path, finder, Redaction(Heads.KEPT, mutes_sound=True))
    assert told == Redacted(picture_is_original=True, sound_is_muted=True)
    assert pictures_of(tmp_path / "out.mp4") == pictures_of(original)
    assert sound_of(tmp_path / "out.mp4") == []
    assert finder.looked_at == 0


def test_a_clip_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"no film")
    with pytest.raises(EvidenceError, match=r"clip\.mp4 cannot be redacted"):
        done(tmp_path, Finder(walking))


# --- the process


def test_by_the_real_process_and_detector_a_by_stander_is_covered_and_the_clerk_is_not(
    tmp_path: Path,
) -> None:
    """A photograph's person twice: at the window, and walking beside it."""
    who = cv2.resize(person(), (120, 120), interpolation=cv2.INTER_AREA)

    def shown(number: int) -> Picture:
        picture = empty_counter(216, 384)
        picture[96:216, 20:140] = who
        picture[80:200, 200 + 8 * number : 320 + 8 * number] = who
        return picture

    with av.open(str(tmp_path / "clip.mp4"), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=5, options={"preset": "ultrafast", "crf": "16"})
        stream.width, stream.height = 384, 216
        for number in range(6):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shown(number), format="bgr24")))
        container.mux(stream.encode(None))
    polygon = ((0.0, 0.3), (0.42, 0.3), (0.42, 1.0), (0.0, 1.0))
    zone = Zone(id=ZoneId("s1"), role=ZoneRole.STAFF, window=WindowId("w1"), polygon=polygon)
    shares: list[float] = []
    wanted = task(tmp_path, Redaction(Heads.BY_STANDERS, (WindowId("w1"),)), visible=(zone,))
    told = redact(wanted, shares.append)
    assert (told.frames, told.frames_covered_whole, told.detector) == (6, 0, "movenet@1")
    assert [each.id for each in told.zones] == ["s1"]
    assert shares == sorted(shares)
    face, radius = (52, 26), 10
    for number, (_, picture) in enumerate(frames(tmp_path / "out.mp4")):
        x, y = 200 + 8 * number + face[0], 80 + face[1]
        by_stander = picture[y - radius : y + radius, x - radius : x + radius]
        assert np.abs(by_stander.astype(int) - GREY).max() <= CODED, number
        clerk = picture[96:216, 20:140].astype(int) - shown(number)[96:216, 20:140]
        assert np.abs(clerk).mean() < 8, number


def ending(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit('the memory is full')", "ended without a result: the memory is full"),
        ("import sys; sys.exit(7)", "ended without a result: exit status 7"),
        ('print(\'{"failed": "nothing tells"}\')', "^nothing tells$"),
        ("print('what?')", "cannot be read"),
        ("print('{\"done\": {}}')", "cannot be read"),
    ],
)
def test_a_process_that_ends_without_a_result_says_why(tmp_path: Path, code: str, why: str) -> None:
    with pytest.raises(EvidenceError, match=why):
        redact(task(tmp_path), lambda _share: None, ending(code))


def test_the_process_is_ended_with_whoever_waits_for_it(tmp_path: Path) -> None:
    class NotWanted(Exception):
        pass

    mark = tmp_path / "pid"
    code = f"""if True:
        import os, pathlib, time
        pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))
        print('{{"share": 0.5}}', flush=True)
        time.sleep(100)
    """

    def share(done: float) -> None:
        if done == 0.5:
            raise NotWanted

    with pytest.raises(NotWanted):
        redact(task(tmp_path), share, ending(code))
    assert not psutil.pid_exists(int(mark.read_text()))
