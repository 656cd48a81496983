"""Halls at work: how they are furnished, and what their cameras and queue systems tell, fact by fact.

People come and go in small stories, each at a window or with a ticket of its own. Most change nothing that
anybody has to be told; some leave a window empty, or let a visitor wait, for longer than allowed. Limits are
ten seconds here, so that a minute holds hundreds of flips.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from hall.config import Configuration
from hall.interval import Interval
from hall.names import CameraId, HallId, TicketId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import PauseReason, Ticket, TicketStatus, WindowState, WindowStatus

WINDOWS = 20
"""In each hall."""
CAMERAS = WINDOWS // 2 + 1
"""In each hall: each shows two windows, the last one shows where people wait."""
LIMIT_SECONDS = 10.0
ABSENCE, WAIT = "absence", "overlong-wait"
RULES = [
    {"kind": "absence", "id": ABSENCE, "limit_seconds": LIMIT_SECONDS},
    {"kind": "unattended_customer", "id": "unattended-customer"},
    {"kind": "overlong_wait", "id": WAIT, "limit_seconds": LIMIT_SECONDS},
    {"kind": "crowding", "id": "crowding", "limit_people": 60},
    {"kind": "camera_fault", "id": "camera-fault"},
    {"kind": "detector_stale", "id": "detector-stale"},
    {"kind": "disk", "id": "disk"},
]

Content: TypeAlias = Observation | Ticket | WindowStatus


@dataclass(frozen=True, slots=True)
class Expected:
    """A flip that a fact has to bring about: the alert of a rule about a window or ticket opens, or ends."""

    rule: str
    subject: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact of a hall; `expected` when a flip follows from it at once."""

    hall: HallId
    fact: Content
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A window with the camera and the zones that show it."""

    hall: HallId
    window: WindowId
    camera: CameraId

    def shows(self, state: Presence, now: datetime, *, customer: bool = False) -> Observation:
        """Somebody in its staff zone, or in its customer zone."""
        kind, zone = ("customer", "k") if customer else ("presence", "s")
        return Observation(
            ObservationKind(kind), self.camera, ZoneId(f"{zone}-{self.window}"), self.window, Interval(now),
            state.value, source="movenet@1",
        )  # fmt: skip

    def stands(self, state: WindowState, now: datetime, reason: PauseReason | None = None) -> WindowStatus:
        """What the queue system says of the window."""
        return WindowStatus(self.hall, self.window, state, Interval(now), reason=reason)


Make: TypeAlias = Callable[[datetime], Happening]
Step: TypeAlias = tuple[float, Make]
"""After so many seconds at least, what happens."""


def hall_name(number: int) -> HallId:
    """The id of a hall."""
    return HallId(f"h{number:04d}")


def posts_of(number: int) -> list[Post]:
    """The windows of a hall."""
    return [
        Post(hall_name(number), WindowId(f"h{number:04d}-w{place:02d}"), camera_name(number, place // 2))
        for place in range(WINDOWS)
    ]


def camera_name(number: int, place: int) -> CameraId:
    """The id of a hall's camera."""
    return CameraId(f"h{number:04d}-c{place:02d}")


def furnished(halls: int) -> Configuration:
    """So many halls under the same rules, open at all times."""
    return Configuration.model_validate({"halls": [_hall(number) for number in range(halls)]})


def _hall(number: int) -> dict[str, object]:
    zones: dict[CameraId, list[dict[str, object]]] = {
        camera_name(number, place): [] for place in range(CAMERAS)
    }
    for place, post in enumerate(posts_of(number)):
        for name, role, top in (("s", "staff", 0.0), ("k", "customer", 0.5)):
            polygon = _square(place % 2 * 0.5, top)
            zone: dict[str, object] = {
                "id": f"{name}-{post.window}",
                "role": role,
                "window": post.window,
                "polygon": polygon,
            }
            zones[post.camera].append(zone)
    zones[camera_name(number, CAMERAS - 1)] = [{"id": "waiting", "role": "waiting", "polygon": _square(0, 0)}]
    text = {"zh": "名称", "en": "Name"}
    return {
        "id": hall_name(number),
        "name": text,
        "schedule": {"always": True},
        "units": [{"id": "unit", "name": text}],
        "windows": [
            {"id": post.window, "number": post.window[-2:], "name": text, "unit": "unit"}
            for post in posts_of(number)
        ],
        "cameras": [
            {"id": camera, "name": text, "url": "rtsp://127.0.0.1/none", "zones": shown}
            for camera, shown in zones.items()
        ],
        "rules": RULES,
    }


def _square(left: float, top: float) -> list[tuple[float, float]]:
    right, bottom = left + 0.4, top + 0.4
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


class Life:
    """What happens in the halls, one fact after the other. The same seed lets the same things happen."""

    def __init__(self, halls: int, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._posts = [post for number in range(halls) for post in posts_of(number)]
        self._free = list(self._posts)
        """Those at which no story goes on."""
        self._halls = halls
        self._numbers = itertools.count(1)
        self._going_on: list[tuple[datetime, int, Post | None, Iterator[Step], Make]] = []
        self._at_posts = {self._absence: 25, self._glance: 50, self._customer: 80, self._pause: 30}
        self._beside = {self._long_wait: 15, self._visit: 60, self._count: 60}

    def beginning(self, now: datetime) -> Iterator[Happening]:
        """How all halls stand at first: every window open, with staff; a few people wait."""
        for post in self._posts:
            yield Happening(post.hall, post.stands(WindowState.OPEN, now))
            yield Happening(post.hall, post.shows(Presence.ON_POST, now))
            yield Happening(post.hall, post.shows(Presence.ABSENT, now, customer=True))
        for number in range(self._halls):
            yield self._counted(number, 3, now)

    def next(self, now: datetime) -> Happening:
        """The next fact: a story that is due goes on, or another one begins."""
        if self._going_on and self._going_on[0][0] <= now:
            _, _, post, steps, make = heapq.heappop(self._going_on)
        else:
            post, steps = self._begun()
            make = next(steps)[1]
        happening = make(now)
        following = next(steps, None)
        if following is not None:
            due = now + timedelta(seconds=following[0])
            heapq.heappush(self._going_on, (due, next(self._numbers), post, steps, following[1]))
        elif post is not None:
            self._free.append(post)
        return happening

    def _begun(self) -> tuple[Post | None, Iterator[Step]]:
        """A new story, and the window that is not free meanwhile."""
        weights = {**self._at_posts, **self._beside} if self._free else self._beside
        story = self._chance.choices(list(weights), list(weights.values()))[0]
        if story in self._beside:
            return None, story(self._chance.choice(self._posts))
        post = self._free.pop(self._chance.randrange(len(self._free)))
        return post, story(post)

    def _seconds(self, least: float, most: float) -> float:
        return self._chance.uniform(least, most)

    def _absence(self, post: Post) -> Iterator[Step]:
        """Staff leave for longer than allowed; that they are away is sure only after the limit."""

        def expected(state: Presence, *, opens: bool) -> Make:
            flip = Expected(ABSENCE, post.window, opens)
            return lambda now: Happening(post.hall, post.shows(state, now), flip)

        yield 0, lambda now: Happening(post.hall, post.shows(Presence.LEAVING, now))
        yield self._seconds(LIMIT_SECONDS + 1, LIMIT_SECONDS + 8), expected(Presence.ABSENT, opens=True)
        yield self._seconds(4, 12), expected(Presence.ON_POST, opens=False)

    def _glance(self, post: Post) -> Iterator[Step]:
        """Staff bend down, or fetch a paper: no limit is reached."""
        yield 0, lambda now: Happening(post.hall, post.shows(Presence.LEAVING, now))
        yield self._seconds(2, 6), lambda now: Happening(post.hall, post.shows(Presence.ON_POST, now))

    def _customer(self, post: Post) -> Iterator[Step]:
        for state in (Presence.ON_POST, Presence.ABSENT):
            yield self._seconds(5, 20), self._in_front(post, state)

    def _in_front(self, post: Post, state: Presence) -> Make:
        return lambda now: Happening(post.hall, post.shows(state, now, customer=True))

    def _pause(self, post: Post) -> Iterator[Step]:
        """Back-office work, as the rules allow it."""
        paused = PauseReason.BACK_OFFICE
        yield 0, lambda now: Happening(post.hall, post.stands(WindowState.PAUSED, now, paused))
        yield self._seconds(5, 15), lambda now: Happening(post.hall, post.stands(WindowState.OPEN, now))

    def _count(self, post: Post) -> Iterator[Step]:
        people = self._chance.randrange(25)
        yield 0, lambda now: self._counted(int(post.hall[1:]), people, now)

    def _counted(self, number: int, people: int, now: datetime) -> Happening:
        camera = camera_name(number, CAMERAS - 1)
        seen = Observation(
            ObservationKind.PEOPLE, camera, ZoneId("waiting"), None, Interval(now), "counted", float(people),
            0.8, "movenet@1",
        )  # fmt: skip
        return Happening(hall_name(number), seen)

    def _visit(self, post: Post) -> Iterator[Step]:
        return self._ticket(post, self._seconds(2, LIMIT_SECONDS - 2), is_long=False)

    def _long_wait(self, post: Post) -> Iterator[Step]:
        """The alert opens because time passes, and ends with the call."""
        return self._ticket(post, self._seconds(LIMIT_SECONDS + 2, LIMIT_SECONDS + 10), is_long=True)

    def _ticket(self, post: Post, wait: float, *, is_long: bool) -> Iterator[Step]:
        number = next(self._numbers)
        known: list[Ticket] = []

        def tell(ticket: Ticket, expected: Expected | None = None) -> Happening:
            known[:] = [ticket]
            return Happening(post.hall, ticket, expected)

        def taken(now: datetime) -> Happening:
            identifier = TicketId(f"{post.hall}-t{number:07d}")
            waiting = TicketStatus.WAITING
            return tell(Ticket(identifier, post.hall, f"A{number % 1000:03d}", None, waiting, now, now))

        def called(now: datetime) -> Happening:
            status, calling = TicketStatus.CALLED, Interval(now)
            ticket = replace(known[0], status=status, called_at=now, window=post.window, calling=calling)
            return tell(ticket, Expected(WAIT, ticket.id, opens=False) if is_long else None)

        def served(now: datetime) -> Happening:
            calling = Interval(known[0].called_at or now, now)
            return tell(replace(known[0], status=TicketStatus.SERVING, started_at=now, calling=calling))

        yield 0, taken
        yield wait, called
        yield self._seconds(2, 6), served
        yield (
            self._seconds(8, 20),
            lambda now: tell(replace(known[0], status=TicketStatus.SERVED, finished_at=now)),
        )
