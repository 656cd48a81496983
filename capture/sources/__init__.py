"""Where packets come from: the sources that are built in, chosen by the scheme of a camera's URL."""

from __future__ import annotations

from urllib.parse import urlsplit

from capture.sources.file import FileSource
from capture.sources.rtsp import RtspSource
from hall.clock import Clock
from hall.errors import SourceMalformed
from hall.place import Camera
from hall.ports import StreamSource


def source_of(camera: Camera, clock: Clock, stall_seconds: float) -> StreamSource:
    """The source that can open the camera's URL. Raises SourceMalformed for a scheme that nothing opens."""
    scheme = urlsplit(camera.url).scheme.lower() if not camera.url.startswith("${") else "rtsp"
    if scheme in ("rtsp", "rtsps"):
        return RtspSource(clock, stall_seconds)
    if scheme in ("file", ""):
        return FileSource(clock)
    raise SourceMalformed(f"nothing can open a camera of scheme '{scheme}'; use rtsp:// or file:")
