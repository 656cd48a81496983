"""The built web app: hashed files that browsers keep for ever, and the page for every other address.

The build lays a compressed file beside each one that gains by it; here it is only chosen.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from console.dependencies import Given
from console.problems import problem

router = APIRouter(include_in_schema=False)

FOR_EVER = "public, max-age=31536000, immutable"
PAGE = "index.html"
OURS = ("api/", "healthz", "readyz", "metrics")
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""How a file may be compressed, the smallest first, and the end of that file's name."""

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/wasm", ".wasm")
mimetypes.add_type("font/woff2", ".woff2")


@router.get("/{path:path}")
def serve(path: str, given: Given, request: Request) -> Response:
    """A file of the web app; its page for an address that the web app itself understands."""
    if path.startswith(OURS):
        return problem(404, f"there is nothing at /{path}")
    file = _file(given.static, path)
    if file is not None and path.startswith("assets/"):
        return _answer(file, request, FOR_EVER)
    if file is None and Path(path).suffix:
        return problem(404, f"there is no file /{path}")
    page = file or _file(given.static, PAGE)
    if page is None:
        return problem(404, "the web app is not built: run 'make install'")
    return _answer(page, request, "no-cache")


def _answer(file: Path, request: Request, keeping: str) -> Response:
    """The file, compressed as the browser takes it. A range of bytes is always one of the file itself."""
    headers = {"Cache-Control": keeping, "Vary": "Accept-Encoding"}
    kind = mimetypes.guess_type(file.name)[0]
    if "range" not in request.headers:
        for encoding in _accepted(request.headers.get("accept-encoding", "")):
            smaller = file.with_name(file.name + ENCODINGS[encoding])
            if smaller.is_file():
                headers["Content-Encoding"] = encoding
                return FileResponse(smaller, headers=headers, media_type=kind)
    return FileResponse(file, headers=headers, media_type=kind)


def _accepted(header: str) -> list[str]:
    """The encodings that a browser takes; one of weight 0 is refused (RFC 9110, 12.5.3)."""
    weights = {}
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.replace(" ", "").removeprefix("q=").strip("0.") != "" or not weight
    return [encoding for encoding in ENCODINGS if weights.get(encoding, False)]


def _file(static: Path, path: str) -> Path | None:
    """The file of a path inside the folder, or None."""
    if not path or "\0" in path:
        return None
    root = static.resolve()
    try:
        file = (root / path).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except OSError:  # a name too long for the file system is no file
        return None
