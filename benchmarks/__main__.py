"""`python -m benchmarks [NAME …]`: run the named benchmarks, or all and write RESULTS.md."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import capture, footprint, latency
from benchmarks.report import Report, machine

BENCHMARKS: dict[str, Callable[[], Report]] = {
    "latency": latency.run,
    "footprint": footprint.run,
    "capture": capture.run,
}
RESULTS = Path(__file__).parent / "RESULTS.md"


def main(names: list[str]) -> int:
    """Run and print; a name that is not known is refused."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"unknown benchmark {unknown[0]}: choose from {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    reports = []
    for name in names or list(BENCHMARKS):
        report = BENCHMARKS[name]()
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
