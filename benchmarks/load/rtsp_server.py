"""One film for any number of RTSP clients, served by GStreamer. Run by the system's own Python.

    /usr/bin/python3 rtsp_server.py FILM

Prints the port it listens on. Each client has a stream of its own, from the beginning of the film: clients
that share one wind it back for all others when they begin to play.
Needs the Debian packages that benchmarks.load.film names.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - the versions have to be asked for first

PIPELINE = (
    '( filesrc location="{film}" ! qtdemux name=film '
    "film.video_0 ! queue ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 "
    "film.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97 )"
)


def main(film: str) -> None:
    """Serve until the process is ended."""
    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(PIPELINE.format(film=film))
    factory.set_shared(False)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    server.get_mount_points().add_factory("/film", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(sys.argv[1])
