"""Why a camera could not be opened, when the media library cannot tell: asked at the socket afterwards."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

from hall.errors import SourceError, SourceMalformed, SourceRefused, SourceStalled

SECONDS = 3.0
RTSP_PORT, RTSPS_PORT = 554, 322
QUESTION = b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Hallwatch\r\n\r\n"


def diagnose(url: str) -> SourceError | None:
    """Connect, ask, and judge what answers; None when it does speak RTSP. Takes 6 s at most."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return SourceMalformed("the camera's address is not an address")
    if not host:
        return SourceMalformed("the camera's address names no host")
    if parts.scheme == "rtsps":
        port = port or RTSPS_PORT
    try:
        with socket.create_connection((host, port or RTSP_PORT), timeout=SECONDS) as plain:
            return _ask(plain, host, secure=parts.scheme == "rtsps")
    except socket.gaierror:
        return SourceRefused(f"the name '{host}' is not known")
    except ConnectionRefusedError:
        return SourceRefused("nothing listens at the camera's address")
    except ssl.SSLError:
        return SourceMalformed("what answers does not speak TLS as it should")
    except TimeoutError:
        return SourceRefused("the camera does not answer at its address")
    except OSError as error:
        return SourceRefused(f"the camera cannot be reached: {error.strerror or 'no route'}")


def _ask(connection: socket.socket, host: str, *, secure: bool) -> SourceError | None:
    if secure:
        # Cameras carry certificates of their own making; this connection carries no secret.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = context.wrap_socket(connection, server_hostname=host)
    try:
        connection.sendall(QUESTION)
        answer = connection.recv(64)
    except TimeoutError:
        return SourceStalled("the camera accepts the connection and then says nothing")
    except ConnectionError:
        answer = b""
    if answer.startswith(b"RTSP/"):
        return None
    if answer.lstrip().startswith((b"HTTP/", b"<")):
        return SourceMalformed("a web server answers at this address, not a camera's RTSP port")
    if not answer:
        return SourceMalformed("what answers closes the connection without a word of RTSP")
    return SourceMalformed("what answers does not speak RTSP")
