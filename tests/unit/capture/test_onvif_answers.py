"""Answers of devices, which may be anything: nonsense, slow, too large, of another address, or hostile."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from capture.onvif.device import Device, Found
from capture.onvif.discovery import ask, reachable_service, read_answer
from capture.onvif.profiles import read_devices, stream_address
from hall.clock import SystemClock
from hall.errors import SourceError, SourceMalformed, SourceRefused, SourceStalled

ANSWER = """<?xml version="1.0"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><e:Body><d:ProbeMatches><d:ProbeMatch>
<a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>
<d:Scopes>onvif://www.onvif.org/name/Counter%205 onvif://www.onvif.org/hardware/IPC-1 x:y</d:Scopes>
<d:XAddrs>{addresses}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"""


def test_an_answer_tells_name_model_and_service() -> None:
    data = ANSWER.format(addresses="http://192.168.1.64/onvif/device_service").encode()
    assert read_answer(data, "192.168.1.64") == [
        (
            "urn:uuid:1",
            Found("192.168.1.64", "http://192.168.1.64/onvif/device_service", "Counter 5", "IPC-1"),
        )
    ]


def test_an_address_behind_a_router_is_replaced_by_the_one_that_answered() -> None:
    assert reachable_service(["http://192.168.1.64:8000/x"], "10.0.0.5") == "http://10.0.0.5:8000/x"
    assert reachable_service(["https://192.168.1.64/x"], "10.0.0.5") == "https://10.0.0.5/x"


def test_of_several_addresses_the_one_that_answered_counts() -> None:
    told = ["http://169.254.3.4/x", "http://[fe80::1]/x", "http://10.0.0.5/x"]
    assert reachable_service(told, "10.0.0.5") == "http://10.0.0.5/x"


@pytest.mark.parametrize(
    "told", [[], ["ftp://10.0.0.5/x"], ["http://"], ["http://[::1"], ["x" * 10], ["http://h/" + "x" * 9000]]
)
def test_what_is_no_address_of_a_service_is_none(told: list[str]) -> None:
    assert reachable_service(told, "10.0.0.5") is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00garbage",
        b"<a>" * 15_000,
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        ANSWER.format(addresses="").encode(),
        ANSWER.format(addresses="http://10.0.0.5/x").encode()[:-30],
    ],
)
def test_what_is_no_answer_finds_nothing(data: bytes) -> None:
    assert read_answer(data, "10.0.0.5") == []


def test_a_streams_address_loses_credentials_and_whatever_would_be_taken_for_a_variable() -> None:
    assert stream_address("rtsp://u:p@10.0.0.5:554/a/b?c=1&d=2#e") == "rtsp://10.0.0.5:554/a/b?c=1&d=2"
    stolen = stream_address("rtsp://10.0.0.5/${HALLWATCH_DATABASE}?x=${HOME}")
    assert stolen is not None
    assert "$" not in stolen
    assert "{" not in stolen
    hosted = stream_address("rtsp://${HOME}.evil.example/x")
    assert "$" not in (hosted or "")


@pytest.mark.parametrize(
    "told",
    [
        "",
        "http://10.0.0.5/x",
        "rtsp://",
        "rtsp://[::1",
        "rtsp://h:99999/",
        "rtsp://h/\nx",
        "rtsp://h/" + "x" * 3000,
    ],
)
def test_what_is_no_address_of_a_stream_is_left_out(told: str) -> None:
    assert stream_address(told) is None


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[Found]:
    """A TCP server on loopback that treats every connection so, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        ended, talking = threading.Event(), []

        def talk(connection: socket.socket) -> None:
            with connection:
                try:
                    connection.settimeout(5)
                    connection.recv(65_536)
                    answer(connection)
                except OSError:
                    return  # the device under test went away

        def serve() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                talking.append(threading.Thread(target=talk, args=(connection,), daemon=True))
                talking[-1].start()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield Found("127.0.0.1", f"http://127.0.0.1:{listening.getsockname()[1]}/onvif/device_service")
        finally:
            ended.set()
            thread.join(10)
            for one in talking:
                one.join(10)


def page(body: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: %d\r\n\r\n" % len(body)
        + body
    )


def outcome(found: Found, seconds: float = 10.0) -> Device | SourceError:
    (one,) = read_devices([found], "admin", "secret", seconds)
    return one


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no XML at all",
        b"\x00\xff" * 1000,
        b"<a><b></a>",
        b"<html><body>router</body></html>",
        b"<a>" * 100_000,
    ],
)
def test_a_device_that_answers_nonsense_is_named_as_such(body: bytes) -> None:
    with server(lambda connection: connection.sendall(page(body))) as found:
        fault = outcome(found)
    assert isinstance(fault, SourceError)
    assert "secret" not in str(fault)


def test_an_answer_without_end_is_given_up() -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n\r\n")
        for _ in range(64):
            connection.sendall(b"x" * 1_000_000)

    with server(flood) as found:
        assert isinstance(outcome(found), SourceMalformed)


def test_an_answer_that_drips_is_waited_for_no_longer_than_the_limit() -> None:
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n\r\n")
        while not ended.wait(0.1):
            connection.sendall(b" ")

    with server(drip) as found:
        began = time.monotonic()
        fault = outcome(found, seconds=1.0)
        took = time.monotonic() - began
        ended.set()
    assert isinstance(fault, SourceStalled)
    assert took < 8


def test_a_device_that_is_not_there_is_told_from_one_that_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    found = ask(f"127.0.0.1:{port}", 0.1, SystemClock())
    assert found == Found("127.0.0.1", f"http://127.0.0.1:{port}/onvif/device_service")
    assert isinstance(outcome(found), SourceRefused)


def test_a_whole_address_is_taken_as_it_is() -> None:
    service = "https://cameras.example:8443/five/device_service"
    assert ask(service, 0.1, SystemClock()) == Found("cameras.example", service)
