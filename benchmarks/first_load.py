"""How much a browser fetches before the first screen: the page and every file that it names, as sent."""

from __future__ import annotations

import http.client
import re

NAMED = re.compile(r'(?:src|href)="(/[^"]+)"')
ENCODINGS = ("br", "gzip")


def first_load_bytes(port: int, encoding: str) -> int:
    """Bytes of the bodies of the page and of what it names. Raises OSError when something is not answered."""
    page, text = _fetched(port, "/", encoding)
    named = dict.fromkeys(NAMED.findall(text))
    return page + sum(_fetched(port, path, encoding)[0] for path in named)


def _fetched(port: int, path: str, encoding: str) -> tuple[int, str]:
    """The size of a file as it is sent, and, of the page, its text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": encoding})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise OSError(f"{path}: {answer.status}: is the web app built?")
        if path != "/":
            return len(body), ""
        connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        return len(body), connection.getresponse().read().decode()
    finally:
        connection.close()
