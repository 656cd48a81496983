"""What people are there for: the roles of users."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a user is there for. What each role may do says `hall.permissions`."""

    OFFICER = "officer"
    INVESTIGATOR = "investigator"
    MANAGER = "manager"
    """Answers for a hall: sees how it fares, but settles nothing that the supervision found."""
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    """Reads who did what, and sees no pictures."""
