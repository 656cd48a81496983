"""`hallwatch discover` against a simulated ONVIF camera, a real process in a network of its own.

The camera believes to be 192.168.77.5, as one behind a router does; it is reached at 127.0.0.1. Multicast
needs a network that has it: each command runs in a namespace whose only network is its loopback.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hall.config import parse_configuration

ROOT = Path(__file__).parents[2]
PASSWORD = "p@ss:w/d"
BELIEVED = "192.168.77.5"

NETWORK = "ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo"

SCRIPT = """
set -u
{network} || exit 90
command="$1"; folder="$2"
"$command" -m ipycam --config "$folder/camera.json" --source video >"$folder/camera.log" 2>&1 &
camera=$!
trap 'kill $camera; wait $camera 2>/dev/null' EXIT
for _ in $(seq 200); do
    grep -q 'IP Camera is running' "$folder/camera.log" && break
    kill -0 $camera 2>/dev/null || exit 91
    sleep 0.1
done
asked=
run() {{
    name="$1"
    shift
    "$command" -m hallwatch discover --seconds 1 "$@" \
        >"$folder/$name.out" 2>"$folder/$name.err" </dev/null
    echo $? >"$folder/$name.rc"
}}
run listed & asked="$asked $!"
export CAMERA_PASSWORD='{password}'
run written --user admin & asked="$asked $!"
run told --user admin --address 127.0.0.1 --json & asked="$asked $!"
CAMERA_PASSWORD=wrong run refused --user admin & asked="$asked $!"
wait $asked
"""

NOTHING = '{network} || exit 90; exec "$1" -m hallwatch discover --seconds 0.5 --json'


@dataclass(frozen=True)
class Outcome:
    """What one command left."""

    code: int
    out: str
    err: str


def in_a_network_of_its_own(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "--net", "sh", "-c", script, "sh", sys.executable, *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("CAMERA_")},
    )  # fmt: skip


@pytest.fixture(scope="module")
def namespaces() -> None:
    """Skips where no network of its own can be made."""
    for tool in ("unshare", "ip"):
        if shutil.which(tool) is None and not Path("/usr/sbin", tool).exists():
            pytest.skip(f"{tool} is not installed")
    tried = in_a_network_of_its_own(NETWORK)
    if tried.returncode != 0:
        pytest.skip(f"no network namespace can be made here: {tried.stderr.strip()}")


@pytest.fixture(scope="module")
def outcomes(namespaces: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("camera")
    camera = {
        "name": "Counter%205",
        "manufacturer": "Acme",
        "model": "IPC-1",
        "serial_number": "00-000001",
        "local_ip": BELIEVED,
        "username": "admin",
        "password": PASSWORD,
        "main_width": 1280,
        "main_height": 720,
        "main_fps": 25,
        "sub_width": 640,
        "sub_height": 360,
        "sub_fps": 10,
    }
    (folder / "camera.json").write_text(json.dumps(camera))
    script = SCRIPT.format(network=NETWORK, password=PASSWORD)
    ran = in_a_network_of_its_own(script, str(folder))
    log = (folder / "camera.log").read_text() if (folder / "camera.log").exists() else ""
    assert ran.returncode == 0, f"{ran.stderr}\n{log}"
    return {
        name: Outcome(
            int((folder / f"{name}.rc").read_text()),
            (folder / f"{name}.out").read_text(),
            (folder / f"{name}.err").read_text(),
        )
        for name in ("listed", "written", "told", "refused")
    }


def test_a_camera_is_found_at_the_address_at_which_it_answers(outcomes: dict[str, Outcome]) -> None:
    listed = outcomes["listed"]
    assert listed.code == 0, listed.err
    head, row = listed.out.splitlines()
    assert head.split() == ["ADDRESS", "NAME", "MODEL", "ONVIF"]
    assert row.split()[0] == "127.0.0.1"
    assert "Counter 5" in row
    assert row.endswith("http://127.0.0.1:8080/onvif/device_service")


def test_its_entry_can_be_pasted_into_a_hall_and_holds_no_password(outcomes: dict[str, Outcome]) -> None:
    written = outcomes["written"]
    assert written.code == 0, written.err
    hall = """
halls:
  - id: h
    name: {zh: 大厅, en: Hall}
    units: [{id: u, name: {zh: 单位, en: Unit}}]
    windows: [{id: w01, number: "1", name: {zh: 窗口, en: Window}, unit: u}]
"""
    (camera,) = parse_configuration(hall + written.out).halls[0].cameras
    place = "rtsp://${CAMERA_USER}:${CAMERA_PASSWORD}@127.0.0.1:8554"
    assert (camera.id, camera.url, camera.substream) == (
        "counter-5", f"{place}/video_main", f"{place}/video_sub",
    )  # fmt: skip
    assert "Acme, IPC-1, 00-000001" in written.out
    assert "h264 1280×720, 25 pictures/s" in written.out
    assert PASSWORD not in written.out + written.err
    assert BELIEVED not in written.out


def test_a_device_named_by_address_tells_its_streams_as_json(outcomes: dict[str, Outcome]) -> None:
    told = outcomes["told"]
    assert told.code == 0, told.err
    content = json.loads(told.out)
    (device,) = content["devices"]
    assert [(stream["width"], stream["height"], stream["codec"]) for stream in device["streams"]] == [
        (1280, 720, "h264"),
        (640, 360, "h264"),
    ]
    (camera,) = content["cameras"]
    assert camera["substream"].endswith("@127.0.0.1:8554/video_sub")
    assert PASSWORD not in told.out


def test_a_wrong_password_is_said_and_fails(outcomes: dict[str, Outcome]) -> None:
    refused = outcomes["refused"]
    assert refused.code == 1
    assert refused.out == ""
    assert refused.err.strip() == "error: 127.0.0.1: the device refuses the user or the password"


def test_a_network_without_cameras_is_told_from_one_with(namespaces: None) -> None:
    ran = in_a_network_of_its_own(NOTHING.format(network=NETWORK))
    assert ran.returncode == 1
    assert json.loads(ran.stdout) == {"devices": []}
    assert "no ONVIF device answered" in ran.stderr
