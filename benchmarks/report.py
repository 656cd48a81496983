"""How a benchmark reports: a table for people and a JSON object for scripts."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Figure = float | int | str | None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a benchmark. `keys` is what scripts read; `notes` say what the figures mean."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Figure, ...], ...]
    keys: Mapping[str, Figure | Mapping[str, Figure]]
    notes: tuple[str, ...] = ()

    def table(self) -> str:
        """The rows as a Markdown table."""
        lines = ["| " + " | ".join(self.header) + " |", "|" + "---|" * len(self.header)]
        lines += ["| " + " | ".join(_text(cell) for cell in row) + " |" for row in self.rows]
        return "\n".join(lines)

    def markdown(self) -> str:
        """Title, table, notes and JSON."""
        notes = "".join(f"\n{note}\n" for note in self.notes)
        return f"## {self.title}\n\n{self.table()}\n{notes}\n```json\n{self.json()}\n```\n"

    def json(self) -> str:
        """The keys as one line."""
        return json.dumps(self.keys)


def machine() -> str:
    """What this ran on, in one line."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = models[0] if models else platform.machine()
    return f"{len(models) or os.cpu_count()} × {model}, {memory:.0f} GiB, Python {platform.python_version()}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0..1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def _text(cell: Figure) -> str:
    if cell is None:
        return "–"
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)
