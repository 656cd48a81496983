"""`python -m benchmarks [NAME … [OPTION …]]`: run the named benchmarks, or all and write RESULTS.md."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks import (
    accuracy,
    alerts,
    analysis,
    capture,
    console,
    faults,
    footprint,
    latency,
    live_view,
    replay_start,
    tagging,
)
from benchmarks.report import Report, machine

BENCHMARKS: dict[str, Callable[[], Report]] = {
    "latency": latency.run,
    "footprint": footprint.run,
    "capture": capture.run,
    "tagging": tagging.run,
    "accuracy": accuracy.run,
    "faults": faults.run,
    "analysis": analysis.run,
    "alerts": alerts.run,
    "live": live_view.run,
    # The other parts stand beside it here.
    "console": partial(console.run, ["--part", "api"]),
    "replay-start": replay_start.run,
}
WITH_OPTIONS: dict[str, Callable[[list[str]], Report]] = {
    "tagging": tagging.run,
    "accuracy": accuracy.run,
    "alerts": alerts.run,
    "console": console.run,
    "replay-start": replay_start.run,
}
RESULTS = Path(__file__).parent / "RESULTS.md"


def main(arguments: list[str]) -> int:
    """Run and print; a name that is not known is refused. Options are for a benchmark named alone."""
    first = next((place for place, word in enumerate(arguments) if word.startswith("-")), len(arguments))
    names, options = arguments[:first], arguments[first:]
    if options and (len(names) != 1 or names[0] not in WITH_OPTIONS):
        print(f"options are for one of {', '.join(WITH_OPTIONS)}, named alone", file=sys.stderr)
        return 2
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"unknown benchmark {unknown[0]}: choose from {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    reports = []
    for name in names or list(BENCHMARKS):
        report = WITH_OPTIONS[name](options) if options else BENCHMARKS[name]()
        reports.append(report)
        print(f"\n{report.title}\n\n{report.table()}")
        for note in report.notes:
            print(note)
        print(report.json(), flush=True)
    if not names:
        day = datetime.now(UTC).date()
        head = f"# Results\n\n{day}, {machine()}. Made by `make bench`.\n"
        RESULTS.write_text("\n".join([head, *(report.markdown() for report in reports)]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
