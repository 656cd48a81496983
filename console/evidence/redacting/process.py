"""Having a clip redacted: a process is started for it, listened to, and killed with whoever wanted it."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import tempfile
import time
from typing import IO

from pydantic import ValidationError

from bus.leash import leashed
from console.evidence.redacting.task import Redacted, Share, Task
from hall.errors import EvidenceError
from hall.wire import from_wire, to_wire

WORKER = "console.evidence.redacting.worker"
LISTENED_FOR = 0.5
"""Seconds after which whoever waits is asked whether to go on."""
SILENCE = 180.0
"""Seconds without a word after which the process counts as stuck: a look takes seconds on a busy machine."""
LAST_WORDS = 400


def redact(task: Task, share: Share, command: tuple[str, ...] = (sys.executable, "-m", WORKER)) -> Redacted:
    """Redact a clip. The process ends with this call, whatever `share` raises.

    Raises EvidenceError with what the process says, or how it ended.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            leashed(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
        try:
            return _answer(process, task, share, errors)
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _answer(process: subprocess.Popen[bytes], task: Task, share: Share, errors: IO[bytes]) -> Redacted:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(to_wire(task), ensure_ascii=False).encode())
        process.stdin.close()
    except BrokenPipeError:
        pass  # it has ended: why is told below
    done, heard, rest = 0.0, time.monotonic(), b""
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while True:
            share(done)
            if not ready.select(LISTENED_FOR):
                if time.monotonic() - heard > SILENCE:
                    raise EvidenceError("redacting has come to a stop, and was ended")
                continue
            piece = process.stdout.read1(65_536)  # type: ignore[attr-defined] # buffered, as Popen opens it
            if not piece:
                raise EvidenceError(f"redacting ended without a result: {_last_words(process, errors)}")
            heard = time.monotonic()
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                told = _told(line)
                if isinstance(told, Redacted):
                    return told
                done = max(done, told)


def _told(line: bytes) -> Redacted | float:
    """What a line says: how much is done, or what was done. Raises EvidenceError when it says why not."""
    try:
        members = json.loads(line)
        if "failed" in members:
            raise EvidenceError(str(members["failed"]))
        return from_wire(Redacted, members["done"]) if "done" in members else float(members["share"])
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise EvidenceError(f"redacting answered what cannot be read: {line[:80]!r}") from error


def _last_words(process: subprocess.Popen[bytes], errors: IO[bytes]) -> str:
    status = process.wait()
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return f"{lines[-1][:LAST_WORDS]}" if lines else f"exit status {status}"
