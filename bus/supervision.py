"""What a supervisor tells of the processes that it keeps running, and how it is read.

Durations, not moments: who reads it may have another clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from hall.errors import BusError


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """One process. `process` is its id, None while it is away.

    `up_seconds`: since it was last started. `restarts`: how often it was started again since the supervisor
    began. `beats`: it sends heartbeats; `silent_seconds`: since the last one of this very process, None
    before the first.
    """

    name: str
    process: int | None
    up_seconds: float
    restarts: int
    beats: bool
    silent_seconds: float | None


@dataclass(frozen=True, slots=True)
class SupervisorReport:
    """All processes of one supervisor, which itself runs since `up_seconds` on the machine of this name."""

    machine: str
    up_seconds: float
    processes: tuple[ProcessReport, ...]

    def encode(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, payload: bytes) -> SupervisorReport:
        """Out of `encode`. Raises BusError for anything else."""
        try:
            content = json.loads(payload)
            return cls(
                _text(content["machine"]),
                _seconds(content["up_seconds"]),
                tuple(_process(one) for one in content["processes"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise BusError(f"not a supervisor's report: {error}") from error


def _process(content: Mapping[str, object]) -> ProcessReport:
    process, silent = content["process"], content["silent_seconds"]
    return ProcessReport(
        _text(content["name"]),
        None if process is None else _count(process),
        _seconds(content["up_seconds"]),
        _count(content["restarts"]),
        content["beats"] is True,
        None if silent is None else _seconds(silent),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a name is no text")
    return value


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a count is no whole number")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a duration is no number")
    return float(cast(float, value))
