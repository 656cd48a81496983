"""`python -m tests.torture.alerts [CAMPAIGN …] [OPTION …]`: run the campaigns; a table and a line of JSON.

Each runs on SQLite and, where it is installed, on PostgreSQL at the same time. Everything stays on this
machine: databases, bus and receivers are started for the campaign on loopback and in a temporary folder.
"""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from tests import postgresql
from tests.torture.alerts.aftermath import Aftermath
from tests.torture.alerts.kills import KillsOutcome, kill_again_and_again
from tests.torture.alerts.takeover import TakeoverOutcome, take_over_again_and_again

SHOWN = 20
"""Complaints of one campaign."""
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True, slots=True)
class Result:
    """One campaign on one database: a line of the table, what was found (None: it broke off), complaints."""

    campaign: str
    what: str
    found: Aftermath | None = None
    complaints: tuple[str, ...] = ()


def kills(given: argparse.Namespace, folder: Path, url: str | None) -> Result:
    """SIGKILL and cuts of the database at random moments."""
    share = given.kills // len(given.databases)
    found = kill_again_and_again(folder, share, given.halls, given.windows, given.seed, url)
    hit = ", ".join(f"{number} × {kind}" for kind, number in sorted(found.moments.items()))
    cut = f" ({found.cut} connections, {found.cut_in_the_midst} in a transaction)" if url is not None else ""
    ended = f"{found.leaders} leaders, {found.given_up} gave up"
    what = f"{found.kills} moments: {hit}{cut}; {ended}; {_in_words(found)}"
    return Result("kills", what, found, tuple(found.complaints))


def takeover(given: argparse.Namespace, folder: Path, url: str | None) -> Result:
    """A standby that takes over from a leader that was killed, or stopped past its lease."""
    share = given.takeovers // len(given.databases)
    found = take_over_again_and_again(folder, share, given.halls, given.windows, given.seed, url)
    what = (
        f"{found.killed} killed, {found.stopped} stopped ({found.while_writing} of them in a write); "
        f"{found.worst_seconds:.1f} s at worst; {_in_words(found)}"
    )
    return Result("takeover", what, found, tuple(found.complaints))


def _in_words(found: Aftermath) -> str:
    return (
        f"{found.facts} facts, {found.judged.alerts} alerts ({found.judged.taken_back} taken back), "
        f"{found.judged.flips} flips, {found.told.messages} messages ({found.told.repeated} repeated) "
        f"in {found.seconds:.0f} s"
    )


Campaign = Callable[[argparse.Namespace, Path, str | None], Result]
CAMPAIGNS: dict[str, Campaign] = {"kills": kills, "takeover": takeover}


def main(arguments: list[str]) -> int:
    """Run what is named, or both. Ends with 1 when something was lost, doubled or wrong."""
    given = _parsed(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    began = time.monotonic()
    with ThreadPoolExecutor(len(given.databases)) as pool:
        results = [
            result
            for results in pool.map(lambda kind: _run(kind, given), given.databases)
            for result in results
        ]
    print("\n| campaign | what happened | complaints |\n|---|---|---|")
    for result in results:
        print(f"| {result.campaign} | {result.what} | {len(result.complaints)} |")
    for result in results:
        for complaint in result.complaints[:SHOWN]:
            print(f"{result.campaign}: {complaint}")
    print(f"{time.monotonic() - began:.0f} s in all, seed {given.seed}")
    print(json.dumps(_keys([result.found for result in results])), flush=True)
    return 1 if any(result.complaints for result in results) else 0


def _keys(results: list[Aftermath | None]) -> dict[str, object]:
    """What the last line says. Where a campaign broke off nobody knows what it would have found."""
    found = [one for one in results if one is not None]
    takeovers = [one.worst_seconds for one in found if isinstance(one, TakeoverOutcome)]
    counted = {
        "lost": sum(len(one.judged.lost) for one in found),
        "doubled": sum(len(one.judged.doubled) for one in found),
        "notifications_lost": sum(len(one.told.lost) for one in found),
        "notifications_doubled": sum(len(one.told.doubled) for one in found),
        "wrong": sum(len(one.judged.wrong) + len(one.told.wrong) for one in found),
    }
    is_whole = len(found) == len(results)
    return {
        "kills": sum(one.kills for one in found if isinstance(one, KillsOutcome)),
        **(counted if is_whole else dict.fromkeys(counted)),
        "takeovers": sum(len(one.seconds_each) for one in found if isinstance(one, TakeoverOutcome)),
        "takeover_worst_seconds": round(max(takeovers), 2) if takeovers else None,
    }


def _run(kind: str, given: argparse.Namespace) -> list[Result]:
    """The campaigns on one kind of database, one after the other; folder and database are new for each."""
    results = []
    with postgresql.running() if kind == POSTGRESQL else nullcontext() as server:
        for name in given.campaigns or CAMPAIGNS:
            print(f"{name} on {kind}: begins", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(prefix=f"hallwatch-{name}-", dir=given.folder) as folder:
                try:
                    url = postgresql.new_database(server) if server is not None else None
                    result = CAMPAIGNS[name](given, Path(folder), url)
                except Exception as error:  # noqa: BLE001 - the other campaigns are to be heard all the same
                    traceback.print_exc()
                    result = Result(name, "broke off", complaints=(f"{type(error).__name__}: {error}",))
            result = replace(result, campaign=f"{name} on {kind}")
            print(f"{result.campaign}: {result.what}", file=sys.stderr, flush=True)
            results.append(result)
    return results


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.torture.alerts", description=__doc__)
    parser.add_argument(
        "campaigns", nargs="*", help=f"any of {', '.join(CAMPAIGNS)}; both when none is named"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=200, help="moments, over all databases")
    parser.add_argument("--takeovers", type=int, default=40, help="over all databases")
    parser.add_argument("--halls", type=int, default=3)
    parser.add_argument("--windows", type=int, default=4, help="of each hall")
    parser.add_argument("--databases", nargs="+", choices=[SQLITE, POSTGRESQL], help="both where they are")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where campaigns have their folders")
    given = parser.parse_args(arguments)
    if unknown := set(given.campaigns) - set(CAMPAIGNS):
        parser.error(f"there is no campaign {', '.join(sorted(unknown))}")
    if given.databases is None:
        given.databases = [SQLITE, POSTGRESQL] if postgresql.is_installed() else [SQLITE]
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
