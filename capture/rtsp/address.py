"""A camera's RTSP address: where to connect, what to ask for, and as whom."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, urljoin, urlsplit

from hall.errors import SourceMalformed

RTSP_PORT, RTSPS_PORT = 554, 322
KEPT = "%/:?#[]@!$&'()*+,;=-._~"
"""Characters that a URL may hold as they are; all others are percent-encoded, line ends among them."""


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is what is asked for: it holds neither user nor password."""

    host: str
    port: int
    secure: bool
    url: str
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)


def parse(url: str) -> Address:
    """The parts of an `rtsp://` or `rtsps://` URL. Raises SourceMalformed, without the URL in its words."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SourceMalformed("the camera's address is not an address") from None
    if not host:
        raise SourceMalformed("the camera's address names no host")
    secure = parts.scheme.lower() == "rtsps"
    if not secure and parts.scheme.lower() != "rtsp":
        raise SourceMalformed("the camera's address is neither rtsp:// nor rtsps://")
    place = parts.netloc.rpartition("@")[2]
    query = f"?{parts.query}" if parts.query else ""
    return Address(
        host=host,
        port=port or (RTSPS_PORT if secure else RTSP_PORT),
        secure=secure,
        url=quote(f"{parts.scheme.lower()}://{place}{parts.path}{query}", safe=KEPT),
        user=unquote(parts.username) if parts.username is not None else None,
        password=unquote(parts.password or ""),
    )


def redirected(address: Address, location: str) -> Address:
    """Where a camera sends its viewers. User and password go along to the same host only.

    Raises SourceMalformed for what is no address, or one that would give up encryption.
    """
    try:
        joined = urljoin(address.url.replace("rtsp", "http", 1), location)
    except ValueError:
        raise SourceMalformed("the camera redirects to what is no address") from None
    target = parse(joined.replace("http", "rtsp", 1))
    if address.secure and not target.secure:
        raise SourceMalformed("the camera redirects from an encrypted address to a plain one")
    if target.user is None and target.host == address.host:
        return replace(target, user=address.user, password=address.password)
    return target


def controlled(base: str, control: str) -> str:
    """The URL of one track (`a=control`), as a part of `base` unless it is a URL itself.

    Raises SourceMalformed.
    """
    if control in ("", "*"):
        return base
    if control.lower().startswith(("rtsp://", "rtsps://")):
        try:
            place = urlsplit(control)
        except ValueError:
            raise SourceMalformed("the camera names a track that is no address") from None
        control = place._replace(netloc=place.netloc.rpartition("@")[2]).geturl()
        return quote(control, safe=KEPT)
    return quote(f"{base.rstrip('/')}/{control.lstrip('/')}", safe=KEPT)
