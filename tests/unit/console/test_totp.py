"""One-time codes: those of RFC 6238, good once, within one step of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from console.access import totp

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The secret of the RFC's appendix B, in base32."""


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")],
)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert totp.matching_step(SECRET, code, at(seconds), after=0) == seconds // 30


def test_a_clock_may_be_one_step_ahead_or_behind_and_no_further() -> None:
    now = at(1_800_000_000)
    for ahead in range(-3, 4):
        code = pyotp.TOTP(SECRET).at(now + timedelta(seconds=30 * ahead))
        found = totp.matching_step(SECRET, code, now, after=0)
        assert found == (60_000_000 + ahead if abs(ahead) <= 1 else None)


def test_a_step_that_was_used_up_matches_no_more_nor_any_before_it() -> None:
    now = at(1_800_000_000)
    for after, matches in ((59_999_998, True), (59_999_999, False), (60_000_000, False)):
        code = pyotp.TOTP(SECRET).at(now - timedelta(seconds=30))
        assert (totp.matching_step(SECRET, code, now, after) is not None) is matches


def test_codes_are_compared_however_they_were_typed() -> None:
    (code, *others) = totp.new_recovery_codes()
    assert len({code, *others}) == totp.RECOVERY_CODES
    assert totp.plain(f" {code.upper()} ") == totp.plain(code.replace("-", " "))
    assert not totp.is_of_authenticator(totp.plain(code))
    assert totp.is_of_authenticator(totp.plain("287 082"))
    assert not totp.is_of_authenticator("２８７０８２"), "figures of another script are none of a code"


def test_the_address_names_user_and_product_and_the_picture_is_drawn_without_styles() -> None:
    address = totp.address(SECRET, "王芳")
    assert address.startswith("otpauth://totp/Hallwatch:%E7%8E%8B%E8%8A%B3?secret=" + SECRET)
    picture = totp.picture(address)
    assert picture.startswith("data:image/svg+xml")
    assert "style" not in picture
    assert "script" not in picture
