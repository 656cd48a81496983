"""Each list, search and playlist call of the API, as screens make them, at random places of a filled hall."""

# ruff: noqa: ARG005 - every call is given a place, also one that is the same everywhere

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from benchmarks.filled_console import CAMERAS_WITH_FRAGMENTS, ONE_CASE_IN, ConsoleSize
from benchmarks.filled_hall import BEGIN, SEGMENT_SECONDS

BEIJING = timedelta(hours=8)

Make = Callable[["Place"], str]


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what it is called in the table, and its address at a place."""

    name: str
    make: Make
    by_auditor: bool = False


class Place:
    """A random place of the record: a transaction with its window and time, a camera, an alert."""

    def __init__(self, chance: random.Random, size: ConsoleSize) -> None:
        hall = size.hall
        self.day = chance.randrange(hall.days)
        self.nth_window = chance.randrange(hall.windows)
        self.nth_of_day = chance.randrange(hall.per_day)
        self.number = f"A{self.nth_window * hall.per_day + self.nth_of_day:06d}"
        self.ticket = f"h-{self.day:04d}-{self.number[1:]}"
        self.window = f"w{self.nth_window:04d}"
        self.staff = f"s{self.window}"
        nth = self.day * hall.per_day + self.nth_of_day
        self.item = f"item-{(self.nth_window + nth) % 40:02d}"
        self.start = BEGIN + timedelta(days=self.day, seconds=self.nth_of_day * hall.step_seconds)
        self.camera = f"cam-{self.nth_window % hall.cameras:04d}"
        self.played_camera = f"cam-{chance.randrange(CAMERAS_WITH_FRAGMENTS):04d}"
        self.alert = f"alert-{chance.randrange(size.alerts):08d}"
        last = BEGIN + timedelta(seconds=hall.per_camera * SEGMENT_SECONDS)
        self.day_start = max(BEGIN, min(self.start, last - timedelta(hours=24)))
        served_case = self.nth_window * hall.per_day + self.nth_of_day // ONE_CASE_IN * ONE_CASE_IN
        served_case -= served_case % ONE_CASE_IN
        self.case = f"h-{self.day:04d}-{served_case:06d}"

    def around(self, hours: float) -> dict[str, str]:
        """A time about the transaction."""
        half = timedelta(hours=hours / 2)
        return {"from": _wire(self.start - half), "to": _wire(self.start + half)}

    @property
    def words_of_day(self) -> str:
        """The day as somebody types it."""
        return f"{self.start + BEIJING:%Y-%m-%d}"

    @property
    def words_of_time(self) -> str:
        """Day and time as somebody types them."""
        return f"{self.start + BEIJING:%Y-%m-%d %H:%M}"


def _wire(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _asked(path: str, **parameters: str) -> str:
    return f"/api/v1/{path}" + (f"?{urlencode(parameters)}" if parameters else "")


def _typed(name: str, words: Callable[[Place], str], **filters: str) -> Call:
    return Call(f"search: {name}", lambda place: _asked("search", q=words(place), **filters))


def _typing(name: str, words: Callable[[Place], str]) -> Call:
    return Call(f"suggestions: {name}", lambda place: _asked("search/suggestions", q=words(place)))


SEARCHES = (
    _typed("nothing, the newest of all", lambda place: ""),
    _typed("a ticket number", lambda place: place.number),
    _typed("how a ticket number begins", lambda place: place.number[:5]),
    _typed("a serial number", lambda place: f"S{place.ticket}"),
    _typed("a member of staff, zh", lambda place: "王芳"),
    _typed("a surname, zh", lambda place: "李"),
    _typed("a member of staff, en", lambda place: "zhang min"),
    _typed("a window", lambda place: f"{place.nth_window}号窗口"),
    _typed("a window on a day", lambda place: f"{place.nth_window}号窗口 {place.words_of_day}"),
    _typed("a window and a time", lambda place: f"window {place.nth_window} {place.words_of_time}"),
    _typed("a unit", lambda place: f"Unit {place.nth_window % 20}"),
    _typed("a unit and an item", lambda place: f"Unit {place.nth_window % 20} {place.item}"),
    _typed("an item", lambda place: place.item),
    _typed("an item by a part of its name", lambda place: "不动产"),
    _typed("an item and a member of staff", lambda place: f"{place.item} 王芳"),
    _typed("a time", lambda place: place.words_of_time),
    _typed("a day", lambda place: place.words_of_day),
    _typed("yesterday, of which nothing is recorded", lambda place: "昨天"),
    _typed("a kind of alert", lambda place: "离岗"),
    _typed("a kind of alert at a window on a day", lambda p: f"离岗 {p.nth_window}号窗口 {p.words_of_day}"),
    _typed("words about alerts, zh", lambda place: "设备故障"),
    _typed("words about alerts, en", lambda place: "printer broken"),
    _typed("words about alerts that nobody wrote together", lambda place: "横幅 printer"),
    _typed("what nothing is called", lambda place: "qqq"),
    _typed("tickets that were never served", lambda place: place.words_of_day, kind="ticket"),
    _typed("cases of an item", lambda place: place.item, kind="case"),
    _typed("alerts of a day", lambda place: place.words_of_day, kind="alert"),
    Call(
        "search: filters of window, staff and time",
        lambda place: _asked("search", window=place.window, staff=place.staff, **place.around(48)),
    ),
    _typing("how a name begins", lambda place: "王"),
    _typing("how a ticket number begins", lambda place: place.number[:4]),
    _typing("how a serial number begins", lambda place: f"Sh-{place.day:04d}"),
)
LISTS = (
    Call("session", lambda place: _asked("session")),
    Call("halls", lambda place: _asked("halls")),
    Call("windows", lambda place: _asked("windows")),
    Call("cameras", lambda place: _asked("cameras")),
    Call("board", lambda place: _asked("board")),
    Call("tickets of today", lambda place: _asked("tickets")),
    Call("observations now", lambda place: _asked("observations")),
    Call(
        "observations of a window over an hour",
        lambda p: _asked("observations", window=p.window, **p.around(1)),
    ),
    Call("transactions, the newest", lambda place: _asked("transactions")),
    Call("transactions by ticket", lambda place: _asked("transactions", ticket=place.number)),
    Call("transactions by serial number", lambda place: _asked("transactions", serial=f"S{place.ticket}")),
    Call("transactions by window", lambda place: _asked("transactions", window=place.window)),
    Call("transactions by staff", lambda place: _asked("transactions", staff=place.staff)),
    Call("transactions over an hour", lambda place: _asked("transactions", **place.around(1))),
    Call(
        "transactions by window over a day",
        lambda place: _asked("transactions", window=place.window, **place.around(24)),
    ),
    Call("one transaction", lambda place: _asked(f"transactions/{quote(place.ticket)}.1")),
    Call("segments over an hour", lambda place: _asked("segments", camera=place.camera, **place.around(1))),
    Call("alerts, the newest", lambda place: _asked("alerts")),
    Call("alerts that are open", lambda place: _asked("alerts", status="open")),
    Call("alerts dismissed", lambda place: _asked("alerts", status="dismissed")),
    Call("alerts of a kind", lambda place: _asked("alerts", kind="overdue_step")),
    Call("alerts of a kind that none is of", lambda place: _asked("alerts", kind="dispute")),
    Call("alerts of a window", lambda place: _asked("alerts", window=place.window)),
    Call("alerts over an hour", lambda place: _asked("alerts", **place.around(1))),
    Call("alerts of a window over a day", lambda p: _asked("alerts", window=p.window, **p.around(24))),
    Call("one alert", lambda place: _asked(f"alerts/{place.alert}")),
    Call("assignees", lambda place: _asked("alerts/assignees")),
    Call("false alarms over a day", lambda place: _asked("alerts/false-alarm-rate", **place.around(24))),
    Call("false alarms over four weeks", lambda p: _asked("alerts/false-alarm-rate", **p.around(24 * 28))),
    Call("silences", lambda place: _asked("silences", hall="h")),
    Call("announcements", lambda place: _asked("announcements", hall="h")),
    Call("locks", lambda place: _asked("locks")),
    Call("evidence", lambda place: _asked("evidence")),
    Call("notifications", lambda place: _asked("notifications")),
    Call("a case", lambda place: _asked("cases", serial=f"S{place.case}")),
    Call("the calendar", lambda place: _asked("calendar/2026")),
    Call("rules", lambda place: _asked("halls/h/rules")),
    Call("refused queue events", lambda place: _asked("queue-events/refused")),
    Call("users", lambda place: _asked("users")),
    Call("keys", lambda place: _asked("keys")),
    Call("audit, the newest", lambda place: _asked("audit"), by_auditor=True),
    Call(
        "audit by text over a day", lambda p: _asked("audit", text="cam-01", **p.around(24)), by_auditor=True
    ),
    Call("audit by who", lambda place: _asked("audit", who="nobody"), by_auditor=True),
    Call("audit by a text that stands nowhere", lambda p: _asked("audit", text="zzz"), by_auditor=True),
    Call("audit names", lambda place: _asked("audit/names"), by_auditor=True),
)
PLAYLISTS = (
    Call(
        "playlist of a transaction",
        lambda place: _asked(f"transactions/{quote(place.ticket)}.1/playlist.m3u8"),
    ),
    Call(
        "playlist of a camera over an hour",
        lambda place: _asked(
            f"cameras/{place.played_camera}/playlist.m3u8",
            **{"from": _wire(place.day_start), "to": _wire(place.day_start + timedelta(hours=1))},
        ),
    ),
    Call(
        "playlist of a camera over a day",
        lambda place: _asked(
            f"cameras/{place.played_camera}/playlist.m3u8",
            **{"from": _wire(place.day_start), "to": _wire(place.day_start + timedelta(hours=24))},
        ),
    ),
)
TIMELINES = (
    Call(
        "timeline of a year",
        lambda p: _asked("timeline", camera=p.camera, window=p.window, buckets="1600", **p.around(24 * 365)),
    ),
    Call(
        "timeline of a month",
        lambda p: _asked("timeline", camera=p.camera, window=p.window, buckets="1600", **p.around(24 * 30)),
    ),
    Call(
        "timeline of four hours",
        lambda p: _asked("timeline/facts", camera=p.camera, window=p.window, **p.around(4)),
    ),
    Call(
        "transactions beside one",
        lambda place: _asked(f"transactions/{quote(place.ticket)}.1/neighbours"),
    ),
)
CALLS = (*SEARCHES, *LISTS, *PLAYLISTS, *TIMELINES)
