"""The repository's pages as tests read them: their tables, their marked examples, their links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"


def page(name: str) -> str:
    """The text of a page, named from the repository's root."""
    return (ROOT / name).read_text(encoding="utf-8")


def pages() -> list[Path]:
    """Every page of the documentation, the READMEs included."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "deploy").glob("*.md")])


def rows(text: str, heading: str) -> Iterator[list[str]]:
    """The cells of every row of every table whose first column is headed `heading`."""
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[0] == heading:
            inside = True
        elif inside and not set(cells[0]) <= {"-", ":"}:
            yield cells


def code(cell: str) -> str:
    """What stands between the backticks of a cell that is one piece of code; the cell itself without any."""
    return cell.removeprefix("`").removesuffix("`")


def blocks(text: str, language: str, mark: str = "") -> list[str]:
    """The fenced blocks of a language; with `mark`, those behind the comment `<!-- mark -->`."""
    before = rf" *<!-- {re.escape(mark)} -->\n+" if mark else ""
    found = re.findall(rf"^{before}( *)```{language}\n(.*?)^\1```", text, flags=re.DOTALL | re.MULTILINE)
    return [dedent(body) for _, body in found]
