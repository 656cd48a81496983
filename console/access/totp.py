"""One-time codes from a secret and the time (RFC 6238: SHA-1, six digits, steps of 30 s). Pure."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
DIGITS = 6
SKEW = 1
"""So many steps may the clock of a telephone be ahead or behind."""
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and figures that people take for one another."""
ISSUER = "Hallwatch"


def new_secret() -> str:
    """A random secret of 160 bits, in base32."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The time step that a code is of, or None for none that is near `now` and behind step `after`.

    A code is good once: whoever uses it up passes its step as `after` from then on.
    """
    current = int(now.timestamp()) // STEP_SECONDS
    codes = pyotp.TOTP(secret)
    for step in range(current - SKEW, current + SKEW + 1):
        expected = codes.generate_otp(step)
        if step > after and secrets.compare_digest(expected.encode(), code.encode()):
            return step
    return None


def address(secret: str, user: str) -> str:
    """What an authenticator takes up: an `otpauth` address that names the user."""
    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=ISSUER)


def picture(text: str) -> str:
    """A QR code of a text as the `data:` address of an SVG, dark on light whatever the page is."""
    return segno.make(text, error="m", micro=False).svg_data_uri(light="#fff", border=4, omitsize=True)


def new_recovery_codes() -> list[str]:
    """Ten random codes of 79 bits, in groups of four."""
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]


def plain(code: str) -> str:
    """A code as it is compared, however somebody typed it: without spaces and hyphens, in lower case."""
    return "".join(code.split()).replace("-", "").lower()


def is_of_authenticator(code: str) -> bool:
    """Whether a plain code can come from an authenticator; else it can only be a recovery code."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()
