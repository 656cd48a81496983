"""`hallwatch calendar`: holidays and adjusted workdays, shown, imported, exported and brought up to date."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from hall.calendar import FIRST_YEAR, LAST_YEAR, CalendarYear, Completeness
from hall.clock import SystemClock
from hall.errors import RequestRefused
from hall.journal import Json
from hallwatch import calendar_file, calendar_seed
from hallwatch.cli.options import DEFAULT_FILE, AsJson, FileOption, opened
from hallwatch.cli.outcome import print_json
from store import audit
from store import calendar as store_calendar

app = typer.Typer(no_args_is_help=True, help="Holidays and adjusted workdays, which limits are counted by.")

Year = Annotated[
    int | None, typer.Argument(min=FIRST_YEAR, max=LAST_YEAR, help="One year alone.", show_default="all")
]


@app.command("show")
def show(year: Year = None, file: FileOption = DEFAULT_FILE, *, as_json: AsJson = False) -> None:
    """Say what is known of each year, and which days differ from the week."""
    years = _years(file, year)
    if as_json:
        print_json({"years": [_shown(one) for one in years]})
        return
    for one in years:
        by = f", entered by {one.entered_by}" if one.entered_by else ""
        typer.echo(f"{one.year}  {one.completeness}  {one.source or 'nothing is known of it'}{by}")
        for day in one.days:
            typer.echo(f"  {day.on} {day.on:%a}  {day.kind:<8} {day.name}")


@app.command("import")
def import_file(
    days: Annotated[Path, typer.Argument(help="A CSV file with the columns date, kind and name.")],
    file: FileOption = DEFAULT_FILE,
    *,
    statutory_only: Annotated[
        bool, typer.Option("--statutory-only", help="Adjusted workdays are not published yet.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put the years of a file in the place of what was known of them. Running halls follow at once.

    Ends with 2, and nothing is changed, when a line is wrong.
    """
    completeness = Completeness.STATUTORY_ONLY if statutory_only else Completeness.COMPLETE
    try:
        content = days.read_bytes()
    except OSError as error:
        raise RequestRefused("days", f"{days}: {error.strerror or error}") from error
    years = calendar_file.parse(content, days.name, getpass.getuser(), completeness)
    changed: list[int] = []
    now = SystemClock().now()
    with opened(file) as (_, database), database.write() as tx:
        for year in years:
            if store_calendar.save_year(tx, year, now):
                changed.append(year.year)
                detail = f"{year.completeness}, {len(year.days)} days, from {days.name}"
                audit.record(
                    tx,
                    at=now,
                    who=year.entered_by,
                    action="calendar_change",
                    subject=f"calendar:{year.year}",
                    detail=detail,
                )
    if as_json:
        print_json({"years": [year.year for year in years], "changed": list(changed)})
    else:
        typer.echo(", ".join(f"{year.year}: {len(year.days)} days" for year in years))


@app.command("export")
def export(
    year: Year = None,
    file: FileOption = DEFAULT_FILE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write here, not to the terminal.")
    ] = None,
) -> None:
    """Write the days as a CSV file, to be edited and imported again."""
    text = calendar_file.write(_years(file, year))
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


@app.command("seed")
def seed(file: FileOption = DEFAULT_FILE, *, as_json: AsJson = False) -> None:
    """Enter what the installation knows of last year, this and the next, unless a person entered it."""
    with opened(file) as (_, database):
        changed = calendar_seed.seed(database, SystemClock().now())
    if as_json:
        print_json({"changed": [year.year for year in changed]})
    else:
        for year in changed:
            typer.echo(f"{year.year}  {year.completeness}  {year.source}")


def _years(file: Path, year: int | None) -> list[CalendarYear]:
    with opened(file) as (_, database), database.read() as tx:
        return list(store_calendar.read(tx).years) if year is None else [store_calendar.year(tx, year)]


def _shown(year: CalendarYear) -> Json:
    return {
        "year": year.year,
        "completeness": year.completeness.value,
        "source": year.source,
        "entered_by": year.entered_by,
        "days": [{"date": day.on.isoformat(), "kind": day.kind.value, "name": day.name} for day in year.days],
    }
