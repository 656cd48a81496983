"""Time stamps (RFC 3161): a time-stamping authority says when a package's manifest existed.

The signature says who made a package, and when by the clock of the machine that made it; the stamp says when
by a clock that this office does not set. It is asked over the SHA-256 of the manifest: nothing else leaves
the house.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import structlog
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from hall.config.evidence import EvidenceSettings
from hall.errors import EvidenceError

ASKED = {"Content-Type": "application/timestamp-query"}
LARGEST_ANSWER = 256 * 1024
"""Bytes; an answer with the certificates of its authority takes a few thousand."""
SHA256 = "2.16.840.1.101.3.4.2.1"
TRIES = 3
GRANTED = (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS)


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a time stamp says. `is_trusted`: whether it is of a given authority; None when none was given."""

    at: datetime
    is_trusted: bool | None


class StampError(EvidenceError):
    """A time stamp is not to be had, or does not fit what it was asked over."""

    again = True


class Stamping:
    """Asks for the time stamp of one package, three times at most. `failure` says why there is none."""

    def __init__(self, settings: EvidenceSettings) -> None:
        self._settings = settings
        self.failure: str | None = None

    def stamp(self, content: bytes) -> bytes | None:
        """The stamp over `content`; None where no server is configured, or none is to be had.

        A package without a stamp may be all the evidence there is: it is made, and says whom it asked.
        """
        if self._settings.time_stamp_server is None:
            return None
        for _ in range(TRIES):
            try:
                answer = ask(self._settings.time_stamp_server, content, self._settings.time_stamp_seconds)
            except StampError as error:
                self.failure = str(error)
            else:
                self.failure = None
                return answer
        log.error("a package has no time stamp", reason=self.failure)
        return None


def ask(server: str, content: bytes, seconds: float) -> bytes:
    """The authority's answer over `content`, as it is kept. Raises StampError."""
    request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).cert_request(
        cert_request=True
    ).build()  # fmt: skip
    answer = _posted(server, request.as_bytes(), seconds)
    response = _decoded(answer)
    if response.tst_info.nonce != request.nonce:
        raise StampError("the time stamp answers another request")
    _check_imprint(response, content)
    return answer


def read(answer: bytes, content: bytes, authorities: Sequence[x509.Certificate] = ()) -> Stamp:
    """What a kept answer says of `content`. With `authorities`, roots that are trusted, it must be of one.

    Raises StampError for what is no stamp of this content.
    """
    response = _decoded(answer)
    _check_imprint(response, content)
    at = response.tst_info.gen_time
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return Stamp(at, _is_of(response, content, authorities) if authorities else None)


def authorities_of(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises EvidenceError."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise EvidenceError(f"the certificates of the authority cannot be read: {error}") from error


def _posted(server: str, request: bytes, seconds: float) -> bytes:
    answer = bytearray()
    until = time.monotonic() + seconds
    try:
        with (
            httpx.Client(timeout=seconds, follow_redirects=False) as client,
            client.stream("POST", server, content=request, headers=ASKED) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise StampError(f"the time-stamp server answers {response.status_code}")
            for piece in response.iter_bytes():
                answer += piece
                if len(answer) > LARGEST_ANSWER or time.monotonic() > until:
                    raise StampError("the time-stamp server's answer does not end")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        words = str(error) or type(error).__name__
        raise StampError(f"the time-stamp server cannot be asked: {words}") from error
    return bytes(answer)


def _decoded(answer: bytes) -> TimeStampResponse:
    try:
        response = decode_timestamp_response(answer)
    except ValueError as error:
        raise StampError(f"the time stamp cannot be read: {error}") from error
    if response.status not in GRANTED:
        words = "; ".join(response.status_string) or f"status {response.status}"
        raise StampError(f"the time-stamp server refuses: {words}")
    return response


def _check_imprint(response: TimeStampResponse, content: bytes) -> None:
    imprint = response.tst_info.message_imprint
    algorithm = imprint.hash_algorithm.dotted_string
    if algorithm != SHA256 or imprint.message != hashlib.sha256(content).digest():
        raise StampError("the time stamp is not over this manifest")


def _is_of(response: TimeStampResponse, content: bytes, authorities: Sequence[x509.Certificate]) -> bool:
    builder = VerifierBuilder()
    for certificate in authorities:
        builder = builder.add_root_certificate(certificate)
    try:
        return builder.build().verify_message(response, content)
    except (VerificationError, ValueError):
        return False
