"""WS-Discovery: asks the networks of this machine, or one address, which ONVIF devices are there.

What answers is not to be trusted: datagrams are bounded by UDP, devices by number, texts by length, and the
listening by time.
"""

from __future__ import annotations

import selectors
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import structlog
from onveef.urls import rewrite_host
from onveef.wsdiscovery import (
    WS_DISCOVERY_ADDRESS,
    WS_DISCOVERY_PORT,
    DiscoveredDevice,
    build_probe,
    parse_probe_matches,
)

from capture.onvif.device import LONGEST_ADDRESS, Found, plain
from hall.clock import Clock

PROBES: Final = 3
"""Questions in the time of listening: datagrams get lost, and devices that are busy miss one."""
MOST_DEVICES: Final = 4096
MOST_INTERFACES: Final = 64
MOST_HOPS: Final = 2
LARGEST_ANSWER: Final = 65_535
SERVICE_PATH: Final = "/onvif/device_service"

log = structlog.get_logger(__name__)


def discover(seconds: float, clock: Clock) -> list[Found]:
    """Every device that answers on any network of this machine within `seconds`, by address."""
    destination = (WS_DISCOVERY_ADDRESS, WS_DISCOVERY_PORT)
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(one) for one in _multicast_sockets()]
        return _asked(sockets, destination, seconds, clock)


def ask(address: str, seconds: float, clock: Clock) -> Found:
    """The device at one address: `host`, `host:port` or the address of its service.

    A device that does not answer WS-Discovery is taken to have its service at the usual place.
    """
    if "://" in address:
        return Found(urlsplit(address).hostname or "", address)
    parts = urlsplit(f"//{address}")
    host = parts.hostname or address
    if parts.port is not None:
        return Found(host, f"http://{address}{SERVICE_PATH}")
    guess = Found(host, f"http://{address}{SERVICE_PATH}")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            found = _asked([one], (host, WS_DISCOVERY_PORT), seconds, clock, only_first=True)
    except OSError as error:
        log.debug("a device could not be asked", address=address, error=str(error))
        return guess
    return found[0] if found else guess


def _multicast_sockets() -> Iterator[socket.socket]:
    """One for each network: a single one would ask only where the default route goes."""
    for index, name in socket.if_nameindex()[:MOST_INTERFACES]:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, MOST_HOPS)
            # struct ip_mreqn: the interface by number, whatever addresses it has.
            one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("=4s4si", b"", b"", index))
            one.bind(("", 0))
        except OSError as error:
            one.close()
            log.debug("a network cannot be asked", network=name, error=str(error))
            continue
        yield one


def _asked(
    sockets: Sequence[socket.socket],
    destination: tuple[str, int],
    seconds: float,
    clock: Clock,
    *,
    only_first: bool = False,
) -> list[Found]:
    """Ask over every socket, several times, and collect answers until the time is over, or only the first."""
    answers: dict[str, Found] = {}
    began = clock.monotonic()
    with selectors.DefaultSelector() as selector:
        for one in sockets:
            one.setblocking(False)
            selector.register(one, selectors.EVENT_READ)
        for number in range(PROBES):
            for one in sockets:
                _send(one, destination)
            ends = began + seconds * (number + 1) / PROBES
            while (left := ends - clock.monotonic()) > 0:
                for key, _ in selector.select(left):
                    if isinstance(key.fileobj, socket.socket):
                        _take(key.fileobj, answers)
                if answers and only_first:
                    return list(answers.values())
    return sorted(answers.values(), key=lambda found: (_by_number(found.host), found.service))


def _send(one: socket.socket, destination: tuple[str, int]) -> None:
    try:
        one.sendto(build_probe(message_id=f"urn:uuid:{uuid4()}").encode(), destination)
    except OSError as error:
        log.debug("a question could not be sent", error=str(error))


def _take(one: socket.socket, answers: dict[str, Found]) -> None:
    try:
        data, (sender, *_) = one.recvfrom(LARGEST_ANSWER)
    except OSError as error:
        log.debug("an answer could not be received", error=str(error))
        return
    for name, found in read_answer(data, sender):
        if name in answers or len(answers) < MOST_DEVICES:
            answers[name] = found


def read_answer(data: bytes, sender: str) -> list[tuple[str, Found]]:
    """The devices that an answer tells of, each with the name it gives itself; none of what is no answer."""
    try:
        matches = parse_probe_matches(data.decode("utf-8", errors="replace"))
    except (ValueError, RecursionError, AttributeError, TypeError) as error:
        log.debug("an answer cannot be read", sender=sender, error=type(error).__name__)
        return []
    found = []
    for match in matches:
        service = reachable_service(match.xaddrs, sender)
        if service is not None:
            name = plain(match.endpoint_reference, LONGEST_ADDRESS) or service
            said = _scopes(match)
            found.append((name, Found(sender, service, said.get("name", ""), said.get("hardware", ""))))
    return found


def reachable_service(addresses: Sequence[str], sender: str) -> str | None:
    """The address of the service as it can be reached from here; None when there is none.

    A device behind another address names its own: the one that answered is put in its place.
    """
    usable = []
    for address in addresses:
        try:
            parts = urlsplit(address)
            if parts.scheme in {"http", "https"} and parts.hostname and len(address) <= LONGEST_ADDRESS:
                usable.append((parts.hostname == sender, parts.port, parts.scheme, address))
        except ValueError:
            continue
    if not usable:
        return None
    is_own, port, scheme, address = max(usable, key=lambda one: one[0])
    if is_own:
        return address
    return rewrite_host(address, f"{scheme}://{sender}" + (f":{port}" if port else ""))


def _scopes(match: DiscoveredDevice) -> dict[str, str]:
    """What the device's scopes say of it (name, hardware), each by its first value."""
    said: dict[str, str] = {}
    for scope in match.scopes:
        kind, _, value = scope.removeprefix("onvif://www.onvif.org/").partition("/")
        said.setdefault(kind.lower(), plain(unquote(value)))
    return said


def _by_number(host: str) -> tuple[int, ...]:
    parts = host.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()
