"""The simulated queue system reports to a console over HTTP, in order, whatever the console does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fixtures.queue_simulator import Pass, QueuePoster
from fixtures.story import QueueCue, story
from hall.names import HallId
from hall.queueing import QueueEvent, QueueEventType

LIMIT = 20.0
CURRENT = Pass("20260302T010000", 1, datetime(2026, 3, 2, 1, 0, tzinfo=UTC), 1)
EVENTS = [
    CURRENT.event(HallId("demo"), position, cue)
    for position, cue in enumerate(story().cues)
    if isinstance(cue, QueueCue)
][:12]


class Console:
    """A console that takes events, and answers with the statuses it was told first."""

    def __init__(self) -> None:
        self.taken: list[QueueEvent] = []
        self.keys: set[str | None] = set()
        self.answers: list[int] = []
        console = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = console.answers.pop(0) if console.answers else 202
                if status == 202:
                    assert self.path == "/api/v1/queue-events"
                    console.keys.add(self.headers["X-API-Key"])
                    console.taken.append(QueueEvent.model_validate(json.loads(body)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        if self._thread.is_alive():
            self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def console() -> Iterator[Console]:
    one = Console()
    yield one
    one.close()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {LIMIT} s"
        time.sleep(0.02)


def test_events_arrive_in_order_with_the_key(console: Console) -> None:
    console.start()
    with QueuePoster(console.url, "secret") as poster:
        for event in EVENTS:
            poster.post(event)
        wait_for(lambda: poster.posted == len(EVENTS), "posting")
    assert console.taken == EVENTS
    assert console.keys == {"secret"}
    assert console.taken[0].type is QueueEventType.TICKET_TAKEN


def test_events_wait_while_the_console_is_away_or_busy_and_keep_their_order(console: Console) -> None:
    console.answers = [503, 500, 429]
    with QueuePoster(console.url, "secret") as poster:
        for event in EVENTS:
            poster.post(event)
        # Nobody accepts yet: the connection waits in the backlog of the listening socket.
        assert poster.posted == 0
        console.start()
        wait_for(lambda: poster.posted == len(EVENTS), "posting")
    assert console.taken == EVENTS


def test_an_event_that_is_refused_for_good_holds_nothing_up(console: Console) -> None:
    console.answers = [422]
    console.start()
    with QueuePoster(console.url, "secret") as poster:
        for event in EVENTS:
            poster.post(event)
        wait_for(lambda: poster.settled == len(EVENTS), "posting")
        assert (poster.posted, poster.refused) == (len(EVENTS) - 1, 1)
    assert console.taken == EVENTS[1:]


def test_a_console_that_never_answers_does_not_keep_the_poster_from_stopping() -> None:
    silent = Console()
    silent.server.server_close()
    began = time.monotonic()
    with QueuePoster(silent.url, "secret") as poster:
        poster.post(EVENTS[0])
    assert time.monotonic() - began < 5
    assert poster.posted == 0
