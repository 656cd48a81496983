"""Stretches worked off, here or by one process a core: each has one thread, and one camera at a time."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from multiprocessing.queues import Queue as ProcessQueue
from multiprocessing.synchronize import Event as ProcessEvent
from queue import Empty

from analysis.afterwards.piece import Afterwards, Done, open_judges
from bus.leash import die_with
from capture.archive.recorded import RecordedFiles
from hall.config.settings import Configuration
from hall.errors import RoleError
from hallwatch.afterwards.plan import DoneStretches, Stretch
from hallwatch.logs import configure_logging
from store.database import Database

POLL_SECONDS = 0.25

Progress = Callable[[float], None]
"""Told how many seconds of recorded time were done since it was told last."""


class Worker:
    """Does stretches in its process. Raises DetectorError when the detector cannot be opened."""

    def __init__(self, configuration: Configuration, database_url: str) -> None:
        settings = configuration.site.analysis
        self._settings = settings
        self._database = Database(database_url)
        self._recorded = RecordedFiles(configuration, self._database)
        self._judges = open_judges(settings)

    def do(self, stretch: Stretch, progress: Progress) -> Done:
        """Analyse a stretch; what cannot be read of it is told in the result."""
        begun = stretch.whole.start

        def seen(at: datetime) -> None:
            nonlocal begun
            if at > begun:
                progress((at - begun).total_seconds())
                begun = at

        done = self._afterwards(stretch).look(stretch.segments, self._recorded.open, seen)
        seen(stretch.whole.end or begun)
        return done

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _afterwards(self, stretch: Stretch) -> Afterwards:
        return Afterwards(stretch.camera, self._settings, self._judges, stretch.whole)


def work_off(
    stretches: Sequence[Stretch],
    done: DoneStretches,
    configuration: Configuration,
    database_url: str,
    workers: int,
    progress: Progress,
) -> dict[str, Done]:
    """The results of all stretches by name; those that are kept already are not done again.

    A result that lacks what could not be read is not kept: it may be readable the next time. Raises
    DetectorError when the detector cannot be opened, OSError when results cannot be kept, RoleError when a
    process that works was ended, StoreBusy.
    """
    results: dict[str, Done] = {}
    left: list[Stretch] = []
    for stretch in stretches:
        kept = done.get(stretch)
        if kept is None:
            left.append(stretch)
        else:
            results[stretch.name] = kept
            progress(stretch.seconds)

    def keep(stretch: Stretch, result: Done) -> None:
        if not result.unreadable:
            done.put(stretch, result)
        results[stretch.name] = result

    if not left:
        return results
    if min(workers, len(left)) == 1:
        worker = Worker(configuration, database_url)
        try:
            for stretch in left:
                keep(stretch, worker.do(stretch, progress))
        finally:
            worker.close()
    else:
        _in_processes(left, keep, configuration, database_url, min(workers, len(left)), progress)
    return results


def _in_processes(
    left: Sequence[Stretch],
    keep: Callable[[Stretch, Done], None],
    configuration: Configuration,
    database_url: str,
    workers: int,
    progress: Progress,
) -> None:
    # Not forked: the libraries that judge have threads of their own, which a fork would leave behind.
    context = multiprocessing.get_context("spawn")
    told: ProcessQueue[float] = context.Queue()
    ending = context.Event()
    Worker(configuration, database_url).close()  # a detector that cannot be opened is told by its own error
    pool = ProcessPoolExecutor(workers, context, _begin, (configuration, database_url, told, ending))
    waiting: dict[Future[Done], Stretch] = {pool.submit(_do, stretch): stretch for stretch in left}
    try:
        while waiting:
            finished, _ = wait(waiting, POLL_SECONDS, FIRST_COMPLETED)
            for future in finished:
                keep(waiting.pop(future), future.result())
            _pass_on(told, progress)
    except BrokenProcessPool as error:
        raise RoleError("a process that analyses was ended; the same command goes on where it was") from error
    finally:
        ending.set()
        pool.shutdown(wait=True, cancel_futures=True)
        _pass_on(told, progress)


def _pass_on(told: ProcessQueue[float], progress: Progress) -> None:
    while True:
        try:
            progress(told.get_nowait())
        except Empty:
            return


class _BrokenOff(Exception):
    """The command ends: nobody waits for this stretch any more."""


_worker: list[tuple[Worker, Progress]] = []
"""The one of this process, made by `_begin`."""


def _begin(
    configuration: Configuration, database_url: str, told: ProcessQueue[float], ending: ProcessEvent
) -> None:
    parent = multiprocessing.parent_process()
    die_with(parent.pid if parent is not None and parent.pid is not None else os.getppid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the command tells its workers itself
    configure_logging("analyse", level=logging.WARNING)

    def progress(seconds: float) -> None:
        if ending.is_set():
            raise _BrokenOff
        told.put(seconds)

    _worker.append((Worker(configuration, database_url), progress))


def _do(stretch: Stretch) -> Done:
    worker, progress = _worker[0]
    return worker.do(stretch, progress)
