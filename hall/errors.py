"""Every error that Hallwatch raises on purpose, as one tree.

    HallwatchError
    ├── ConfigurationError          hall.yaml or a setting is wrong; names field and line
    ├── SourceError                 a camera or microphone did not deliver
    │   ├── SourceRefused           nobody answers, the host is unreachable            again: yes
    │   ├── SourceUnauthorized      wrong or missing credentials                       again: yes, slowly
    │   ├── SourceNotFound          the device answers, the path does not exist        again: yes, slowly
    │   ├── SourceMalformed         what answers is not a stream that can be read      again: yes, slowly
    │   ├── SourceStalled           connected, but no packet came in time              again: yes
    │   └── SourceEnded             the device closed the stream                       again: yes
    ├── RecordingError              a segment could not be written
    │   ├── DiskFull                                                                   again: yes
    │   ├── ArchiveUnreachable      the archive does not answer, or refuses the keys   again: yes
    │   └── RecordingRefused        a file is not what was entered, or cannot be kept  again: no
    ├── EvidenceError               a package cannot be made or read                   again: no
    ├── MediaError                  a packet or file could not be decoded              again: no
    ├── DetectorError               a model is missing, damaged or failed              again: no
    ├── QueueError                  a queue system could not be read                   again: yes
    ├── EventRefused                a queue event cannot be accepted; names the field  again: no
    ├── RequestRefused              a request names something that cannot be; names the field again: no
    ├── TableRefused                a table cannot be taken; names row and column      again: no
    ├── StoreError
    │   ├── StoreBusy               the database is locked or gone                     again: yes
    │   ├── NotFound                no such row                                        again: no
    │   │   └── NothingRecorded     no picture of that time; says why                  again: no
    │   └── Conflict                the row changed meanwhile, or exists already       again: no
    ├── SecretError                 a stored password cannot be encrypted or read      again: no
    ├── BusError                    the bus cannot be reached                          again: yes
    ├── NotifyError                 a notifier failed; says itself whether for good
    ├── RoleError                   a role's process could not start or did not answer again: yes
    └── AccessError
        ├── NotAuthenticated                                                           again: no
        └── NotPermitted                                                               again: no

`again` on an instance says whether trying again can help without anybody changing anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class HallwatchError(Exception):
    """Root of the tree. `again` is true when trying again can help."""

    again: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a configuration: which field, on which line (1-based), and why."""

    field: str
    line: int | None
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line is not None else ""
        return f"{where}{self.field}: {self.message}"


class ConfigurationError(HallwatchError):
    """A configuration was refused. `problems` names every fault found, not only the first."""

    def __init__(self, problems: Sequence[Problem], source: str = "hall.yaml") -> None:
        self.problems = tuple(problems)
        self.source = source
        super().__init__(f"{source}: " + "; ".join(str(problem) for problem in self.problems))


class SourceError(HallwatchError):
    """A camera or microphone did not deliver. `reason` is the gap reason that this leads to."""

    again: ClassVar[bool] = True
    slowly: ClassVar[bool] = False
    """True when a person has to act first (credentials, path): retry at the longest interval only."""
    reason: ClassVar[str] = "offline"


class SourceRefused(SourceError):
    """Nobody answers at the address, or the host is unreachable."""


class SourceUnauthorized(SourceError):
    """The device answers, but refuses the credentials."""

    slowly = True
    reason = "unauthorized"


class SourceNotFound(SourceError):
    """The device answers, but has no stream under this path."""

    slowly = True
    reason = "not_found"


class SourceMalformed(SourceError):
    """What answers is not a stream that can be read (not RTSP, garbage, unknown codec)."""

    slowly = True
    reason = "malformed"


class SourceStalled(SourceError):
    """The connection stands, but no packet came in time."""

    reason = "stalled"


class SourceEnded(SourceError):
    """The device closed the stream."""


class RecordingError(HallwatchError):
    """A segment could not be written."""

    again = True


class DiskFull(RecordingError):
    """No space is left where the segment should go."""


class ArchiveUnreachable(RecordingError):
    """The archive does not answer, or not as it should, or refuses the keys."""


class RecordingRefused(RecordingError):
    """A file is not the one that was entered, or cannot be kept under its key."""

    again = False


class EvidenceError(HallwatchError):
    """An evidence package cannot be made, or what was given is none."""


class MediaError(HallwatchError):
    """A packet or a file could not be decoded."""


class DetectorError(HallwatchError):
    """A model is missing, does not have the expected content or shape, or failed."""


class QueueError(HallwatchError):
    """A queue system that is asked could not be read."""

    again = True


class EventRefused(HallwatchError):
    """A queue event cannot be accepted. `field` names the member of the event that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(f"{field}: {message}")


class RequestRefused(HallwatchError):
    """A request asks for something that cannot be. `field` names the member of the request that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(f"{field}: {message}")


@dataclass(frozen=True, slots=True)
class TableFault:
    """One thing that is wrong in a table (CSV, XLSX): in which row (1-based) and column, in both languages.

    `row` is None for the file as a whole; `column` is the heading as the file has it, empty for a whole row.
    """

    row: int | None
    column: str
    zh: str
    en: str

    def __str__(self) -> str:
        where = f"row {self.row}: " if self.row is not None else ""
        return f"{where}{self.column}: {self.en}" if self.column else f"{where}{self.en}"


class TableRefused(HallwatchError):
    """A table cannot be taken. `faults` names every fault that was found, not only the first."""

    def __init__(self, faults: Sequence[TableFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))


class StoreError(HallwatchError):
    """The store could not do what was asked."""


class StoreBusy(StoreError):
    """The database is locked or cannot be reached."""

    again = True


class NotFound(StoreError):
    """No such row."""


class NothingRecorded(NotFound):
    """There is no picture of a camera at a time. `reason`: one word, for which screens have words."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class Conflict(StoreError):
    """The row changed meanwhile, or exists already with other content. `current`: the fact as it stands."""

    def __init__(self, message: str, current: object | None = None) -> None:
        self.current = current
        super().__init__(message)


class SecretError(HallwatchError):
    """A stored password cannot be encrypted, or not be read: its key is missing or another."""


class BusError(HallwatchError):
    """The bus cannot be reached."""

    again = True


class NotifyError(HallwatchError):
    """A notifier failed. `permanent` says that the same message will never be taken.

    Officers read why on the console: `zh` says it in Chinese, the message itself in English.
    """

    def __init__(self, message: str, zh: str = "", *, permanent: bool) -> None:
        self.permanent = permanent
        self.zh = zh or message
        super().__init__(message)


class RoleError(HallwatchError):
    """A role's process could not start, or did not answer in time."""

    again = True


class AccessError(HallwatchError):
    """A person or machine asked for what they may not have."""


class NotAuthenticated(AccessError):
    """Nobody is logged in, or the API key is unknown."""


class NotPermitted(AccessError):
    """The person or machine is known, but may not do this."""
