"""What a queue system posts: one event, a list of them, or one a line (NDJSON)."""

from __future__ import annotations

import json

from hall.errors import RequestRefused

MOST_EVENTS = 500
"""In one batch."""
LARGEST_BATCH = 4 * 1024 * 1024
"""Bytes of one batch."""
NDJSON = "application/x-ndjson"


def batch_in(raw: bytes, content_type: str) -> list[bytes] | None:
    """The JSON texts of the events in a batch; None when one event was posted.

    Raises RequestRefused, naming `body`, for a batch that is too long, and for a list that is no JSON. What
    the list or a line holds is not judged here.
    """
    if content_type.partition(";")[0].strip().lower() == NDJSON:
        texts = [line.strip() for line in raw.splitlines()]
        return _bounded([text for text in texts if text])
    if not raw.lstrip(b" \t\r\n").startswith(b"["):
        return None
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise RequestRefused("body", f"is not JSON: {error}") from error
    return _bounded([event_text(element) for element in content])


def event_text(element: object) -> bytes:
    """The JSON text of one element: legible where it can be."""
    try:
        return json.dumps(element, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can write
        return json.dumps(element).encode()


def _bounded(texts: list[bytes]) -> list[bytes]:
    if len(texts) > MOST_EVENTS:
        raise RequestRefused("body", f"holds {len(texts)} events; at most {MOST_EVENTS} are taken at once")
    return texts
