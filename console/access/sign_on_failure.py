"""Why a log-in by single sign-on came to nothing: one word for the page, the rest for the trail."""

from __future__ import annotations

from enum import StrEnum

from hall.errors import NotAuthenticated


class SignOnFault(StrEnum):
    """What the log-in page has words for."""

    UNREACHABLE = "unreachable"
    """The provider does not answer, or not as it should."""
    CANCELLED = "cancelled"
    """The provider let nobody in, or somebody turned back there."""
    INVALID = "invalid"
    """What came back does not fit what was begun here, is forged, or too old."""
    NO_ROLE = "no_role"
    """The provider tells no role that is known here."""
    NAME_TAKEN = "name_taken"
    """Somebody with a password here has the name already."""
    DISABLED = "disabled"


class SignOnFailed(NotAuthenticated):
    """A log-in by single sign-on failed."""

    def __init__(self, fault: SignOnFault, detail: str) -> None:
        self.fault = fault
        super().__init__(f"single sign-on: {fault}: {detail}")
