"""`python -m tests.torture [CAMPAIGN …] [OPTION …]`: run the campaigns at length; a table and a line of JSON.

All of them take about a quarter of an hour. Everything stays on this machine: cameras, bus and database are
started for the campaign on loopback and in a temporary folder, and end with it.
"""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog

from tests.torture.disk_full import fill_the_disk
from tests.torture.fuzz.campaign import fuzz, try_again
from tests.torture.kills import kill_again_and_again
from tests.torture.outages import lock_the_database, take_the_bus_away

SHOWN = 20
"""Complaints of one campaign."""


@dataclass(frozen=True, slots=True)
class Result:
    """One campaign: a line of the table, its keys, and what it complains of."""

    campaign: str
    what: str
    keys: Mapping[str, object]
    complaints: list[str]
    ran: bool = True


def kills(given: argparse.Namespace, folder: Path) -> Result:
    """SIGKILL at random moments."""
    found = kill_again_and_again(folder, given.kills, given.cameras, given.processes, given.seed)
    what = (
        f"{found.kills} kills of {given.processes} processes with {given.cameras} cameras in "
        f"{found.seconds:.0f} s, {found.while_writing} of them in the midst of files; "
        f"{found.segments} segments, {found.segments_lost} lost, {found.missing_pictures} pictures missing"
    )
    keys = {
        "kills": found.kills,
        "segments_lost": found.segments_lost,
        "catalogue_agrees": found.catalogue_agrees,
    }
    return Result("kills", what, keys, found.complaints)


def disk(given: argparse.Namespace, folder: Path) -> Result:
    """A disk that runs full."""
    found = fill_the_disk(folder, given.disk_megabytes, given.cameras)
    what = (
        f"{found.deleted} segments went, {found.locked} locked ones stayed, {found.segments} are there; "
        f"told: {', '.join(found.told)}"
    )
    if not found.ran:
        what = "not run: this user may not mount a file system"
    return Result("disk full", what, {"disk_full_ok": found.ok}, found.complaints, found.ran)


def database(given: argparse.Namespace, folder: Path) -> Result:
    """A database that another process holds."""
    found = lock_the_database(folder, given.outage_seconds, given.cameras)
    what = f"held for {found.seconds:g} s; {found.meanwhile} files meanwhile, {found.segments} segments"
    return Result("database locked", what, {"database_locked_ok": found.ok}, found.complaints)


def bus(given: argparse.Namespace, folder: Path) -> Result:
    """A bus that is gone."""
    found = take_the_bus_away(folder, given.outage_seconds, given.cameras)
    what = f"gone for {found.seconds:g} s; {found.meanwhile} files meanwhile, {found.segments} segments"
    return Result("bus gone", what, {"bus_gone_ok": found.ok}, found.complaints)


def damage(given: argparse.Namespace, _folder: Path) -> Result:
    """Damaged media."""
    found = fuzz(given.cases, Path(given.keep), given.seed)
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(found.cases.items()))
    what = f"{kinds} in {found.seconds:.0f} s: {found.crashes} crashes, {found.hangs} hangs"
    keys = {"fuzz_cases": found.cases.total(), "fuzz_crashes": found.crashes, "fuzz_hangs": found.hangs}
    return Result("fuzz", what, keys, found.complaints)


Campaign = Callable[[argparse.Namespace, Path], Result]
TOGETHER: dict[str, Campaign] = {"disk": disk, "database": database, "bus": bus}
"""These mostly wait, and run at the same time."""
ALONE: dict[str, Campaign] = {"kills": kills, "fuzz": damage}
BROKEN_OFF: dict[str, Mapping[str, object]] = {
    "disk": {"disk_full_ok": False},
    "database": {"database_locked_ok": False},
    "bus": {"bus_gone_ok": False},
    "kills": {"kills": 0, "segments_lost": None, "catalogue_agrees": False},
    "fuzz": {"fuzz_cases": 0, "fuzz_crashes": None, "fuzz_hangs": None},
}
"""The keys of a campaign that did not come to its end."""


def main(arguments: list[str]) -> int:
    """Run what is named, or everything. Ends with 1 when something was lost, crashed or hung."""
    given = _parsed(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    if given.case is not None:
        found = try_again(Path(given.case))
        print(found or "nothing went wrong")
        return 1 if found else 0
    wanted = given.campaigns or [*TOGETHER, *ALONE]
    began = time.monotonic()
    together = [name for name in TOGETHER if name in wanted]
    with ThreadPoolExecutor(max(1, len(together))) as pool:
        results = list(pool.map(lambda name: _run(name, given), together))
    results += [_run(name, given) for name in ALONE if name in wanted]
    print("\n| campaign | what happened | complaints |\n|---|---|---|")
    for result in results:
        print(f"| {result.campaign} | {result.what} | {len(result.complaints)} |")
    for result in results:
        for complaint in result.complaints[:SHOWN]:
            print(f"{result.campaign}: {complaint}")
    print(f"{time.monotonic() - began:.0f} s in all, seed {given.seed}")
    keys = {key: value for result in results for key, value in result.keys.items()}
    print(json.dumps(keys), flush=True)
    return 1 if any(result.complaints for result in results) else 0


def _run(name: str, given: argparse.Namespace) -> Result:
    """One campaign in a folder of its own; one that breaks off complains of that."""
    print(f"{name}: begins", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix=f"hallwatch-{name}-", dir=given.folder) as folder:
        try:
            result = (TOGETHER | ALONE)[name](given, Path(folder))
        except Exception as error:  # noqa: BLE001 - the other campaigns are to be heard all the same
            traceback.print_exc()
            result = Result(name, "broke off", BROKEN_OFF[name], [f"{type(error).__name__}: {error}"])
    print(f"{name}: {result.what}", file=sys.stderr, flush=True)
    return result


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.torture", description=__doc__)
    names = [*TOGETHER, *ALONE]
    parser.add_argument("campaigns", nargs="*", help=f"any of {', '.join(names)}; all when none is named")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--processes", type=int, default=2, help="capture processes that are killed in turn")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--outage-seconds", type=float, default=60, help="how long database and bus are away")
    parser.add_argument("--disk-megabytes", type=float, default=72, help="size of the disk that runs full")
    parser.add_argument("--cases", type=int, default=5000, help="damaged inputs")
    parser.add_argument("--keep", default="torture-cases", help="folder for the cases that failed")
    parser.add_argument("--case", help="try one such case again")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where campaigns have their folders")
    given = parser.parse_args(arguments)
    if unknown := set(given.campaigns) - set(names):
        parser.error(f"there is no campaign {', '.join(sorted(unknown))}")
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
