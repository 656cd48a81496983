"""Clips and sounds of every kind play from their first picture or sample; damage costs only itself."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from analysis.accuracy.playing import Played, _Timing, pictures_of, seconds_of
from analysis.sound.samples import RATE
from hall.errors import MediaError
from tests.unit.analysis.clips import clip

JPEG_BEGINS = b"\xff\xd8\xff"
NO_SIZE = b"\xff\xc0\x00\x0b\x08\x00\x00\x00\x00\x01"
"""The head of a picture of no pixels."""


def moments(path: Path, played: Played | None = None) -> list[float]:
    return [moment for moment, _ in pictures_of(path, played or Played())]


@pytest.mark.parametrize(
    ("name", "codec", "more"),
    [
        ("h264.mp4", "libx264", {}),
        ("h265.mkv", "libx265", {"options": {"x265-params": "log-level=error"}}),
        ("mpeg4.avi", "mpeg4", {}),
        ("mjpeg.mov", "mjpeg", {"pixels": "yuvj420p"}),
        ("vp9.webm", "libvpx-vp9", {"options": {"deadline": "realtime", "cpu-used": "8"}}),
        ("picture.gif", "gif", {"pixels": "rgb8"}),
        ("late.ts", "libx264", {"begins": 5000.0}),
        ("late.mkv", "libx264", {"begins": 17.8}),
        ("one-key.mp4", "libx264", {"options": {"g": "9999"}}),
        ("b-frames.mp4", "libx264", {"options": {"preset": "veryfast", "bf": "3"}}),
        ("interlaced.ts", "mpeg2video", {"options": {"flags": "+ildct+ilme"}}),
        ("odd.mkv", "libx264", {"size": (163, 121), "pixels": "yuv444p"}),
        ("portrait.mp4", "libx264", {"size": (120, 214)}),
        ("raw.264", "libx264", {}),
    ],
)
def test_clips_of_every_kind_play_from_their_first_picture(
    tmp_path: Path, name: str, codec: str, more: dict[str, object]
) -> None:
    rate = {"raw.264": 25}.get(name, 10)  # a bare stream does not tell its rate; FFmpeg takes 25
    played = Played()
    found = moments(clip(tmp_path / name, codec, half=1.0, **more), played)  # type: ignore[arg-type]
    assert found == pytest.approx([number / rate for number in range(20)], abs=0.011)
    assert played.length == pytest.approx(20 / rate, abs=0.07)
    assert (played.damaged, played.broken_off) == (0, None)


def test_pictures_that_come_at_odd_times_keep_them(tmp_path: Path) -> None:
    times = [0.0, 0.049, 0.2, 0.95, 1.0, 6.5, 6.6]
    assert moments(clip(tmp_path / "odd.mkv", moments=times)) == pytest.approx(times, abs=0.002)


def test_times_that_are_missing_or_leap_are_mended() -> None:
    timing = _Timing(0.1)
    told = [7.0, None, 7.2, 2.0, 2.1, None, 95_000.0, 95_000.1, 95_000.1]
    mended = [timing.of(time) for time in told]
    assert mended == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.7])
    unknown = _Timing(0.1)
    assert [unknown.of(time) for time in (None, None, 5.0, 5.1)] == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_damage_within_a_clip_costs_the_damaged_pictures_only(tmp_path: Path) -> None:
    path = clip(tmp_path / "damaged.mkv", "mjpeg", pixels="yuvj420p", half=2.0)
    pictures = path.read_bytes().split(JPEG_BEGINS)
    for number in (7, 8, 20):
        pictures[number] = NO_SIZE * 50 + pictures[number][500:]
    path.write_bytes(JPEG_BEGINS.join(pictures))
    played = Played()
    found = moments(path, played)
    whole = [number / 10 for number in range(40) if number not in (6, 7, 19)]
    assert found == pytest.approx(whole, abs=0.002)
    assert (played.damaged, played.broken_off) == (3, None)


def test_a_clip_that_ends_too_early_plays_as_far_as_it_goes(tmp_path: Path) -> None:
    path = clip(tmp_path / "short.mkv", half=2.0, options={"g": "5"})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    played = Played()
    found = moments(path, played)
    assert 0 < len(found) < 40
    assert played.length == pytest.approx(found[-1] + 0.1, abs=0.02)


@pytest.mark.parametrize("content", [b"", b"no film", b"\x00\x00\x00\x18ftypisom" + bytes(200)])
def test_what_is_no_film_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"^clip\.mp4 "):
        moments(path)
    with pytest.raises(MediaError, match=r"^clip\.mp4 "):
        list(seconds_of(path))


def sound(path: Path, codec: str, rate: int, layout: str, form: str, container: str | None = None) -> Path:
    """Two and a half seconds: a tone in the second second, silence around it."""
    at = np.arange(int(2.5 * rate)) / rate
    tone = np.where((at >= 1) & (at < 2), np.sin(2 * np.pi * 440 * at) * 12_000, 0).astype(np.int16)
    channels = 2 if layout == "stereo" else 1
    with av.open(str(path), "w", format=container) as file:
        stream = cast(AudioStream, file.add_stream(codec, rate=rate, layout=layout))
        frame = av.AudioFrame.from_ndarray(
            np.repeat(tone, channels).reshape(1, -1), format="s16", layout=layout
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        block = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(format=form, layout=layout, rate=rate, frame_size=block)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout", "form", "container"),
    [
        ("a.wav", "pcm_s16le", 16_000, "mono", "s16", None),
        ("b.wav", "pcm_s16le", 8_000, "mono", "s16", None),
        ("c.wav", "pcm_f32le", 48_000, "stereo", "flt", None),
        ("d.flac", "flac", 44_100, "stereo", "s16", None),
        ("e.mp3", "libmp3lame", 44_100, "stereo", "s16p", None),
        ("f.ogg", "libopus", 48_000, "stereo", "s16", None),
        ("g.opus", "libopus", 48_000, "mono", "s16", None),
        ("h.m4a", "aac", 48_000, "mono", "fltp", None),
        ("i.wav", "pcm_mulaw", 8_000, "mono", "s16", None),
        ("j.alaw", "pcm_alaw", 8_000, "mono", "s16", "alaw"),
        ("k.ulaw", "pcm_mulaw", 8_000, "mono", "s16", "mulaw"),
        ("l.g722", "g722", 16_000, "mono", "s16", "g722"),
        ("m.pcm", "pcm_s16le", 16_000, "mono", "s16", "s16le"),
    ],
)
def test_sounds_of_every_kind_are_heard_as_seconds(
    tmp_path: Path, name: str, codec: str, rate: int, layout: str, form: str, container: str | None
) -> None:
    played = Played()
    found = list(seconds_of(sound(tmp_path / name, codec, rate, layout, form, container), played))
    assert [each.size for each in found[:2]] == [RATE, RATE]
    assert played.length == pytest.approx(2.5, abs=0.1)
    loud = [float(np.sqrt(np.mean(np.square(each.astype(np.float64))))) for each in found]
    assert loud[1] > 6_000
    assert max(loud[0], loud[2]) < loud[1] / 3
