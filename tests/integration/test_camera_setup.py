"""Setting cameras up over a real socket, against real RTSP servers: trials, pictures, zones tried on them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import cv2
import httpx
import numpy as np
import pytest

from analysis.detectors.asking import Asking
from analysis.picture.trials import Trials
from bus.server import running
from bus.subjects import ANALYSIS_EXAMINE, tap_key
from bus.tap import TapMessage
from bus.thread import ThreadBus
from capture.sources.camera import CameraSource
from fixtures.rtsp import Credentials, RtspHall
from hall.clock import SystemClock
from hall.journal import Json
from hall.media import TrackKind
from hall.names import CameraId
from hall.permissions import Permission
from hall.place import Camera, Text
from hall.roles import Role
from store import audit
from tests.integration.console_hall import CAMERA, NOW, YAML, Console, console
from tests.integration.visitors import visiting
from tests.media import film
from tests.unit.analysis.test_watcher import BrightThings

PASSWORD = "p@ss/wörd"
SETUP = "/api/v1/camera-setup"


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspHall]:
    reel = film(tmp_path_factory.mktemp("reel") / "reel.mov", "aac", size=(640, 360))
    with RtspHall({CAMERA: {"a": reel}}, credentials=Credentials("viewer", PASSWORD)) as hall:
        yield hall


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, cameras: RtspHall) -> Iterator[Console]:
    """A console over a hall whose camera is a real one, with a bus."""
    folder = tmp_path_factory.mktemp("console")
    yaml = YAML.replace("rtsp://admin:secret@127.0.0.1/1", cameras.url(CAMERA))
    with running(folder / "bus") as bus, console(folder, bus.url, yaml=yaml) as hall:
        yield hall


@pytest.fixture
def administrator(hall: Console) -> Iterator[httpx.Client]:
    with visiting(hall, Role.ADMINISTRATOR) as client:
        client.timeout = httpx.Timeout(60)
        yield client


def tried(client: httpx.Client, url: str, **more: Json) -> dict[str, Json]:
    answer = client.post(f"{SETUP}/trials", json={"url": url, **more})
    assert answer.status_code == 200, answer.text
    assert PASSWORD not in answer.text
    found: dict[str, Json] = answer.json()
    return found


def test_a_camera_is_tried_before_it_is_saved_and_its_picture_seen(
    hall: Console, cameras: RtspHall, administrator: httpx.Client
) -> None:
    answer = tried(administrator, cameras.url(CAMERA))
    findings, still = answer["findings"], answer["still"]
    assert isinstance(findings, dict)
    assert isinstance(still, dict)
    assert (findings["codec"], findings["width"], findings["height"]) == ("h264", 640, 360)
    assert findings["frame_rate"] == pytest.approx(15, abs=1)
    assert findings["key_frame_seconds"] == pytest.approx(1, abs=0.2)
    assert isinstance(findings["sound"], dict)
    assert findings["sound"]["codec"] == "aac"
    assert isinstance(findings["clock_offset_seconds"], float)
    assert abs(findings["clock_offset_seconds"]) < 2
    picture = administrator.get(f"{SETUP}/stills/{still['id']}")
    assert picture.headers["content-type"] == "image/jpeg"
    decoded = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape[:2] == (360, 640)
    with visiting(hall, Role.ADMINISTRATOR) as other:
        assert other.get(f"{SETUP}/stills/{still['id']}").status_code == 404, "another's picture"
    with hall.database.read() as tx:
        entries = [entry for entry in audit.entries(tx) if entry.action == "camera_try"]
    assert entries[0].subject == "camera:new"
    assert "127.0.0.1:" in entries[0].detail
    assert PASSWORD not in str(entries)


def test_what_is_wrong_is_told_by_its_cause(cameras: RtspHall, administrator: httpx.Client) -> None:
    url = cameras.url(CAMERA)
    wrong = url.replace(url.split("viewer:")[1].split("@")[0], "wrong")
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    with answering(b"RTSP/1.0 302 Moved\r\nCSeq: %s\r\nLocation: rtsp://10.9.8.7/x\r\n\r\n") as moved:
        causes = {
            wrong: "unauthorized",
            url + "x": "not_found",
            f"rtsp://127.0.0.1:{closed}/x": "offline",
            f"rtsp://127.0.0.1:{moved}/x": "malformed",
        }
        for address, reason in causes.items():
            answer = tried(administrator, address)
            fault = answer["fault"]
            assert isinstance(fault, dict)
            assert fault["reason"] == reason, answer
            assert answer["findings"] is None
        assert "sends its viewers to another address" in str(answer["fault"])


def test_only_streams_can_be_tried_and_no_variable_of_the_server_leaves(administrator: httpx.Client) -> None:
    for address in ("http://127.0.0.1/", "file:///etc/passwd", "/etc/passwd", "rtsp://h/${PATH}"):
        answer = administrator.post(f"{SETUP}/trials", json={"url": address})
        assert answer.status_code == 422, address
        assert answer.json()["errors"][0]["field"].endswith("url")


def test_a_stored_password_is_used_for_its_camera_and_host_alone(
    cameras: RtspHall, administrator: httpx.Client
) -> None:
    place = cameras.url(CAMERA).rpartition("@")[2]
    answer = tried(administrator, f"rtsp://viewer:•••@{place}", camera=CAMERA)
    assert answer["fault"] is None
    elsewhere = administrator.post(
        f"{SETUP}/trials",
        json={"url": f"rtsp://viewer:•••@{place.replace('127.0.0.1', 'localhost')}", "camera": CAMERA},
    )
    assert elsewhere.status_code == 422
    stolen = tried(
        administrator,
        f"rtsp://viewer:${{secret:password}}@{place.replace('127.0.0.1', 'localhost')}",
        camera=CAMERA,
    )
    assert "is not sent to localhost" in str(stolen["fault"])
    assert "no password is stored" in str(tried(administrator, f"rtsp://v:${{secret:password}}@{place}"))


def test_trials_are_paced(hall: Console) -> None:
    with visiting(hall, Role.ADMINISTRATOR) as client:
        statuses = [
            client.post(f"{SETUP}/trials", json={"url": "rtsp://127.0.0.1:1/x"}).status_code
            for _ in range(12)
        ]
    assert statuses.count(200) == 10
    assert statuses[-1] == 429


def test_who_may_not_see_live_pictures_gets_none(hall: Console, cameras: RtspHall) -> None:
    with visiting(hall, Role.ADMINISTRATOR, withheld=[Permission.LIVE]) as client:
        client.timeout = httpx.Timeout(60)
        answer = tried(client, cameras.url(CAMERA))
        assert answer["findings"] is not None
        assert answer["still"] is None
        assert client.post(f"{SETUP}/cameras/{CAMERA}/stills").status_code == 403


def test_zones_are_tried_on_the_newest_picture_by_the_detector_that_runs(
    hall: Console, cameras: RtspHall, administrator: httpx.Client
) -> None:
    stop = threading.Event()
    bus = ThreadBus(hall.bus_url, "test")
    trials = Trials(192, SystemClock())
    bus.subscribe(
        ANALYSIS_EXAMINE,
        lambda message: trials.put(message.payload, lambda answer: bus.publish(message.reply, answer)),
    )
    message = key_frame_of(cameras)
    detector = Asking(BrightThings())

    def work() -> None:
        while not stop.wait(0.05):
            bus.publish(tap_key(CAMERA), message)
            trials.serve(detector)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        taken = administrator.post(f"{SETUP}/cameras/{CAMERA}/stills")
        assert taken.status_code == 201, taken.text
        assert taken.json()["source"] == "live"
        whole = [[0, 0], [1, 0], [1, 1], [0, 1]]
        zone: dict[str, Json] = {"id": "z", "role": "staff", "window": "w1", "polygon": whole}  # type: ignore[dict-item] # lists of numbers
        order = {"still": taken.json()["id"], "zones": [zone]}
        examined = administrator.post(f"{SETUP}/examinations", json=order)
        assert examined.status_code == 200, examined.text
        (found,) = examined.json()["zones"]
        assert examined.json()["detector"] == "bright@1"
        assert found["zone"] == "z"
        assert found["verdict"] in ("somebody", "nobody")
        order["still"] = "nothing"
        assert administrator.post(f"{SETUP}/examinations", json=order).status_code == 404
    finally:
        stop.set()
        thread.join()
        bus.close()


@contextmanager
def answering(words: bytes) -> Iterator[int]:
    """A port at which every request is answered with the same words, `%s` being its number."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def serve() -> None:
            with suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    while asked := connection.recv(4096):
                        number = asked.split(b"CSeq: ")[1].split(b"\r")[0]
                        connection.sendall(words.replace(b"%s", number))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def key_frame_of(cameras: RtspHall) -> bytes:
    camera = Camera(id=CameraId(CAMERA), name=Text(zh="甲", en="One"), url=cameras.url(CAMERA))
    with CameraSource(SystemClock(), 5).open(camera, threading.Event()) as stream:
        track = next(track for track in stream.tracks if track.kind is TrackKind.VIDEO)
        packet = next(one for one in stream if one.is_key and one.track == track.index)
    return TapMessage(CameraId(CAMERA), track, (packet,), NOW).encode()
