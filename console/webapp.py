"""The built web app: hashed files that browsers keep for ever, and the page for every other address."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from console.dependencies import Given
from console.problems import problem

router = APIRouter(include_in_schema=False)

FOR_EVER = "public, max-age=31536000, immutable"
PAGE = "index.html"
OURS = ("api/", "healthz", "readyz", "metrics")

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/wasm", ".wasm")
mimetypes.add_type("font/woff2", ".woff2")


@router.get("/{path:path}")
def serve(path: str, given: Given) -> Response:
    """A file of the web app; its page for an address that the web app itself understands."""
    if path.startswith(OURS):
        return problem(404, f"there is nothing at /{path}")
    file = _file(given.static, path)
    if file is not None and path.startswith("assets/"):
        return FileResponse(file, headers={"Cache-Control": FOR_EVER})
    if file is None and Path(path).suffix:
        return problem(404, f"there is no file /{path}")
    page = file or _file(given.static, PAGE)
    if page is None:
        return problem(404, "the web app is not built: run 'make install'")
    return FileResponse(page, headers={"Cache-Control": "no-cache"})


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
