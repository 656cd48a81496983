"""SIGKILL at random moments while cameras record: nothing on the disk is lost, catalogue and disk agree."""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hall.clock import SystemClock
from tests.torture.recording_hall import RecordingHall, Share, cameras, recording_hall, wait_until
from tests.torture.witness import PARTIAL, Witness, missing_pictures, unexplained

EARLY_SHARE, EARLY_SECONDS = 0.2, 2.0
"""One kill in five comes so soon after the start: in the midst of it, and of salvage."""
LATE_SECONDS = 5.0
"""The others come within so many seconds from when a camera of the process is being recorded."""
PATIENCE = 60.0
"""A busy machine may take long to start a process; beyond this something is wrong."""
LOOK_SECONDS = 0.05


@dataclass
class KillsOutcome:
    """What a campaign of kills found; `complaints` name what was lost or does not agree."""

    kills: int = 0
    while_writing: int = 0
    """Kills that broke off at least one file with a whole fragment in it."""
    segments: int = 0
    segments_lost: int = 0
    missing_pictures: int = 0
    seconds: float = 0.0
    complaints: list[str] = field(default_factory=list)

    @property
    def catalogue_agrees(self) -> bool:
        """Disk, catalogue and camera tell the same, and all time is explained."""
        return not self.complaints


def kill_again_and_again(
    folder: Path, kills: int, count: int = 8, processes: int = 2, seed: int = 1
) -> KillsOutcome:
    """Record `count` cameras in `processes` processes, and kill one of them so many times."""
    chance, outcome, began = random.Random(seed), KillsOutcome(), time.monotonic()
    with cameras(folder, count) as filmed, recording_hall(folder, filmed) as hall:
        witness = Witness(hall)
        shares = [(number, processes) for number in range(1, processes + 1)]
        lives = {share: _begin(hall, share, chance) for share in shares}
        while outcome.kills < kills:
            time.sleep(LOOK_SECONDS)
            for share, life in lives.items():
                if life.is_over(hall) and outcome.kills < kills:
                    hall.kill(share)
                    outcome.kills += 1
                    outcome.while_writing += witness.note(hall.cameras_of(share)) > 0
                    lives[share] = _begin(hall, share, chance)
        last = SystemClock().now()
        wait_until(
            lambda: hall.is_recorded_beyond(last + timedelta(seconds=1)),
            "every camera recorded after the last kill",
        )
        hall.stop()
        lost = witness.lost()
        outcome.segments_lost, outcome.complaints = len(lost), lost
        for camera, reel in filmed.reels.items():
            outcome.segments += len(hall.segments(camera))
            found = list(unexplained(hall.segments(camera), hall.gaps(camera)))
            outcome.complaints += [f"{camera}: {what}" for what in found]
            missing = missing_pictures(hall, camera, reel)
            outcome.missing_pictures += missing
            if missing:
                outcome.complaints.append(f"{camera}: {missing} pictures are missing within its runs")
        outcome.complaints += [f"left behind: {path.name}" for path in hall.files("*.partial")]
        outcome.complaints += hall.faults()
    outcome.seconds = time.monotonic() - began
    return outcome


@dataclass
class _Life:
    """One process from its start to its kill; `after` counts from the start, or from when it records."""

    share: Share
    began: float
    is_early: bool
    after: float
    known: frozenset[Path]
    """What earlier processes left unfinished."""
    counts_from: float | None = None

    def is_over(self, hall: RecordingHall) -> bool:
        """Whether the moment has come."""
        now = time.monotonic()
        if self.counts_from is None and (self.is_early or _unfinished(hall, self.share) - self.known):
            self.counts_from = self.began if self.is_early else now
        if self.counts_from is None and now - self.began > PATIENCE:
            raise TimeoutError(f"nothing was recorded within {PATIENCE:g} s of a start, see {hall.log}")
        return self.counts_from is not None and now >= self.counts_from + self.after


def _begin(hall: RecordingHall, share: Share, chance: random.Random) -> _Life:
    known = _unfinished(hall, share)
    is_early = chance.random() < EARLY_SHARE
    after = chance.uniform(0, EARLY_SECONDS if is_early else LATE_SECONDS)
    hall.start(share)
    return _Life(share, time.monotonic(), is_early, after, known)


def _unfinished(hall: RecordingHall, share: Share) -> frozenset[Path]:
    """The files that are being written; asked often, so it looks at names alone."""
    return frozenset(
        day / name
        for disk in hall.configuration.site.disks
        for camera in hall.cameras_of(share)
        for day in (disk / camera).glob("*/*/*")
        for name in os.listdir(day)  # noqa: PTH208 - ten times quicker than paths
        if name.endswith(PARTIAL)
    )
