"""A JSON interface over HTTP that lists rows: what is new since a value, or page by page.

With `after` the greatest value seen goes into the question, and the question is repeated until nothing new
comes. With `next` the links (or tokens) of the answers are followed; without `after` the last page is asked
again, because it may have grown. With neither, the whole list is read each time, and what it held is known.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cmp_to_key
from urllib.parse import urljoin, urlsplit

import httpx

from capture.queueing.adapters.place import Place, Value, is_before
from capture.queueing.mapping import as_text, events_of, value_at
from hall.config import HallSettings
from hall.config.queues import JsonHttpSettings
from hall.errors import QueueError
from hall.ports import Cursor
from hall.secrets import filled_in

MOST_PAGES = 100
"""In one poll; the next goes on from there."""
LONGEST_POLL = 60.0
"""Seconds after which no further page is asked for in one poll."""


class JsonHttpAdapter:
    """Reads rows over HTTP. Redirects are not followed: what is sent along is meant for one server."""

    def __init__(
        self, settings: JsonHttpSettings, hall: HallSettings, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._settings = settings
        self._hall = hall
        self._environment = environment
        self._trust: ssl.SSLContext | None = None

    def events(self, after: Cursor | None) -> Iterator[tuple[Cursor, bytes]]:
        """The events after the cursor. Raises QueueError."""
        place = Place.of(after)
        enough = time.monotonic() + LONGEST_POLL
        with self._client() as client:
            for _ in range(MOST_PAGES):
                answer = self._ask(client, place)
                told = self._told(answer)
                if self._settings.after is None:
                    place = place.among([raw for _, raw in told])
                start = place
                for value, raw in told:
                    if place.has_told(raw, value if value is not None else place.value):
                        continue
                    place = place.behind(raw, self._onward(place, value))
                    yield place.cursor, raw
                following = self._following(answer)
                if following is not None and following != place.page:
                    place = replace(place, page=following, told=place.told if self._settings.after else ())
                elif self._settings.after is None or place == start:
                    return
                else:
                    place = replace(place, page=None)
                if time.monotonic() > enough:
                    return

    def _told(self, answer: object) -> list[tuple[Value | None, bytes]]:
        """The events of a page, each with the value to read on by, the lowest first."""
        settings = self._settings
        rows = value_at(answer, settings.rows) if settings.rows else answer
        if not isinstance(rows, list):
            where = f"at '{settings.rows}' in the answer" if settings.rows else "in the answer"
            raise QueueError(f"there is no list {where}")
        told = [
            (self._value(row), raw) for row in rows for raw in events_of(row, settings.events, self._hall)
        ]
        valued = [value for value, _ in told if value is not None]
        for value in valued[1:]:
            is_before(valued[0], value)  # all of one kind, or none can be put in order
        before = valued[0] if valued else None
        placed: list[tuple[Value | None, bytes]] = []
        for own, raw in told:  # what has no value stays with the row before it
            before = own if own is not None else before
            placed.append((before, raw))
        return sorted(placed, key=cmp_to_key(_in_order))

    def _value(self, row: object) -> Value | None:
        if self._settings.after is None or not isinstance(row, Mapping):
            return None
        value = value_at(row, self._settings.after.field)
        return value if isinstance(value, int | float | str) and not isinstance(value, bool) else None

    def _onward(self, place: Place, value: Value | None) -> Value | None:
        """The greater value: what lies before the place was late, or the server answers more than asked."""
        if value is None or (place.value is not None and is_before(value, place.value)):
            return place.value
        return value

    def _following(self, answer: object) -> str | None:
        return as_text(value_at(answer, self._settings.next)) if self._settings.next is not None else None

    def _ask(self, client: httpx.Client, place: Place) -> object:
        settings = self._settings
        url = filled_in(settings.url, self._environment, QueueError)
        parameters = {
            name: filled_in(value, self._environment, QueueError)
            for name, value in settings.parameters.items()
        }
        if settings.after is not None:
            value = settings.after.first if place.value is None else place.value
            parameters[settings.after.parameter] = str(value)
        if place.page is not None and settings.next_parameter is not None:
            parameters[settings.next_parameter] = place.page
        elif place.page is not None:
            url, parameters = _same_server(url, place.page), {}
        try:
            request = client.build_request("GET", url)
            request.url = request.url.copy_merge_params(parameters)
            return json.loads(self._body(client, request))
        except httpx.TransportError as error:
            raise QueueError(f"{_server(url)}: {type(error).__name__}: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise QueueError(f"{_server(url)}: {type(error).__name__}") from error
        except (ValueError, RecursionError) as error:
            raise QueueError(f"{_server(url)}: the answer is not JSON: {error}") from error

    def _body(self, client: httpx.Client, request: httpx.Request) -> bytes:
        deadline = time.monotonic() + self._settings.timeout_seconds
        answer = client.send(request, stream=True)
        server = _server(str(request.url))
        try:
            if answer.status_code != 200:
                raise QueueError(f"{server}: answers {answer.status_code} {answer.reason_phrase}")
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > self._settings.largest_bytes:
                    raise QueueError(
                        f"{server}: the answer is larger than {self._settings.largest_bytes} bytes"
                    )
                if time.monotonic() > deadline:
                    raise QueueError(
                        f"{server}: the answer took longer than {self._settings.timeout_seconds} s"
                    )
            return bytes(body)
        finally:
            answer.close()

    def _client(self) -> httpx.Client:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "hallwatch"}
        for name, value in self._settings.headers.items():
            headers[name] = filled_in(value, self._environment, QueueError)
        if any(
            ord(character) < 32 or ord(character) > 126 for value in headers.values() for character in value
        ):
            raise QueueError("a header holds what no header can: plain ASCII only")
        try:
            if self._trust is None:
                self._trust = ssl.create_default_context(cafile=self._settings.ca_file)
        except OSError as error:
            raise QueueError(f"the certificates in {self._settings.ca_file} cannot be read") from error
        return httpx.Client(
            headers=headers, verify=self._trust, timeout=self._settings.timeout_seconds, trust_env=False
        )


def _in_order(first: tuple[Value | None, bytes], second: tuple[Value | None, bytes]) -> int:
    """By value, what has none first; the order of the answer where values are equal."""
    if first[0] is None or second[0] is None:
        return (first[0] is not None) - (second[0] is not None)
    return is_before(second[0], first[0]) - is_before(first[0], second[0])


def _same_server(url: str, link: str) -> str:
    """The address that a link of an answer means. Raises QueueError when it leads elsewhere."""
    target = urljoin(url, link)
    try:
        if urlsplit(target)[:2] != urlsplit(url)[:2]:
            raise QueueError(f"{_server(url)}: the link to the next page leads to another server")
    except ValueError as error:
        raise QueueError(f"{_server(url)}: the link to the next page is none") from error
    return target


def _server(url: str) -> str:
    """What of an address is no secret."""
    return urlsplit(url).netloc
