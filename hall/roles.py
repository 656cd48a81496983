"""What people may do: the roles of users."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a user is there for. What each may do with an alert says `hall.alert_life`."""

    OFFICER = "officer"
    INVESTIGATOR = "investigator"
    ADMINISTRATOR = "administrator"
