"""One HTTP request: through a proxy, under an authority of one's own, within its limit."""

from __future__ import annotations

import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

import pytest

from alerts.notifiers.webhook.notifier import Webhook
from hall.config.notifiers import WebhookSettings
from hall.errors import NotifyError
from hall.testing_notifiers import a_flip
from tests.own_certificate import self_signed
from tests.receiver import receiving

ENVIRONMENT = {"PROXY_USER": "wang", "PROXY_PASSWORD": "pass/w@rd"}
CREDENTIALS = "Basic " + b64encode(b"wang:pass/w@rd").decode()


@dataclass
class Proxy:
    """A real HTTP proxy that notes what it is asked for; `refuses` answers everything with 407."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    refuses: bool = False


class Handler(StreamRequestHandler):
    proxy: Proxy

    def handle(self) -> None:
        request = self.rfile.readline().decode()
        headers = {}
        while (line := self.rfile.readline().decode().strip()) != "":
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        method, target, _ = request.split()
        self.proxy.asked.append(f"{method} {target}")
        self.proxy.credentials.append(headers.get("proxy-authorization", ""))
        if self.proxy.refuses:
            self.wfile.write(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
            return
        parts = urlsplit(target if "://" in target else f"//{target}")
        with socket.create_connection((parts.hostname, parts.port), 5) as onward:
            if method == "CONNECT":
                self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                body = self.rfile.read(int(headers.get("content-length", "0")))
                kept = [
                    f"{name}: {value}" for name, value in headers.items() if not name.startswith("proxy-")
                ]
                head = "\r\n".join([f"{method} {parts.path} HTTP/1.1", *kept])
                onward.sendall(f"{head}\r\n\r\n".encode() + body)
            back = threading.Thread(target=pump, args=(onward, self.connection))
            back.start()
            pump(self.connection, onward)
            back.join(5)


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


class Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    with Server(("127.0.0.1", 0), type("OfThis", (Handler,), {"proxy": made})) as server:
        made.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


def webhook(url: str, **members: object) -> Webhook:
    return Webhook(
        WebhookSettings.model_validate({"id": "d", "kind": "webhook", "url": url, **members}), ENVIRONMENT
    )


def refusal(notifier: Webhook) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        notifier.notify(*a_flip())
    return caught.value


def test_a_proxy_is_asked_for_the_whole_address_and_given_its_credentials(proxy: Proxy) -> None:
    named = f"http://${{PROXY_USER}}:${{PROXY_PASSWORD}}@{proxy.address}"
    with receiving() as web:
        webhook(f"{web.address}/takes", proxy=named).notify(*a_flip())
        assert proxy.asked == [f"POST {web.address}/takes"]
        assert proxy.credentials == [CREDENTIALS]
        (message,) = web.taken
        assert message.headers["host"] == urlsplit(web.address).netloc
        assert "proxy-authorization" not in message.headers


def test_through_a_proxy_the_receiver_s_own_certificate_is_verified(proxy: Proxy, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path / "own.pem", "127.0.0.1")
    with receiving(certificate) as web:
        members = {"proxy": f"http://{proxy.address}"}
        assert "certificate" in str(refusal(webhook(f"{web.address}/takes", **members)))
        webhook(f"{web.address}/takes", ca_file=certificate, **members).notify(*a_flip())
        assert proxy.asked == [f"CONNECT {urlsplit(web.address).netloc}"] * 2
        assert [message.headers["host"] for message in web.taken] == [urlsplit(web.address).netloc]


def test_credentials_for_the_proxy_go_to_the_proxy_alone(proxy: Proxy, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path / "own.pem", "127.0.0.1")
    named = f"http://${{PROXY_USER}}:${{PROXY_PASSWORD}}@{proxy.address}"
    with receiving(certificate) as web:
        webhook(f"{web.address}/takes", proxy=named, ca_file=certificate).notify(*a_flip())
        assert proxy.credentials == [CREDENTIALS]
        assert "proxy-authorization" not in web.taken[0].headers


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_can_be_set_right(proxy: Proxy, scheme: str) -> None:
    proxy.refuses = True
    error = refusal(webhook(f"{scheme}://127.0.0.1:1/takes", proxy=f"http://{proxy.address}"))
    assert not error.permanent


def test_an_authority_of_one_s_own_vouches_for_the_receiver(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path / "own.pem", "127.0.0.1")
    with receiving(certificate) as web:
        webhook(f"{web.address}/takes", ca_file=certificate).notify(*a_flip())
        assert len(web.taken) == 1


def test_a_file_of_authorities_that_is_missing_loses_nothing(tmp_path: Path) -> None:
    with receiving() as web:
        secure = web.address.replace("http", "https", 1)
        error = refusal(webhook(f"{secure}/takes", ca_file=tmp_path / "none.pem"))
        assert not error.permanent
        assert "ca_file" in str(error)


@contextmanager
def handshaking_for_ever() -> Iterator[int]:
    """A server that begins to answer a TLS handshake, a byte at a time, and never ends."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                connected, _ = listening.accept()
                with connected:
                    connected.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")  # a long record, just begun
                    while not stop.wait(0.05):
                        connected.sendall(b"\x00")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stop.set()
            thread.join(5)


def test_a_handshake_that_never_ends_is_given_up_in_time() -> None:
    with handshaking_for_ever() as port:
        error = refusal(webhook(f"https://127.0.0.1:{port}/takes", timeout_seconds=0.5))
        assert str(error) == "the receiver did not answer in time"
