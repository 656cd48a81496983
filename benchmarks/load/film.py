"""The film that load is made of, and the server that plays it: both need programs of Debian packages."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = (
    "ffmpeg",
    "python3-gi",
    "gir1.2-gst-rtsp-server-1.0",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
)
SYSTEM_PYTHON = "/usr/bin/python3"
CLIP_SECONDS = 12
FILM_SECONDS = 600
START_SECONDS = 20.0
PICTURES_A_SECOND = 25
SOUND_BLOCKS_A_SECOND = 48_000 / 1024


class MissingPrograms(Exception):
    """What a benchmark needs is not installed; the message names the packages."""


def check_programs() -> None:
    """Raises MissingPrograms unless ffmpeg and the parts of GStreamer are there."""
    question = "import gi; gi.require_version('GstRtspServer', '1.0')"
    has_server = Path(SYSTEM_PYTHON).exists() and (
        subprocess.run(
            [SYSTEM_PYTHON, "-c", question], check=False, stderr=subprocess.DEVNULL, timeout=30
        ).returncode
        == 0
    )
    if shutil.which("ffmpeg") is None or not has_server:
        raise MissingPrograms(f"this benchmark needs: apt-get install {' '.join(PACKAGES)}")


def make_film(folder: Path) -> Path:
    """1080p25 H.264 of 4 Mbit/s with AAC, a key frame every two seconds: twelve seconds, again and again."""
    clip, film = folder / "clip.mp4", folder / "film.mp4"
    picture = f"testsrc2=size=1920x1080:rate={PICTURES_A_SECOND},noise=alls=18:allf=t"
    rate = ["-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-bufsize", "2M"]
    groups = ["-x264-params", "nal-hrd=cbr:keyint=50:min-keyint=50:scenecut=0"]
    _ffmpeg(
        *("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"),
        *("-t", str(CLIP_SECONDS), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
        *(*rate, *groups, "-c:a", "aac", "-b:a", "64k", str(clip)),
    )
    loops = str(FILM_SECONDS // CLIP_SECONDS - 1)
    _ffmpeg("-stream_loop", loops, "-i", str(clip), "-c", "copy", str(film))
    return film


def _ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments]
    subprocess.run(command, check=True, timeout=300)


@contextmanager
def playing(film: Path) -> Iterator[str]:
    """A server that plays the film to whoever asks, until the block ends; gives the address."""
    script = Path(__file__).with_name("rtsp_server.py")
    with subprocess.Popen(
        [SYSTEM_PYTHON, str(script), str(film)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            yield f"rtsp://127.0.0.1:{port}/film"
        finally:
            server.kill()
            server.wait(START_SECONDS)
