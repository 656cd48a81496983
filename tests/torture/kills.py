"""SIGKILL at random moments while cameras record: nothing on the disk is lost, catalogue and disk agree."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hall.clock import SystemClock
from tests.torture.recording_hall import RecordingHall, Share, cameras, recording_hall, wait_until
from tests.torture.witness import Witness, missing_pictures, unexplained

SHORTEST_LIFE, LONGEST_LIFE = 0.5, 7.0
"""Seconds between a start and its kill: in the midst of the start, of salvage, of the first segments."""


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
        due = {share: _start(hall, share, chance) for share in shares}
        while outcome.kills < kills:
            share = min(due, key=lambda share: due[share])
            time.sleep(max(0.0, due[share] - time.monotonic()))
            hall.kill(share)
            outcome.kills += 1
            outcome.while_writing += witness.note(hall.cameras_of(share)) > 0
            due[share] = _start(hall, share, chance)
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


def _start(hall: RecordingHall, share: Share, chance: random.Random) -> float:
    hall.start(share)
    return time.monotonic() + chance.uniform(SHORTEST_LIFE, LONGEST_LIFE)
