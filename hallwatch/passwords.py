"""Made-up passwords for those who want none of their own, and how short one may be."""

from __future__ import annotations

import secrets
from typing import Final

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters and digits that are mistaken for each other."""


def random_password(length: int = 16) -> str:
    """A password that nobody can guess and a person can type."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
