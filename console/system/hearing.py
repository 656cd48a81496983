"""What the bus tells of processes: the last report of each supervisor, the last heartbeat of each process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bus.connection import Bus, Message
from bus.heartbeat import Beat
from bus.metrics import REFUSED
from bus.subjects import ROLE_BEAT, SUPERVISOR_REPORT, every, family
from bus.supervision import SupervisorReport
from hall.clock import Clock
from hall.errors import BusError

MOST = 256
"""Names that are remembered; there are a dozen, and whoever makes up more is not listened to."""


@dataclass(frozen=True, slots=True)
class HeardReport:
    """A supervisor's report and when it was heard, by the console's clock."""

    at: datetime
    report: SupervisorReport


@dataclass(frozen=True, slots=True)
class HeardBeat:
    """A heartbeat, when it was heard, and since when beats of this very process are."""

    at: datetime
    since: datetime
    process: int


class Hearing:
    """Listens on the console's event loop; what was heard may be read from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.since = clock.now()
        """Since when somebody listens."""
        self._reports: dict[str, HeardReport] = {}
        self._beats: dict[str, HeardBeat] = {}

    @property
    def reports(self) -> Mapping[str, HeardReport]:
        """The last report of each supervisor, by its machine."""
        return dict(self._reports)

    @property
    def beats(self) -> Mapping[str, HeardBeat]:
        """The last heartbeat of each process, by its name."""
        return dict(self._beats)

    async def listen(self, bus: Bus) -> None:
        """Hear reports and heartbeats from now on."""
        await bus.subscribe(SUPERVISOR_REPORT, self._hear_report)
        await bus.subscribe(every(ROLE_BEAT), self._hear_beat)

    def note_report(self, report: SupervisorReport) -> None:
        """A supervisor tells how its processes are."""
        if report.machine in self._reports or len(self._reports) < MOST:
            self._reports[report.machine] = HeardReport(self._clock.now(), report)

    def note_beat(self, beat: Beat) -> None:
        """A process lives."""
        now, known = self._clock.now(), self._beats.get(beat.name)
        since = known.since if known is not None and known.process == beat.process else now
        if known is not None or len(self._beats) < MOST:
            self._beats[beat.name] = HeardBeat(now, since, beat.process)

    async def _hear_report(self, message: Message) -> None:
        try:
            self.note_report(SupervisorReport.decode(message.payload))
        except BusError:
            REFUSED.labels(family(message.subject)).inc()

    async def _hear_beat(self, message: Message) -> None:
        try:
            self.note_beat(Beat.decode(message.payload))
        except BusError:
            REFUSED.labels(family(message.subject)).inc()
