"""Time stamps over packages, asked of a real authority on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.evidence import stamping
from console.evidence.stamping import StampError, Stamping, ask, authorities_of, read
from hall.config.evidence import EvidenceSettings
from hall.errors import EvidenceError
from tests.time_stamp_authority import Authority, time_stamp_authority

MANIFEST = b'{"format":"hallwatch-evidence"}'


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with time_stamp_authority(tmp_path_factory.mktemp("stamps") / "authority") as one:
        yield one


@pytest.fixture(autouse=True)
def well_behaved(authority: Authority) -> None:
    authority.answer = None


def test_a_stamp_says_when_and_by_whom(authority: Authority) -> None:
    stamp = read(ask(authority.url, MANIFEST, 10), MANIFEST, authorities_of(authority.root))
    assert stamp.is_trusted is True
    assert abs(stamp.at - datetime.now(UTC)) < timedelta(minutes=1)


def test_without_roots_nothing_is_said_about_whom_it_is_from(authority: Authority) -> None:
    assert read(ask(authority.url, MANIFEST, 10), MANIFEST).is_trusted is None


def test_a_stamp_of_another_authority_is_not_trusted(authority: Authority, tmp_path: Path) -> None:
    answer = ask(authority.url, MANIFEST, 10)
    with time_stamp_authority(tmp_path / "other") as other:
        assert read(answer, MANIFEST, authorities_of(other.root)).is_trusted is False


def test_a_stamp_over_something_else_is_no_stamp(authority: Authority) -> None:
    answer = ask(authority.url, MANIFEST, 10)
    with pytest.raises(StampError, match="not over this manifest"):
        read(answer, MANIFEST + b" ")


@pytest.mark.parametrize("place", [40, -40])
def test_a_stamp_with_a_changed_byte_does_not_pass(authority: Authority, place: int) -> None:
    answer = bytearray(ask(authority.url, MANIFEST, 10))
    answer[place] ^= 1
    with suppress(StampError):  # it may not even be readable: just as well
        assert read(bytes(answer), MANIFEST, authorities_of(authority.root)).is_trusted is False


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((503, b""), "answers 503"),
        ((200, b"<html>log in first</html>"), "cannot be read"),
        ((200, b"x" * (stamping.LARGEST_ANSWER + 1)), "does not end"),
        ((302, b""), "answers 302"),
    ],
)
def test_a_server_that_gives_no_stamp_is_told_of(
    authority: Authority, answer: tuple[int, bytes], words: str
) -> None:
    authority.answer = answer
    with pytest.raises(StampError, match=words):
        ask(authority.url, MANIFEST, 10)


def test_an_old_answer_is_not_taken_for_a_new_request(authority: Authority) -> None:
    authority.answer = (200, ask(authority.url, MANIFEST, 10))
    with pytest.raises(StampError, match="another request"):
        ask(authority.url, MANIFEST, 10)


def test_a_package_is_made_without_a_stamp_where_none_is_to_be_had() -> None:
    asking = Stamping(EvidenceSettings(time_stamp_server="http://127.0.0.1:1/", time_stamp_seconds=1))
    assert asking.stamp(MANIFEST) is None
    assert asking.failure is not None
    assert "cannot be asked" in asking.failure


def test_nobody_is_asked_unless_a_server_is_configured() -> None:
    asking = Stamping(EvidenceSettings())
    assert asking.stamp(MANIFEST) is None
    assert asking.failure is None


def test_roots_that_are_no_certificates_are_refused() -> None:
    with pytest.raises(EvidenceError, match="cannot be read"):
        authorities_of(b"no certificate")


@pytest.mark.parametrize(
    "address", ["stamps.example", "ftp://stamps.example", "http://", "http://h:99999999"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        EvidenceSettings(time_stamp_server=address)
