"""The redacting process: `python -m console.evidence.redacting.worker`, a task on standard input.

It holds the detector and its model, so that no console does. It answers on standard output, a line of JSON at
a time: shares of the work, and in the end what was done or why it could not be.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import TextIO

import cv2
import structlog

from analysis.detectors import open_detector
from analysis.heads.finding import FoundHead, HeadFinder
from console.evidence.redacting.film import Find, redacted
from console.evidence.redacting.task import Redacted, Task
from hall.errors import HallwatchError
from hall.redacting import Heads
from hall.wire import from_json, to_wire

NICENESS = 10
"""Whoever records and watches comes first."""
TOLD_EVERY = 0.2
LEAST_SCORE = 0.15
"""Who is found with so little certainty is covered: a head too many harms nobody."""


def main(source: TextIO = sys.stdin, target: TextIO = sys.stdout) -> int:
    """Do the one task. Returns the exit status: 0 when it is done."""
    told = float("-inf")

    def share(done: float) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= TOLD_EVERY:
            told = now
            _tell(target, share=done)

    try:
        task = from_json(Task, source.read().encode())
        done = _done(task, share)
    except HallwatchError as error:
        _tell(target, failed=str(error))
        return 1
    _tell(target, done=to_wire(done))
    return 0


def _done(task: Task, share: Callable[[float], None]) -> Redacted:
    if task.redaction.heads is Heads.KEPT:
        return redacted(task, _nothing, "", share)
    cv2.setNumThreads(1)
    score = min(task.analysis.score, LEAST_SCORE)
    finder = HeadFinder(open_detector(task.analysis.model_copy(update={"score": score})), task.visible)
    find: Find = finder.find
    return redacted(task, find, finder.name, share)


def _nothing(_picture: object, _at: float) -> list[FoundHead]:
    return []


def _tell(target: TextIO, **members: object) -> None:
    target.write(json.dumps(members, ensure_ascii=False, separators=(",", ":")) + "\n")
    target.flush()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # the answers go out there
    os.nice(NICENESS)
    sys.exit(main())
