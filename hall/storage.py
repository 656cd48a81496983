"""The disks of recordings as facts: how full they are, and how long that goes well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DiskState(StrEnum):
    """How a disk of recordings stands.

    `short_soon`: within the hours of warning footage will have to go before its promised age. `short`: it
    has to go now. `full`: nothing more can be freed (what is left is locked), or nothing can be written for
    lack of space. `unreachable`: the folder cannot be written to.
    """

    OK = "ok"
    SHORT_SOON = "short_soon"
    SHORT = "short"
    FULL = "full"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Disk:
    """One measurement of one folder of recordings (`path`); sizes in bytes.

    `bytes_per_second` is what is recorded there, None until enough was measured. `short_at` is when footage
    would have to go before its promised age; None: not to be foreseen. `since` is when `state` began, `at`
    when this was measured.
    """

    path: str
    total: int
    free: int
    bytes_per_second: float | None
    short_at: datetime | None
    state: DiskState
    since: datetime
    at: datetime
