"""A local file, or one range of it, as an answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

RANGE_HEADERS = frozenset({b"range", b"if-range"})


class RangedFile(FileResponse):
    """Sends the range that was read from the request already.

    What the framework itself would make of the header is passed over: it answers several ranges at once, each
    as often as it is asked for, and refuses what a server may pass over.
    """

    def __init__(
        self, path: Path, wanted: tuple[int, int] | None, headers: Mapping[str, str], media_type: str
    ) -> None:
        self._wanted = wanted
        super().__init__(
            path, headers=dict(headers), media_type=media_type, content_disposition_type="inline"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the half-open range `wanted`, or for None the whole file."""
        kept = [pair for pair in scope["headers"] if pair[0].lower() not in RANGE_HEADERS]
        if self._wanted is not None:
            first, last = self._wanted
            kept.append((b"range", f"bytes={first}-{last - 1}".encode()))
        await super().__call__({**scope, "headers": kept}, receive, send)
