"""Every built-in queue adapter passes the suite for queue adapters."""

from __future__ import annotations

from pathlib import Path

import pytest

from capture.queueing.adapters.json_lines import JsonLinesAdapter
from hall.queueing import QueueEvent
from hall.testing_queues import QueueAdapterSuite


class TestJsonLines(QueueAdapterSuite):
    """A file, as a queue machine writes it."""

    @pytest.fixture(autouse=True)
    def _have_a_file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "events.jsonl"

    def adapter(self) -> JsonLinesAdapter:
        return JsonLinesAdapter(self.path)

    def missing_adapter(self) -> JsonLinesAdapter:
        return JsonLinesAdapter(self.path.with_name("nothing.jsonl"))

    def tell(self, event: QueueEvent) -> None:
        self._append(event.model_dump_json(exclude_none=True).encode())

    def tell_nonsense(self, size: int) -> None:
        self._append(b"#" * size)

    def _append(self, line: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(line + b"\n")
