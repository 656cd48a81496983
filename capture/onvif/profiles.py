"""Asks one device for its streams, with credentials.

What answers is not to be trusted: answers are bounded in size and number, each device has a limit of time,
and addresses are pointed at where the device was reached, which may be another one than it thinks.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from onveef import (
    OnvifAuthError,
    OnvifClient,
    OnvifEndpoint,
    OnvifError,
    OnvifFaultError,
    OnvifTimeoutError,
    OnvifTransportError,
)

from capture.onvif.device import LONGEST_ADDRESS, Device, Found, Stream, plain
from hall.errors import (
    SourceError,
    SourceMalformed,
    SourceNotFound,
    SourceRefused,
    SourceStalled,
    SourceUnauthorized,
)

ANSWER_SECONDS: Final = 5.0
DEVICE_SECONDS: Final = 30.0
LARGEST_ANSWER: Final = 1024 * 1024
MOST_PROFILES: Final = 32
AT_ONCE: Final = 16
CODECS: Final = {"h264": "h264", "h265": "hevc", "hevc": "hevc"}
"""ONVIF's names, in lower case, and FFmpeg's, of what can be recorded."""


@dataclass(slots=True)
class _Reading:
    """One device being read. Exactly one of `device` and `fault` is set when its thread has ended."""

    found: Found
    device: Device | None = None
    fault: SourceError | None = None
    thread: threading.Thread = field(default_factory=threading.Thread)


def read_devices(
    founds: Sequence[Found], user: str, password: str, seconds: float = DEVICE_SECONDS
) -> list[Device | SourceError]:
    """Each device with its streams, or why it could not be read; several at once, each within `seconds`."""
    outcomes: list[Device | SourceError] = []
    for first in range(0, len(founds), AT_ONCE):
        readings = [_Reading(found) for found in founds[first : first + AT_ONCE]]
        for reading in readings:
            reading.thread = threading.Thread(target=_read, args=(reading, user, password), daemon=True)
            reading.thread.start()
        for reading in readings:
            reading.thread.join(seconds)  # all began together, so the batch ends after little more
            fault = reading.fault or SourceStalled(f"the device did not answer within {seconds:g} s")
            outcomes.append(reading.device or fault)
    return outcomes


def _read(reading: _Reading, user: str, password: str) -> None:
    try:
        reading.device = read_device(reading.found, user, password)
    except SourceError as fault:
        reading.fault = fault
    except Exception as fault:  # noqa: BLE001 - whatever a device sends, the others are read
        reading.fault = SourceMalformed(f"the device's answer cannot be used: {type(fault).__name__}")


def read_device(found: Found, user: str, password: str) -> Device:
    """The device with its streams. Raises a SourceError that says what is wrong."""
    client = OnvifClient(
        found.service,
        username=user,
        password=password,
        timeout_s=ANSWER_SECONDS,
        verify_tls=False,  # cameras sign their own certificates
        max_response_bytes=LARGEST_ANSWER,
        retries=0,
    )
    with client:
        try:
            about = client.get_device_information()
            streams = _streams(client)
        except OnvifError as error:
            raise _refusal(error) from error
    if not streams:
        raise SourceNotFound("the device has no stream that can be recorded")
    return Device(
        found=found,
        manufacturer=plain(about.get("Manufacturer")),
        model=plain(about.get("Model")),
        serial=plain(about.get("SerialNumber")),
        streams=tuple(streams),
    )


def _streams(client: OnvifClient) -> list[Stream]:
    """The streams by the newer media service, which alone knows H.265, or by the older one."""
    client.connect()
    known = client.endpoint
    if known.has("media2") and known.has("media"):
        newer = {name: address for name, address in known.services.items() if name != "media"}
        client.set_endpoint(OnvifEndpoint(known.device_xaddr, newer))
        try:
            if streams := _streams_of_service(client):
                return streams
        except OnvifAuthError:
            raise
        except OnvifError:
            pass  # devices announce services that they do not have: the older one is asked
        client.set_endpoint(known)
    return _streams_of_service(client)


def _streams_of_service(client: OnvifClient) -> list[Stream]:
    found = []
    for profile in client.get_profiles()[:MOST_PROFILES]:
        encoder, source = profile.get("video_encoder"), profile.get("video_source")
        token = profile.get("token")
        if not isinstance(encoder, dict) or not isinstance(token, str) or not token:
            continue
        codec = CODECS.get(str(encoder.get("encoding")).lower().replace(".", ""), "")
        url = stream_address(client.get_stream_uri(profile_token=token)) if codec else None
        if url is None:
            continue
        found.append(
            Stream(
                profile=plain(profile.get("name")) or plain(token),
                source=plain(source.get("source_token")) if isinstance(source, dict) else "",
                codec=codec,
                width=_number(encoder.get("width")),
                height=_number(encoder.get("height")),
                frame_rate=float(_number(encoder.get("fps_limit"))),
                kilobits=_number(encoder.get("bitrate_kbps")),
                url=url,
            )
        )
    return found


def stream_address(told: str) -> str | None:
    """A stream's address as a device told it, or None when it is no address of a stream.

    Without credentials, and without anything that `hall.yaml` would take for a variable: a device must not
    be able to have secrets sent to it.
    """
    if len(told) > LONGEST_ADDRESS or not told.isprintable():
        return None
    try:
        parts = urlsplit(told)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"rtsp", "rtsps"} or not host:
        return None
    where = f"[{host}]" if ":" in host else host
    where = quote(where, safe="[]:.-_") + (f":{port}" if port is not None else "")
    path = quote(parts.path, safe="/%=&+,;:@!*'()~-._")
    query = quote(parts.query, safe="/%=&+,;:@!*'()~-._?")
    return urlunsplit((parts.scheme, where, path, query, ""))


def _number(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < 1_000_000 else 0


def _refusal(error: OnvifError) -> SourceError:
    # The library's texts name operations and services, never credentials.
    if isinstance(error, OnvifAuthError):
        return SourceUnauthorized("the device refuses the user or the password")
    if isinstance(error, OnvifTimeoutError):
        return SourceStalled(f"the device did not answer within {ANSWER_SECONDS:g} s")
    if isinstance(error, OnvifTransportError) and error.retryable:
        return SourceRefused("the device cannot be reached")
    if isinstance(error, OnvifFaultError):
        return SourceMalformed(f"the device refuses to answer: {plain(error, 200)}")
    return SourceMalformed(f"the device's answer cannot be used: {plain(error, 200)}")
