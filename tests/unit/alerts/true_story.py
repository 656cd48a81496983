"""What truly happened in a small hall within four minutes, drawn anew each time.

Times are whole seconds after ten; the limits of the rules are not whole, so that nothing ends just as its
limit is reached. Each queue event has a moment of its own: what happened in one second has no order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from hall.config import Configuration, parse_configuration

BEGIN, END = -60, 240
"""Nothing happens before BEGIN (all is quiet then) or from END on."""

YAML = """
halls:
- id: gulou
  name: {zh: 鼓楼区政务服务中心, en: Gulou service hall}
  schedule: {hours: [{open: "09:00", close: "10:01"}, {open: "10:02", close: "17:00"}]}
  units: [{id: civil, name: {zh: 民政局, en: Civil affairs}}]
  windows:
  - {id: w01, number: "1", name: {zh: 婚姻登记, en: Marriage}, unit: civil}
  - {id: w03, number: "3", name: {zh: 社会保险, en: Social insurance}, unit: civil}
  cameras:
  - id: c01
    name: {zh: 东侧, en: East side}
    url: rtsp://127.0.0.1/c01
    zones:
    - {id: s1, role: staff, window: w01, polygon: [[0, 0], [0.4, 0], [0.4, 1], [0, 1]]}
    - {id: s3, role: staff, window: w03, polygon: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]}
    - {id: k3, role: customer, window: w03, polygon: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]}
    - {id: q1, role: waiting, polygon: [[0.4, 0], [0.5, 0], [0.5, 1]]}
  - id: c02
    name: {zh: 西侧, en: West side}
    url: rtsp://127.0.0.1/c02
    zones:
    - {id: s3, role: staff, window: w03, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}
    - {id: q2, role: waiting, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}
  - id: c03
    name: {zh: 门口, en: Entrance}
    url: rtsp://127.0.0.1/c03
  rules:
  - {id: absence, kind: absence, limit_seconds: 15.5, stale_seconds: 10, allowed_pauses: {break: 30}}
  - id: customer
    kind: unattended_customer
    limit_seconds: 11.5
    gap_seconds: 4.5
    stale_seconds: 10
    allowed_pauses: {break: 20}
  - {id: wait, kind: overlong_wait, limit_seconds: 60.5}
  - {id: call, kind: called_not_served, limit_seconds: 25.5}
  - {id: step, kind: overdue_step, limit_seconds: 40.5, steps: {review: 20.5}}
  - {id: crowd, kind: crowding, limit_people: 6, calm_people: 4, limit_seconds: 20.5, stale_seconds: 10}
  - {id: fault, kind: camera_fault, limit_seconds: 25.5, picture_seconds: 30.5}
  - {id: gap, kind: recording_gap, limit_seconds: 20.5}
  - {id: queue, kind: long_queue, people_per_window: 1.6, limit_wait_seconds: null, limit_seconds: 15.5}
"""
CLOSED = range(60, 120)
"""The hall is closed from 10:01 to 10:02."""


def hall_of_the_story() -> Configuration:
    """The hall above."""
    return parse_configuration(YAML)


ZoneKey = tuple[str, str]
"""Camera and zone."""
STAFF: dict[ZoneKey, str] = {("c01", "s1"): "w01", ("c01", "s3"): "w03", ("c02", "s3"): "w03"}
CUSTOMERS: dict[ZoneKey, str] = {("c01", "k3"): "w03"}
WAITING: tuple[ZoneKey, ...] = (("c01", "q1"), ("c02", "q2"))
CAMERAS = ("c01", "c02", "c03")
TOGETHER = 3
"""So many cameras that are out at once are the whole hall."""


@dataclass(frozen=True)
class Happening:
    """One thing that a queue system tells: `kind` is the type of the event."""

    at: int
    kind: str
    window: str | None = None
    ticket: str | None = None
    reason: str | None = None
    step: str | None = None


@dataclass(frozen=True)
class Count:
    """How many were counted, None while nobody can; `sure` as analysis says it when it begins."""

    people: int | None
    sure: bool = True


@dataclass
class TrueStory:
    """Each track is a list of moment and what was so from then on; the first moment is BEGIN."""

    staff: dict[ZoneKey, list[tuple[int, str]]] = field(default_factory=dict)
    customers: dict[ZoneKey, list[tuple[int, str]]] = field(default_factory=dict)
    counts: dict[ZoneKey, list[tuple[int, Count]]] = field(default_factory=dict)
    recording: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """`good`, or the reason of a gap."""
    pictures: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """`clear`, `unknown`, or a fault of the picture."""
    queue: list[Happening] = field(default_factory=list)


STATES = st.sampled_from(["on_post", "on_post", "leaving", "absent", "absent", "absent", "unknown"])
FRONT = st.sampled_from(["on_post", "on_post", "on_post", "leaving", "absent", "unknown"])
COUNTS = st.builds(
    Count, st.sampled_from([None, 0, 2, 3, 4, 5, 6, 6, 8]), st.sampled_from([True, True, True, False])
)
RECORDINGS = st.sampled_from(["good", "offline", "offline", "unauthorized", "process_restart"])
PICTURES = st.sampled_from(["clear", "clear", "covered", "covered", "black", "unknown"])
LATER = st.sampled_from([1, 2, 3, 5, 8, 12, 20, 30, 45, 70])

T = TypeVar("T")


@st.composite
def tracks(draw: st.DrawFn, states: st.SearchStrategy[T], first: T, most: int) -> list[tuple[int, T]]:
    """What one thing was, from change to change."""
    at, track = BEGIN, [(BEGIN, first)]
    for _ in range(draw(st.integers(0, most))):
        at += draw(LATER)
        if at >= END:
            break
        if (state := draw(states)) != track[-1][1]:
            track.append((at, state))
    return track


COURSES: list[list[tuple[str, dict[str, str]]]] = [
    [],
    [("ticket_called", {"window": "w01"})],
    [("ticket_called", {"window": "w01"}), ("ticket_called", {"window": "w01"})],
    [("ticket_called", {"window": "w03"}), ("ticket_no_show", {})],
    [("ticket_called", {"window": "w01"}), ("ticket_on_hold", {})],
    [("ticket_called", {"window": "w03"}), ("service_started", {"window": "w03"})],
    [
        ("ticket_called", {"window": "w01"}),
        ("service_started", {"window": "w01"}),
        ("service_finished", {}),
    ],
    [
        ("ticket_called", {"window": "w03"}),
        ("service_started", {"window": "w03"}),
        ("step_changed", {"step": "review"}),
        ("service_finished", {}),
    ],
    [
        ("ticket_called", {"window": "w01"}),
        ("service_started", {"window": "w01"}),
        ("step_changed", {"step": "review"}),
    ],
    [("ticket_no_show", {})],
    [
        ("ticket_called", {"window": "w01"}),
        ("ticket_on_hold", {}),
        ("ticket_called", {"window": "w03"}),
        ("ticket_no_show", {}),
    ],
    [
        ("ticket_called", {"window": "w03"}),
        ("ticket_transferred", {}),
        ("ticket_called", {"window": "w01"}),
        ("service_started", {"window": "w01"}),
    ],
    [("ticket_called", {"window": "w01"}), ("ticket_called", {"window": "w03"})],
]
"""What may become of a ticket that was taken. A call that is repeated at its window is the same call."""
OF_WINDOWS = st.sampled_from(
    [("window_paused", "break"), ("window_paused", "break"), ("window_paused", "back_office")]
    + [("window_resumed", None)] * 2
    + [("window_closed", None), ("window_opened", None)]
)


@st.composite
def queues(draw: st.DrawFn) -> list[Happening]:
    """Tickets and the states of both windows, all of it possible."""
    drafts: list[Happening] = []
    for number in range(draw(st.integers(0, 4))):
        at, name = draw(st.integers(BEGIN, END - 40)), f"A{number}"
        drafts.append(Happening(at, "ticket_taken", ticket=name))
        for kind, members in draw(st.sampled_from(COURSES)):
            at += draw(LATER)
            drafts.append(Happening(at, kind, ticket=name, **members))
    for window in ("w01", "w03"):
        for _ in range(draw(st.integers(0, 5))):
            kind, reason = draw(OF_WINDOWS)
            drafts.append(Happening(draw(st.integers(BEGIN, END - 1)), kind, window=window, reason=reason))
    moments: set[int] = set()
    lost: set[str] = set()
    story: list[Happening] = []
    states = {"w01": "open", "w03": "open"}
    for draft in sorted(drafts, key=lambda one: one.at):
        if draft.ticket in lost:
            continue
        impossible = (draft.kind == "window_paused" and states[draft.window or ""] == "closed") or (
            draft.kind == "window_resumed" and states[draft.window or ""] != "paused"
        )
        if draft.at >= END or draft.at in moments or impossible:
            if draft.ticket is not None:
                lost.add(draft.ticket)  # what would have come of it afterwards never happened either
            continue
        moments.add(draft.at)
        story.append(draft)
        if draft.window is not None:
            states[draft.window] = {"window_paused": "paused", "window_closed": "closed"}.get(
                draft.kind, "open"
            )
    return story


@st.composite
def true_stories(draw: st.DrawFn) -> TrueStory:
    """One story of the hall."""
    story = TrueStory()
    for zone in STAFF:
        story.staff[zone] = draw(tracks(STATES, "on_post" if zone != ("c02", "s3") else "unknown", 8))
    for zone in CUSTOMERS:
        story.customers[zone] = draw(tracks(FRONT, "absent", 8))
    for zone in WAITING:
        story.counts[zone] = draw(tracks(COUNTS, Count(0), 6))
    for camera in CAMERAS:
        story.recording[camera] = draw(tracks(RECORDINGS, "good", 5))
        story.pictures[camera] = draw(tracks(PICTURES, "clear", 4))
    story.queue = draw(queues())
    return story
