"""Questions about single pictures, left by the bus and answered by the thread that has the detector.

Few may wait, and one is answered between two rounds of cameras: who draws zones must not keep analysis from
watching.
"""

from __future__ import annotations

import json
import queue
from collections.abc import Callable

from analysis.detectors.asking import Asking
from analysis.picture.trying import question_of, tried
from hall.clock import Clock
from hall.errors import MediaError
from hall.examining import Examined
from hall.pulse import renew
from hall.wire import to_wire

MOST_WAITING = 4
BUSY = "analysis is busy: try again"
NO_DETECTOR = "there is no detector: every zone is unknown"

Answer = Callable[[bytes], None]


class Trials:
    """Takes questions from any thread; `serve` is called by the picture thread alone."""

    def __init__(self, detail: int, clock: Clock) -> None:
        """`detail` is the side in pixels of the square in which the detector sees a zone."""
        self._detail = detail
        self._clock = clock
        self._waiting: queue.Queue[tuple[bytes, Answer]] = queue.Queue(MOST_WAITING)

    def put(self, payload: bytes, answer: Answer) -> None:
        """Leave a question; told at once that too many wait."""
        try:
            self._waiting.put_nowait((payload, answer))
        except queue.Full:
            answer(_encoded(Examined("", (), BUSY)))

    def serve(self, asking: Asking | None) -> None:
        """Answer the question that waits longest, if any."""
        try:
            payload, answer = self._waiting.get_nowait()
        except queue.Empty:
            return
        renew()
        answer(_encoded(self._answered(payload, asking)))

    def _answered(self, payload: bytes, asking: Asking | None) -> Examined:
        if asking is None:
            return Examined("", (), NO_DETECTOR)
        try:
            return tried(question_of(payload), self._detail, asking, self._clock.monotonic())
        except MediaError as error:
            return Examined(asking.name, (), str(error))


def _encoded(examined: Examined) -> bytes:
    return json.dumps(to_wire(examined), separators=(",", ":")).encode()
