"""Thousands of damaged inputs, each tried in a process that may die of it or hang.

A process that dies, an error from outside the tree and a case that lasts longer than the limit are found,
counted, and kept as files: `python -m tests.torture fuzz --case FILE` tries one again.
"""

from __future__ import annotations

import base64
import json
import multiprocessing
import random
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from tests.torture.fuzz.damage import damaged_conversation, damaged_file, damaged_stream
from tests.torture.fuzz.material import Material, gather
from tests.torture.fuzz.targets import attempt, books_in, fresh, record
from tests.torture.recording_hall import new_database

LIMIT = 10.0
"""Seconds after which a case hangs."""
START_SECONDS = 60.0
SHARES = {"file": 45, "packets": 35, "rtsp": 12, "ffmpeg": 8}
"""Of a hundred cases."""


@dataclass(frozen=True, slots=True)
class Case:
    """One damaged input for one target; `seed` made it out of the material."""

    kind: str
    seed: str
    data: bytes = field(repr=False)

    def save(self, folder: Path, because: str) -> Path:
        """Keep it as a file, with what it did."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.kind}-{self.seed.replace(' ', '-')}.json"
        content = {"kind": self.kind, "seed": self.seed, "because": because}
        path.write_text(json.dumps({**content, "data": base64.b64encode(self.data).decode()}))
        return path

    @classmethod
    def load(cls, path: Path) -> Case:
        """The case of a file."""
        content = json.loads(path.read_text())
        return cls(content["kind"], content["seed"], base64.b64decode(content["data"]))


@dataclass
class FuzzOutcome:
    """What damaged input did. `crashes`: processes that died, and errors from outside the tree."""

    cases: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    hangs: int = 0
    seconds: float = 0.0
    complaints: list[str] = field(default_factory=list)


def fuzz(cases: int, keep: Path, seed: int = 1, workers: int = 4) -> FuzzOutcome:
    """Try so many cases; those that fail are kept in the folder `keep`."""
    outcome, began, lock = FuzzOutcome(), time.monotonic(), threading.Lock()
    with tempfile.TemporaryDirectory(prefix="hallwatch-fuzz-") as name:
        folder = Path(name)
        supply = _cases(folder, cases, seed)

        def work(number: int) -> None:
            with _Worker(folder / f"worker-{number}") as worker:
                while True:
                    with lock:
                        case = next(supply, None)
                    if case is None:
                        return
                    found = worker.attempt(case)
                    with lock:
                        _note(outcome, case, found, keep)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    outcome.seconds = time.monotonic() - began
    return outcome


def try_again(path: Path) -> str:
    """Try a kept case; says what it did, empty when all was well."""
    with (
        tempfile.TemporaryDirectory(prefix="hallwatch-fuzz-") as name,
        _Worker(Path(name) / "worker") as worker,
    ):
        return worker.attempt(Case.load(path))


def _note(outcome: FuzzOutcome, case: Case, found: str, keep: Path) -> None:
    outcome.cases[case.kind] += 1
    if not found:
        return
    if found.startswith("hang"):
        outcome.hangs += 1
    else:
        outcome.crashes += 1
    path = case.save(keep, found)
    outcome.complaints.append(f"{path}: {found.strip().splitlines()[-1]}")


def _cases(folder: Path, count: int, seed: int) -> Iterator[Case]:
    """The cases of a seed, those of the slowest kinds first."""
    material = gather(folder)
    files = _recorded(folder, material)
    counts = {kind: max(1, count * share // 100) for kind, share in SHARES.items()}
    counts["file"] += count - sum(counts.values())
    kinds = list(chain.from_iterable([kind] * number for kind, number in counts.items()))
    random.Random(seed).shuffle(kinds)
    for number, kind in enumerate(kinds):
        name = f"{seed} {number}"
        chance = random.Random(name)
        match kind:
            case "file":
                data = damaged_file(chance, chance.choice(files))
            case "packets":
                data = damaged_stream(chance, chance.choice(material.streams)).pack()
            case _:
                data = damaged_conversation(chance, chance.choice(material.conversations)).pack()
        yield Case(kind, name, data)


def _recorded(folder: Path, material: Material) -> list[bytes]:
    """What the undamaged streams are recorded into."""
    template = folder / "template.db"
    new_database(f"sqlite:///{template}").close()
    files: list[bytes] = []
    for number, stream in enumerate(material.streams):
        own = fresh(folder / f"recorded-{number}", template)
        with books_in(own) as (books, objects, _, clock):
            record(stream, books, objects, clock)
        files += [path.read_bytes() for path in sorted(own.rglob("*.mp4"))]
    return files


class _Worker:
    """A process that tries cases; started anew when it dies or hangs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _start(self) -> None:
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(theirs, self._folder), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(START_SECONDS):
            raise TimeoutError("a process that tries cases did not start")
        self._pipe.recv()

    def attempt(self, case: Case) -> str:
        """What went wrong, or an empty string."""
        self._pipe.send((case.kind, case.data))
        try:
            if self._pipe.poll(LIMIT):
                return str(self._pipe.recv())
            found = f"hang: longer than {LIMIT:g} s"
        except (EOFError, ConnectionError):
            self._process.join()
            found = f"the process died: {self._process.exitcode}"
        self._process.kill()
        self._process.join()
        self._pipe.close()
        self._start()
        return found


def _serve(pipe: Connection, folder: Path) -> None:
    """Try what comes, until nobody asks any more."""
    template = folder / "template.db"
    template.unlink(missing_ok=True)
    new_database(f"sqlite:///{template}").close()
    pipe.send("ready")
    while True:
        try:
            kind, data = pipe.recv()
        except EOFError:
            return
        found = ""
        try:
            attempt(kind, data, fresh(folder / "case", template))
        except Exception:  # noqa: BLE001 - this is what is looked for
            found = traceback.format_exc()
        pipe.send(found)
