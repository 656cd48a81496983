"""A role's heartbeat: what it says of itself every few seconds, and how it is read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from hall.errors import BusError

BEAT_EVERY = 2.0
"""Seconds between two beats of a role."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One sign of life: the role's name with its share, as `capture-1-of-2`, and the id of its process."""

    name: str
    process: int

    def encode(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, payload: bytes) -> Beat:
        """Out of `encode`. Raises BusError for anything else."""
        try:
            content = json.loads(payload)
            name, process = content["name"], content["process"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise BusError(f"not a heartbeat: {error}") from error
        if not isinstance(name, str) or isinstance(process, bool) or not isinstance(process, int):
            raise BusError("not a heartbeat: a member has another type")
        return cls(name, process)
