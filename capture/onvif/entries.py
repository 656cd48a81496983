"""From devices to entries of `cameras:`: which stream is recorded, which one watched, what they are called.

Pure: the same devices give the same entries. Credentials never stand in an entry, only the names of the
variables that will hold them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from capture.onvif.device import Device, Stream
from hall.names import SLUG

WATCHED_PIXELS = 640 * 360
"""What analysis and a wall of pictures want; of several small streams the nearest to it is taken."""
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a device was read with, and the variables that stand for it in `hall.yaml`."""

    user: str
    password: str
    user_variable: str
    password_variable: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One camera of `hall.yaml`, with the streams it was made of. The addresses name variables."""

    id: str
    name: str
    device: Device
    main: Stream
    substream: Stream | None
    url: str
    substream_url: str | None


def choose(streams: Iterable[Stream]) -> tuple[Stream, Stream | None] | None:
    """The stream to record and the one to watch, of one lens; None when nothing can be recorded.

    The largest is recorded. To be watched is a smaller one, H.264 where there is one, because browsers show
    nothing else; a main stream of H.265 takes any H.264 beside it. No other stream in place of an H.264 main
    stream: then that is watched as well.
    """
    usable = [stream for stream in streams if stream.codec]
    if not usable:
        return None
    main = max(usable, key=lambda stream: (stream.pixels, stream.frame_rate, stream.kilobits))
    others = [stream for stream in usable if stream is not main and stream.url != main.url]
    shown = [stream for stream in others if stream.codec == "h264"]
    if main.codec == "h264":
        candidates = [stream for stream in shown if 0 < stream.pixels < main.pixels]
    else:
        candidates = shown or [stream for stream in others if 0 < stream.pixels < main.pixels]
    return main, min(candidates, key=_unlike, default=None)


def entries(devices: Sequence[Device], credentials: Credentials) -> list[Entry]:
    """One entry for each lens of each device that can be recorded, with ids that differ from each other."""
    made: list[Entry] = []
    taken: set[str] = set()
    for device in devices:
        lenses = list(dict.fromkeys(stream.source for stream in device.streams))
        for number, lens in enumerate(lenses, start=1):
            chosen = choose(stream for stream in device.streams if stream.source == lens)
            if chosen is None:
                continue
            main, substream = chosen
            base = device.found.name or device.model or device.found.host
            name = base[:LONGEST_NAME] + (f" {number}" if len(lenses) > 1 else "")
            made.append(
                Entry(
                    id=_free_id(name, device.found.host, taken),
                    name=name,
                    device=device,
                    main=main,
                    substream=substream,
                    url=with_places(main.url, credentials),
                    substream_url=None if substream is None else with_places(substream.url, credentials),
                )
            )
    return made


def with_places(url: str, credentials: Credentials) -> str:
    """The address with variables where the credentials belong, also where a device put them into the path."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    secret = credentials.password
    for shape in sorted({secret, quote(secret, safe="")} - {""}, key=len, reverse=True):
        path = path.replace(shape, f"${{{credentials.password_variable}}}")
        if "${" in path:
            break
    places = (
        f"${{{credentials.user_variable}}}:${{{credentials.password_variable}}}@" if credentials.user else ""
    )
    return f"{scheme}://{places}{host}{slash}{path}"


def as_yaml(made: Sequence[Entry]) -> str:
    """The entries as they can be pasted into a hall."""
    lines = ["    cameras:"]
    for entry in made:
        device = entry.device
        about = ", ".join(part for part in (device.manufacturer, device.model, device.serial) if part)
        lines += [
            f"      # {device.found.host}: {about or 'a device that says nothing of itself'}",
            f"      - id: {_quoted(entry.id)}",
            f"        name: {{zh: {_quoted(entry.name)}, en: {_quoted(entry.name)}}}",
            f"        # {described(entry.main)}",
            f"        url: {_quoted(entry.url)}",
        ]
        if entry.substream is not None and entry.substream_url is not None:
            lines += [
                f"        # {described(entry.substream)}",
                f"        substream: {_quoted(entry.substream_url)}",
            ]
    return "\n".join(lines) + "\n"


def described(stream: Stream) -> str:
    """A stream in words: `h264 1280×720, 25 pictures/s, 4096 kbit/s, profile MainStream`."""
    parts = [f"{stream.codec} {stream.width}×{stream.height}" if stream.pixels else stream.codec]
    if stream.frame_rate:
        parts.append(f"{stream.frame_rate:g} pictures/s")
    if stream.kilobits:
        parts.append(f"{stream.kilobits} kbit/s")
    return ", ".join([*parts, f"profile {stream.profile}"])


def _unlike(stream: Stream) -> float:
    """How far a stream is from the size that is watched best; of unknown size is furthest."""
    return abs(math.log(stream.pixels / WATCHED_PIXELS)) if stream.pixels else math.inf


def _free_id(name: str, host: str, taken: set[str]) -> str:
    """An id that is none of those taken: of the name, or of the address where the name has no letters."""
    wanted = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_NAME].strip("-")
    if not re.search(r"[a-z]", wanted):
        wanted = "camera-" + re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:LONGEST_NAME]
    free, number = wanted, 2
    while free in taken or not SLUG.match(free):
        free, number = f"{wanted[:LONGEST_NAME]}-{number}", number + 1
    taken.add(free)
    return free


def _quoted(text: str) -> str:
    """A YAML scalar that means exactly this text."""
    return json.dumps(text, ensure_ascii=False)
