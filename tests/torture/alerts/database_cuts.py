"""Taking the database away from the alerts role: connections are cut, or another process holds the file."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import text

from bus.leash import leashed
from tests.torture.alerts.alerts_hall import APPLICATION, AlertsHall

HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
connection.execute("BEGIN EXCLUSIVE")
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""
LONGEST_HOLD = 7.0
"""Seconds. Who waits for the file gives up after five."""
CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE application_name LIKE :name AND (state <> 'idle' OR NOT :busy)
"""
MIDST_SECONDS = 1.0
"""How long to look for a connection that is in the midst of a transaction."""


@dataclass
class DatabaseCuts:
    """Every cut of a campaign. `connections` of PostgreSQL, `midst` of them within a transaction."""

    hall: AlertsHall
    chance: Random
    connections: int = 0
    midst: int = 0
    holders: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def cut(self) -> None:
        """One cut. A file is held from now on; the campaign goes on meanwhile."""
        if self.hall.is_sqlite:
            self._hold()
        elif self.chance.random() < 0.3 or not self._cut_in_the_midst():
            self.connections += self._cut(busy=False)

    def end(self) -> None:
        """Nobody holds the database any more."""
        for holder in self.holders:
            if holder.wait(60) != 0:
                raise RuntimeError("a process that was to hold the database could not")

    def _hold(self) -> None:
        seconds = str(self.chance.uniform(0.5, LONGEST_HOLD))
        path = self.hall.database.url.removeprefix("sqlite:///")
        command = leashed([sys.executable, "-c", HOLD, path, seconds])
        if self.holders:
            self.holders[-1].wait(60)
        self.holders.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))

    def _cut_in_the_midst(self) -> bool:
        until = time.monotonic() + MIDST_SECONDS
        while time.monotonic() < until:
            if cut := self._cut(busy=True):
                self.connections += cut
                self.midst += cut
                return True
        return False

    def _cut(self, *, busy: bool) -> int:
        with self.hall.database.read() as tx:
            found = tx.connection.execute(text(CUT), {"name": f"{APPLICATION}-%", "busy": busy})
            return int(found.scalar_one())
