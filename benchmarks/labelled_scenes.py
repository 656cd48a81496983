"""Clips of drawn scenes whose truth is known because they are drawn, laid out as `bench accuracy` reads.

They stand in where no real clips are at hand. Drawn people are easy: what is measured on them says that the
whole way works, and little about real halls.
"""

from __future__ import annotations

import json
import wave
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from fixtures import sound
from fixtures.pictures import Film
from fixtures.scenes import VIEWS, Post, Scene, View, zones
from hall.names import CameraId
from hall.place import ZoneRole
from hall.polygon import bounds

if TYPE_CHECKING:
    from hall.ports import Picture

RATE = 5
"""Pictures a second: clips are looked at twice a second."""
VIEW = VIEWS[CameraId("cam-1")]
STORY = (
    (Scene(Post.STAFF, Post.SERVING, 0), 24),
    (Scene(Post.EMPTY, Post.SERVING, 2), 36),
    (Scene(Post.STAFF, Post.EMPTY, 4), 24),
    (Scene(Post.UNATTENDED, Post.STAFF, 3), 24),
)
"""Scenes, and for how many seconds each is seen."""
NORMAL, TAMPERED = 24, 24
"""Seconds of a clip with a fault."""
AUDIBLE = 0.004
"""Amplitude from which a voice counts as speech."""
BLOCK = 320

Spoil = Callable[["Picture"], "Picture"]


def make(folder: Path) -> None:
    """Draw all clips and write their labels below `folder`."""
    for name in ("video", "audio", "gt"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    seconds = [scene for scene, length in STORY for _ in range(length)]
    _write(folder / "video" / "story.mp4", _drawn(seconds))
    _label(folder, "story.mp4", _truth(seconds))
    scene = STORY[0][0]
    for kind, spoil in SPOILS.items():
        film = _drawn([scene] * (NORMAL + TAMPERED))
        spoiled = (
            picture if number < NORMAL * RATE else spoil(picture) for number, picture in enumerate(film)
        )
        _write(folder / "video" / f"{kind}.mp4", spoiled)
        tamper = {"tamper": kind, "normal_until": NORMAL, "tampered_from": NORMAL}
        _label(folder, f"{kind}.mp4", tamper)
    _speak(folder)


def _drawn(seconds: Sequence[Scene]) -> Iterator[Picture]:
    films: dict[Scene, Film] = {}
    for at, scene in enumerate(seconds):
        film = films.setdefault(scene, Film(VIEW, scene))
        for number in range(RATE):
            yield film.frame(at * RATE + number)


def _write(path: Path, pictures: Iterator[Picture]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = VIEW.width, VIEW.height, "yuv420p"
        for number, picture in enumerate(pictures):
            frame = VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _truth(seconds: Sequence[Scene]) -> dict[str, object]:
    """Who is where; a second next to a change is nobody's to be sure of."""
    told = []
    for at, scene in enumerate(seconds):
        sure = all(seconds[near] == scene for near in (at - 1, at) if near >= 0)
        posts = dict(
            zip((counter.window for counter in VIEW.counters), (scene.left, scene.right), strict=True)
        )
        people = scene.waiting + sum(post.has_staff + post.has_customer for post in posts.values())
        states = {
            window: {"state": "present" if post.has_staff else "absent", "sure": sure}
            for window, post in posts.items()
        }
        told.append({"t": at, "persons": people, "sure": sure, "zones": states})
    return {"zones": _boxes(VIEW), "per_second": told}


def _boxes(view: View) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for zone in zones(view):
        if zone.role is ZoneRole.STAFF:
            left, top, right, bottom = bounds(zone.polygon)
            found.append({"name": zone.window, "x": left, "y": top, "w": right - left, "h": bottom - top})
    return found


def _label(folder: Path, file: str, truth: dict[str, object]) -> None:
    path = folder / "gt" / f"{Path(file).stem}.json"
    path.write_text(json.dumps({"file": file, **truth}), encoding="utf-8")


def _covered(picture: Picture) -> Picture:
    """A cloth before the lens: dark and without detail; only the lens's own grain is left."""
    grey: Picture = np.full_like(picture, 46)
    shade = np.linspace(0, 14, picture.shape[1], dtype=np.uint8)[None, :, None]
    grain = (picture & 3).astype(np.uint8)
    return np.asarray(grey + np.broadcast_to(shade, picture.shape) + grain, np.uint8)


def _moved(picture: Picture) -> Picture:
    turned = np.array([[1.05, 0.05, -260.0], [-0.05, 1.05, 90.0]], np.float32)
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.warpAffine(picture, turned, size, borderMode=cv2.BORDER_REFLECT), np.uint8)


class _Frozen:
    """Gives the first picture that it gets for ever."""

    def __init__(self) -> None:
        self._first: Picture | None = None

    def __call__(self, picture: Picture) -> Picture:
        self._first = picture if self._first is None else self._first
        return self._first


SPOILS: dict[str, Spoil] = {
    "covered": _covered,
    "black": lambda picture: np.asarray(picture // 40, np.uint8),
    "washed_out": lambda picture: np.asarray(cv2.add(picture // 8, np.full_like(picture, 226)), np.uint8),
    "frozen": _Frozen(),
    "blurred": lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), 14), np.uint8),
    "moved": _moved,
}


def _speak(folder: Path) -> None:
    shares: dict[str, dict[str, list[float]]] = {}
    for place in range(2):
        still, talk = sound.room(place), sound.talk(place)
        for name, samples in ((f"room-{place}.wav", still), (f"talk-{place}.wav", talk)):
            with wave.open(str(folder / "audio" / name), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(sound.SAMPLE_RATE)
                file.writeframes((samples * 32767).astype("<i2").tobytes())
            shares[name] = {"speech_share_per_second": _shares(samples - still)}
    (folder / "gt" / "audio_vad.json").write_text(json.dumps({"files": shares}), encoding="utf-8")


def _shares(voice: sound.Samples) -> list[float]:
    """The share of each second in which the voice alone can be heard."""
    whole = voice[: voice.size // BLOCK * BLOCK].reshape(-1, BLOCK)
    audible = np.sqrt(np.mean(whole**2, axis=1)) > AUDIBLE
    a_second = sound.SAMPLE_RATE // BLOCK
    return [float(np.mean(audible[at : at + a_second])) for at in range(0, audible.size, a_second)]
