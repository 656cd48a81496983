"""Signs of life of threads: who does not move any more is found, wherever in a foreign library it is stuck.

A thread with a `Pulse` says before each step how long that step may take (`may_take`), and again while it
legitimately waits (`rest`, `renew`). It is nobody's business while it keeps its word; once it is overdue, it
hangs. A thread without a pulse may call the same functions: they then do nothing, so that code deep below
needs no pulse handed to it.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from hall.clock import Clock

STEP_SECONDS: Final = 120.0
"""How long a step may take of which nothing more exact was said: a slow disk, a locked database."""
SPARE_SECONDS: Final = 5.0
"""A wait may end so much late: the machine may be busy."""


@dataclass(frozen=True, slots=True)
class Hang:
    """A thread that is overdue. `overdue` is in seconds; `stack` shows where in Python it stands."""

    name: str
    overdue: float
    stack: str


class Pulse:
    """The word of one thread: by when it will have moved again. Used by that thread alone."""

    __slots__ = ("_clock", "_limit", "deadline", "name", "thread")

    def __init__(self, name: str, limit: float, clock: Clock) -> None:
        self.name = name
        self.thread = threading.get_ident()
        self.deadline = clock.monotonic() + limit
        self._limit = limit
        self._clock = clock

    def may_take(self, seconds: float) -> None:
        """The next step may take `seconds`."""
        self._limit = seconds
        self.deadline = self._clock.monotonic() + seconds

    def renew(self, besides: float = 0.0) -> None:
        """The step may take as long again as was said, after a wait of `besides` seconds."""
        self.deadline = self._clock.monotonic() + self._limit + besides


class Pulses:
    """The pulses of all threads of a process. May be used by any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pulses: set[Pulse] = set()
        self._changing = threading.Lock()

    @contextmanager
    def beating(self, name: str, limit: float = STEP_SECONDS) -> Iterator[Pulse]:
        """Within the block the calling thread has a pulse, and its first step may take `limit` seconds."""
        pulse = Pulse(name, limit, self._clock)
        with self._changing:
            self._pulses.add(pulse)
        _own.pulse = pulse
        try:
            yield pulse
        finally:
            _own.pulse = None
            with self._changing:
                self._pulses.discard(pulse)

    def hanging(self) -> list[Hang]:
        """The threads that are overdue now, by name."""
        now = self._clock.monotonic()
        with self._changing:
            overdue = [pulse for pulse in self._pulses if now > pulse.deadline]
        return [
            Hang(pulse.name, now - pulse.deadline, _stack(pulse.thread))
            for pulse in sorted(overdue, key=lambda pulse: pulse.name)
        ]


class _Own(threading.local):
    """The calling thread's pulse, if it has one."""

    pulse: Pulse | None = None


_own = _Own()


def may_take(seconds: float) -> None:
    """The calling thread's next step may take `seconds`."""
    if (pulse := _own.pulse) is not None:
        pulse.may_take(seconds)


def renew() -> None:
    """The calling thread has moved; its step may take as long as was said before, from now on."""
    if (pulse := _own.pulse) is not None:
        pulse.renew()


def rest(stop: threading.Event, seconds: float) -> bool:
    """Wait up to `seconds` for `stop`, which is no hanging; says whether it is set."""
    pulse = _own.pulse
    if pulse is None:
        return stop.wait(seconds)
    pulse.renew(besides=seconds + SPARE_SECONDS)
    try:
        return stop.wait(seconds)
    finally:
        pulse.renew()


def _stack(thread: int) -> str:
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - the documented way to see another thread's stack
    return "" if frame is None else "".join(traceback.format_stack(frame))
