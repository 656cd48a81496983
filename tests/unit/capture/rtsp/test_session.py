"""The dialogue with a camera: what it may ask for, refuse and get wrong. Against a server on loopback."""

from __future__ import annotations

import threading
from itertools import islice
from threading import Event

import pytest

from capture.rtsp.source import TcpRtspSource
from hall.clock import SystemClock
from hall.errors import (
    SourceEnded,
    SourceError,
    SourceMalformed,
    SourceNotFound,
    SourceRefused,
    SourceStalled,
    SourceUnauthorized,
)
from hall.media import Packet
from hall.names import CameraId
from hall.place import Camera, Text
from tests.camera_script import SDP, Answer, Asked, ScriptedCamera, block, good, response

OK = b"RTSP/1.0 200 OK\r\nCSeq: {}\r\n"
CHALLENGE = 'WWW-Authenticate: Digest realm="camera", nonce="{}", algorithm={}, qop="auth"{}\r\n'


def camera_at(url: str) -> Camera:
    return Camera(id=CameraId("cam-1"), name=Text(zh="一", en="one"), url=url)


def packets_of(camera: ScriptedCamera, count: int = 10, stall_seconds: float = 2.0) -> list[Packet]:
    source = TcpRtspSource(SystemClock(), stall_seconds, open_seconds=1.0)
    with source.open(camera_at(camera.url), Event()) as stream:
        return list(islice(stream, count))


def error_of(answer: Answer) -> SourceError:
    """What opening, or else reading, a camera that answers so raises."""
    with ScriptedCamera(answer) as camera, pytest.raises(SourceError) as caught:
        packets_of(camera, 100, stall_seconds=0.4)
    assert "ecret" not in str(caught.value)
    return caught.value


def when(method: str, answer: bytes) -> Answer:
    """A good camera but for its answer to one method, whose CSeq is filled in."""

    def script(asked: Asked) -> bytes | None:
        return answer.replace(b"{}", asked.headers["cseq"].encode()) if asked.method == method else None

    return script


def status(method: str, code: int) -> Answer:
    return when(method, f"RTSP/1.0 {code} Words\r\nCSeq: {{}}\r\n\r\n".encode())


def test_a_good_camera_is_asked_in_order_and_told_good_bye() -> None:
    with ScriptedCamera() as camera:
        packets = packets_of(camera)
        assert [packet.pts for packet in packets] == [number * 160 for number in range(10)]
        assert {packet.data for packet in packets} == {b"sound"}
        assert camera.methods()[:4] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]
        setup = camera.asked[2]
        assert setup.url == f"rtsp://127.0.0.1:{camera.port}/main/sound"
        assert "interleaved=0-1" in setup.headers["transport"]
        assert camera.asked[3].headers["session"] == "17"
        assert "range" not in camera.asked[3].headers
        assert not any("ecret" in str(asked) for asked in camera.asked)
        until(lambda: camera.methods()[-1] == "TEARDOWN")


def until(condition: object) -> None:
    assert callable(condition)
    ended, clock = Event(), SystemClock()
    began = clock.monotonic()
    while not condition():
        assert clock.monotonic() - began < 5.0
        ended.wait(0.01)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_camera_that_asks_who_we_are_is_told(algorithm: str) -> None:
    def script(asked: Asked) -> bytes | None:
        if "authorization" in asked.headers:
            return None
        return response(asked, 401, CHALLENGE.format("1", algorithm, ""))

    with ScriptedCamera(script) as camera:
        assert packets_of(camera)
        assert camera.methods()[:3] == ["OPTIONS", "OPTIONS", "DESCRIBE"]
        assert all("Digest" in asked.headers["authorization"] for asked in camera.asked[1:])


def test_a_nonce_that_grew_too_old_is_replaced() -> None:
    def script(asked: Asked) -> bytes | None:
        expected = "2" if asked.method in ("SETUP", "PLAY") else "1"
        if f'nonce="{expected}"' in asked.headers.get("authorization", ""):
            return None
        return response(asked, 401, CHALLENGE.format(expected, "MD5", ", stale=true"))

    with ScriptedCamera(script) as camera:
        assert packets_of(camera)


def test_a_camera_that_refuses_for_ever_is_asked_only_a_few_times() -> None:
    def script(asked: Asked) -> bytes | None:
        return response(asked, 401, CHALLENGE.format("1", "MD5", ", stale=true"))

    with ScriptedCamera(script) as camera:
        with pytest.raises(SourceUnauthorized):
            packets_of(camera)
        assert len(camera.asked) <= 3


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (status("DESCRIBE", 401), SourceUnauthorized),
        (status("DESCRIBE", 403), SourceUnauthorized),
        (status("DESCRIBE", 404), SourceNotFound),
        (status("DESCRIBE", 400), SourceMalformed),
        (status("DESCRIBE", 503), SourceRefused),
        (status("DESCRIBE", 500), SourceRefused),
        (status("SETUP", 461), SourceMalformed),
        (status("SETUP", 454), SourceEnded),
        (status("PLAY", 455), SourceMalformed),
        (status("PLAY", 453), SourceRefused),
        (when("OPTIONS", b"HTTP/1.1 200 OK\r\n\r\n"), SourceMalformed),
        (when("DESCRIBE", b"RTSP/1.0 200 OK\r\nCSeq: {}\r\n\r\n"), SourceMalformed),
        (when("DESCRIBE", b"RTSP/1.0 200 OK\r\nno header at all\r\n\r\n"), SourceMalformed),
        (when("DESCRIBE", b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n"), SourceMalformed),
        (when("DESCRIBE", b"RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n"), SourceMalformed),
        (when("DESCRIBE", b"RTSP/1.0 200 OK\r\n" + b"X: 1\r\n" * 500 + b"\r\n"), SourceMalformed),
        (when("DESCRIBE", b"RTSP/1.0 200 OK\r\nX: " + b"x" * 40_000), SourceMalformed),
        (when("DESCRIBE", b"RTSP/1.0 200 OK\r\nCSeq: {}\r\nContent-Le"), SourceStalled),
        (when("PLAY", b""), SourceEnded),
        (when("SETUP", OK + b"Transport: RTP/AVP;unicast\r\n\r\n"), SourceMalformed),
        (when("SETUP", OK + b"Transport: RTP/AVP/TCP;interleaved=255-256\r\n\r\n"), SourceMalformed),
        (when("PLAY", b"$\0\xff\xff" + b"x" * 65_535 * 70), SourceMalformed),
        (when("PLAY", b"\0" * 300_000), SourceMalformed),
    ],
)  # fmt: skip
def test_what_a_camera_refuses_or_gets_wrong_has_its_error(answer: Answer, error: type[SourceError]) -> None:
    assert type(error_of(answer)) is error


def test_media_in_front_of_the_answer_to_play_are_kept() -> None:
    def script(asked: Asked) -> bytes | None:
        if asked.method != "PLAY":
            return None
        return b"".join(block(number) for number in range(5)) + response(asked) + block(5)

    with ScriptedCamera(script) as camera:
        assert [packet.pts for packet in packets_of(camera, 6)] == [number * 160 for number in range(6)]


def test_the_cameras_own_requests_are_answered() -> None:
    question = b"ANNOUNCE rtsp://127.0.0.1/main RTSP/1.0\r\nCSeq: 9\r\nContent-Length: 2\r\n\r\n??"

    def script(asked: Asked) -> bytes | None:
        if asked.method not in ("DESCRIBE", "PLAY"):
            return None
        return question + (good(asked) if asked.method == "DESCRIBE" else good(asked) + question + block(10))

    with ScriptedCamera(script) as camera:
        assert len(packets_of(camera, 11)) == 11
        assert "RTSP/1.0" in camera.methods()


def test_the_camera_chooses_the_channel() -> None:
    def script(asked: Asked) -> bytes | None:
        if asked.method == "SETUP":
            return response(asked, headers="Transport: RTP/AVP/TCP;unicast;interleaved=6-7;ssrc=1\r\n")
        return response(asked) + block(1, channel=6) if asked.method == "PLAY" else None

    with ScriptedCamera(script) as camera:
        assert packets_of(camera, 1)[0].data == b"sound"


def test_a_session_is_kept_alive_at_half_its_timeout() -> None:
    sent = threading.Event()

    def script(asked: Asked) -> bytes | None:
        if asked.method == "SETUP":
            return response(asked, headers="Session: 17;timeout=1\r\n")
        if asked.method == "GET_PARAMETER" and not sent.is_set():
            sent.set()
            return response(asked) + block(10)
        return None

    with ScriptedCamera(script) as camera:
        assert len(packets_of(camera, 11, stall_seconds=4.0)) == 11
        kept = next(asked for asked in camera.asked if asked.method == "GET_PARAMETER")
        assert kept.headers["session"] == "17"


def test_a_session_that_the_camera_forgot_has_ended() -> None:
    def script(asked: Asked) -> bytes | None:
        if asked.method == "SETUP":
            return response(asked, headers="Session: 17;timeout=1\r\n")
        return response(asked, 454) if asked.method == "GET_PARAMETER" else None

    with ScriptedCamera(script) as camera, pytest.raises(SourceEnded, match="ended the session"):
        packets_of(camera, 11, stall_seconds=4.0)


def test_a_camera_that_says_good_bye_has_ended() -> None:
    goodbye = b"$\1\0\x08" + bytes.fromhex("81cb0001 00000001")

    def script(asked: Asked) -> bytes | None:
        return good(asked) + goodbye if asked.method == "PLAY" else None

    with ScriptedCamera(script) as camera, pytest.raises(SourceEnded, match="ended the stream"):
        packets_of(camera, 11)


def test_a_redirection_is_followed_once() -> None:
    def moved(asked: Asked) -> bytes | None:
        if asked.method == "DESCRIBE" and asked.url.endswith("/main"):
            return response(asked, 302, "Location: /other\r\n")
        return None

    with ScriptedCamera(moved) as camera:
        assert packets_of(camera)
        assert {asked.connection for asked in camera.asked} == {0, 1}

    def always(asked: Asked) -> bytes | None:
        return response(asked, 301, "Location: /again\r\n") if asked.method == "DESCRIBE" else None

    assert type(error_of(always)) is SourceMalformed


def test_a_track_of_sound_that_is_refused_costs_only_the_sound() -> None:
    sets = "a=fmtp:96 sprop-parameter-sets=Z00AKI2NQDwBE/LgLcBAQFAAAAMAEAAAAwMo8YMRlg==,aO44gA=="
    picture = f"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:picture\r\n{sets}\r\n"

    def script(asked: Asked) -> bytes | None:
        if asked.method == "DESCRIBE":
            return response(asked, body=picture + SDP.removeprefix("v=0\r\n"))
        return response(asked, 404) if asked.url.endswith("/sound") else None

    source = TcpRtspSource(SystemClock(), 2.0, open_seconds=1.0)
    with ScriptedCamera(script) as camera, source.open(camera_at(camera.url), Event()) as stream:
        assert [track.codec for track in stream.tracks] == ["h264"]


def test_a_camera_that_never_tells_the_size_of_its_pictures_is_malformed() -> None:
    picture = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"

    def script(asked: Asked) -> bytes | None:
        return response(asked, body=picture) if asked.method == "DESCRIBE" else None

    source = TcpRtspSource(SystemClock(), 2.0, open_seconds=0.3)
    with ScriptedCamera(script) as camera, pytest.raises(SourceMalformed, match="how large"):
        source.open(camera_at(camera.url), Event())
