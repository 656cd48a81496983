"""How a true story is told: in order, or late, wrong and corrected, repeated, as sources may come to tell it.

What one source tells of one thing stays in order, as analysis and recorders write it: the observations of a
zone, and the gaps of a camera. Queue events come in any order at all. Analysis is
taken to run throughout: that watermarks stand still is known in memory only, and analysis says itself where
it was blind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from hypothesis import strategies as st

from capture.queueing.intake import judge
from hall.errors import Conflict, EventRefused
from hall.media import Gap, GapReason
from hall.names import CameraId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind
from hall.queueing import QueueEvent
from store import observing, recording
from store.database import Write, savepoint
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import HALL, after, over
from tests.unit.alerts.true_story import (
    BEGIN,
    CUSTOMERS,
    END,
    STAFF,
    Count,
    Happening,
    TrueStory,
    ZoneKey,
    hall_of_the_story,
)

CONFIGURATION = hall_of_the_story()


@dataclass(frozen=True)
class Seen:
    """An observation that is told; it goes into the store by `observing.change`."""

    observation: Observation

    def tell(self, tx: Write) -> None:
        observing.change(tx, HALL, self.observation)


@dataclass(frozen=True)
class Recorded:
    """What a recorder says of its camera: `good` ends a gap, anything else begins one."""

    camera: str
    at: int
    state: str

    def tell(self, tx: Write) -> None:
        if self.state == "good":
            recording.close_gap(tx, CameraId(self.camera), after(self.at))
        else:
            gap = Gap(CameraId(self.camera), over(self.at), GapReason(self.state))
            recording.open_gap(tx, HALL, gap)


@dataclass(frozen=True)
class Noted:
    """What a recorder found out afterwards: a gap that is over."""

    camera: str
    at: int
    until: int
    state: str

    def tell(self, tx: Write) -> None:
        recording.add_gap(
            tx, HALL, Gap(CameraId(self.camera), over(self.at, self.until), GapReason(self.state))
        )


Fact: TypeAlias = Seen | Recorded | Noted | QueueEvent


def event(name: str, one: Happening, at: float | None = None, corrects: str | None = None) -> QueueEvent:
    """What the queue system says of something that happened."""
    members = {
        member: value
        for member in ("window", "ticket", "reason", "step")
        if (value := getattr(one, member)) is not None
    }
    told_at = after(one.at if at is None else at)
    return QueueEvent.model_validate(
        {"id": name, "hall": HALL, "at": told_at, "type": one.kind, "corrects": corrects, **members}
    )


def streams(story: TrueStory) -> list[list[tuple[int, Fact]]]:
    """What cameras and recorders tell, each thing's facts in order with the moment of each."""
    found: list[list[tuple[int, Fact]]] = []
    for zone, presences in story.staff.items():
        found.append([_presence(ObservationKind.PRESENCE, zone, STAFF[zone], *one) for one in presences])
    for zone, presences in story.customers.items():
        found.append([_presence(ObservationKind.CUSTOMER, zone, CUSTOMERS[zone], *one) for one in presences])
    for zone, counts in story.counts.items():
        found.append([_count(zone, *one) for one in counts])
    for camera, states in story.recording.items():
        found.append(list(_recorded(camera, states)))
    for camera, pictures in story.pictures.items():
        found.append([(at, _picture(camera, at, state)) for at, state in pictures])
    return found


def _recorded(camera: str, states: list[tuple[int, str]]) -> Iterator[tuple[int, Fact]]:
    """Each change; or, where a gap lies between two recordings and began in an odd second, the whole gap."""
    is_noted = False
    for (_, before), (at, state), after_it in zip(states, states[1:], [*states[2:], None], strict=False):
        if is_noted:
            is_noted = False
        elif before == "good" and at % 2 and after_it is not None and after_it[1] == "good":
            yield after_it[0], Noted(camera, at, after_it[0], state)
            is_noted = True
        else:
            yield at, Recorded(camera, at, state)


def _picture(camera: str, at: int, state: str) -> Seen:
    return Seen(
        Observation(ObservationKind.PICTURE, CameraId(camera), None, None, over(at), state, source="test@1")
    )


def _presence(kind: ObservationKind, zone: ZoneKey, window: str, at: int, state: str) -> tuple[int, Fact]:
    place = CameraId(zone[0]), ZoneId(zone[1]), WindowId(window)
    return at, Seen(Observation(kind, *place, over(at), state, source="test@1"))


def _count(zone: ZoneKey, at: int, count: Count) -> tuple[int, Fact]:
    place = CameraId(zone[0]), ZoneId(zone[1]), None
    state = "unknown" if count.people is None else "counted"
    measure = None if count.people is None else float(count.people)
    likely = 0.9 if count.sure else 0.2
    seen = Observation(ObservationKind.PEOPLE, *place, over(at), state, measure, likely, "test@1")
    return at, Seen(seen)


def in_order(story: TrueStory) -> list[tuple[int, Fact]]:
    """Everything at the very moment at which it happened."""
    told = [one for stream in streams(story) for one in stream]
    told += [(one.at, event(f"e{number}", one)) for number, one in enumerate(story.queue)]
    return sorted(told, key=lambda one: one[0])


LATENESS = st.sampled_from([0, 0, 0, 1, 4, 15, 40, 120, 1000])
WRONG = st.sampled_from([0, 0, 0, 0, 1, 2])
GHOSTS = st.sampled_from(
    [
        Happening(0, "window_closed", window="w03"),
        Happening(0, "window_closed", window="w01"),
        Happening(0, "window_paused", window="w03", reason="break"),
        Happening(0, "ticket_taken", ticket="X1"),
    ]
)


@st.composite
def arrivals(draw: st.DrawFn, story: TrueStory) -> list[tuple[int, Fact]]:
    """The same story as it comes when sources are late and clumsy; all of it by END."""
    told: list[tuple[int, Fact]] = []
    for stream in streams(story):
        reached = BEGIN
        for at, fact in stream:
            reached = max(reached, min(at + draw(LATENESS), END))
            told.append((reached, fact))
    queue: list[tuple[int, Fact]] = []
    for number, one in enumerate(story.queue):
        wrongs = draw(WRONG)
        names = [f"e{number}-{version}" for version in range(wrongs + 1)]
        for version, name in enumerate(names):
            corrects = names[version - 1] if version else None
            said = float(one.at) if version == wrongs else one.at + draw(st.integers(-40, 40)) + 0.5
            comes_at = min(one.at + draw(LATENESS), END)
            queue.append((comes_at, event(name, one, said, corrects)))
            if draw(st.integers(0, 5)) == 0:
                queue.append((min(comes_at + draw(LATENESS), END), queue[-1][1]))
    for number in range(draw(st.integers(0, 2))):
        ghost, moment = draw(GHOSTS), draw(st.integers(BEGIN, END - 1)) + 0.25
        withdrawn = Happening(END, "event_withdrawn")
        queue.append((min(int(moment) + draw(LATENESS), END), event(f"x{number}", ghost, moment)))
        gone = event(f"x{number}-gone", withdrawn, END - 1, corrects=f"x{number}")
        queue.append((min(int(moment) + draw(LATENESS), END), gone))
    # A camera's own observations keep their order, however late they are; a queue system's events do not.
    mixed = draw(st.permutations(queue)) if draw(st.booleans()) else queue
    return sorted([*told, *mixed], key=lambda one: one[0])


class Teller:
    """Tells facts to the store of a scene. What is refused is told again with everything that follows."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.refused: list[QueueEvent] = []

    def tell(self, *facts: Fact) -> None:
        """Take facts in, at the moment that the scene's clock shows."""
        with self.scene.database.write() as tx:
            for fact in facts:
                if isinstance(fact, QueueEvent):
                    self.refused.append(fact)
                else:
                    fact.tell(tx)
            while self.refused:
                waiting, self.refused = self.refused, []
                for one in waiting:
                    self._take_in(tx, one)
                if len(self.refused) == len(waiting):
                    break

    def _take_in(self, tx: Write, one: QueueEvent) -> None:
        try:
            with savepoint(tx):
                judge(tx, CONFIGURATION, one, self.scene.clock.now())
        except (EventRefused, Conflict):
            self.refused.append(one)


def opened(scene: Scene) -> None:
    """Both windows have been open for a while when the story begins."""
    windows = enumerate(["w01", "w03"])
    Teller(scene).tell(
        *(event(f"o{number}", Happening(BEGIN - 600, "window_opened", window=w)) for number, w in windows)
    )
