"""Where packets come from: the built-in sources, and those that other packages bring.

The scheme of a camera's URL chooses. A source of your own is a callable in the entry-point group
`hallwatch.sources`, named as the scheme that it opens, that takes the clock and the seconds after which a
silent connection counts as stalled, and returns a `hall.ports.StreamSource`. The built-in schemes stay
with the built-in sources: no package that happens to be installed can take them over.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from urllib.parse import urlsplit

from capture.rtsp.stream import IsAwaited, never
from capture.sources.camera import CameraSource
from capture.sources.device import DeviceSource
from capture.sources.file import FileSource
from hall.clock import Clock
from hall.errors import SourceMalformed
from hall.place import Camera
from hall.ports import StreamSource

GROUP = "hallwatch.sources"

OpenSource = Callable[[Clock, float], StreamSource]


def _file(clock: Clock, _stall_seconds: float) -> StreamSource:
    return FileSource(clock)


NETWORK = ("rtsp", "rtsps")
BUILT_IN: dict[str, OpenSource] = {
    "v4l2": DeviceSource, "alsa": DeviceSource,
    "file": _file, "": _file,
}  # fmt: skip
"""By scheme, beside those of NETWORK; an address without one is a path."""


def source_of(
    camera: Camera, clock: Clock, stall_seconds: float, is_awaited: IsAwaited = never
) -> StreamSource:
    """The source that can open the camera's URL. `is_awaited` tells whether its packets are waited for.

    Raises SourceMalformed for a scheme that nothing opens, or whose source cannot be loaded.
    """
    scheme = urlsplit(camera.url).scheme.lower() if not camera.url.startswith("${") else "rtsp"
    if scheme in NETWORK:
        return CameraSource(clock, stall_seconds, is_awaited)
    opener = BUILT_IN.get(scheme)
    if opener is not None:
        return opener(clock, stall_seconds)
    foreign = {point.name: point for point in entry_points(group=GROUP)}
    if scheme not in foreign:
        known = ", ".join(sorted({*NETWORK, *BUILT_IN, *foreign} - {""}))
        raise SourceMalformed(f"nothing can open a camera of scheme '{scheme}'; known: {known}")
    try:
        source: StreamSource = foreign[scheme].load()(clock, stall_seconds)
    except Exception as error:
        raise SourceMalformed(
            f"the source of scheme '{scheme}' cannot be loaded: {type(error).__name__}"
        ) from error
    return source
