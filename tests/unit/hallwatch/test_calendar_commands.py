"""`hallwatch calendar`, and what an installation knows of holidays by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hall.calendar import CalendarDay, CalendarYear, Completeness, DayKind
from hall.errors import ConfigurationError
from hallwatch import calendar_file
from hallwatch.calendar_seed import derived_years, published_years, seed
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from store import audit, calendar
from store.database import Database

HALL = """\
site: {data: data}
halls:
  - id: demo
    name: {zh: 大厅, en: Hall}
    units: [{id: u1, name: {zh: 一, en: One}}]
    windows: [{id: w01, number: "1", name: {zh: 一, en: One}, unit: u1}]
"""
DAYS = "date,kind,name\n2027-01-01,holiday,元旦\n2027-01-03,workday,元旦调休\n"
NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hall.yaml"
    path.write_text(HALL, encoding="utf-8")
    return path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'seeded.db'}")
    database.migrate()
    yield database
    database.close()


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_published_year_is_known_with_its_adjusted_workdays() -> None:
    (year,) = published_years([2026])
    kinds = {day.on: day.kind for day in year.days}
    assert year.completeness is Completeness.COMPLETE
    assert [day for day, kind in kinds.items() if kind is DayKind.WORKDAY] == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]
    assert kinds[date(2026, 10, 4)] is DayKind.HOLIDAY  # a Sunday within the holiday
    assert {day.name for day in year.days if day.on.month == 10} == {"国庆节", "国庆节调休"}


def test_both_packages_agree_on_which_weekdays_of_a_published_year_are_free() -> None:
    (published,), (derived,) = published_years([2025]), derived_years([2025])

    def free(year: CalendarYear) -> set[date]:
        kept = [day for day in year.days if day.kind is DayKind.HOLIDAY]
        return {day.on for day in kept if day.on.weekday() < 5}

    assert free(published) == free(derived)
    assert derived.completeness is Completeness.COMPLETE


def test_a_year_that_no_package_knows_is_never_an_error() -> None:
    assert published_years([2050]) == []
    (year,) = derived_years([2050])
    assert year.completeness is Completeness.STATUTORY_ONLY
    assert date(2050, 10, 1) in [day.on for day in year.days]


def test_years_around_now_are_entered_once(database: Database) -> None:
    assert [year.year for year in seed(database, NOW)] == [2024, 2025, 2026, 2027]
    assert seed(database, NOW) == []
    with database.read() as tx:
        known = [calendar.year(tx, year).completeness for year in (2026, 2027, 2028)]
    assert known[::2] == [Completeness.COMPLETE, Completeness.UNKNOWN]
    assert known[1] is not Completeness.UNKNOWN


def test_a_year_that_a_person_entered_is_never_touched(database: Database) -> None:
    entered = CalendarYear(2026, Completeness.COMPLETE, (), "notice", "wang")
    with database.write() as tx:
        calendar.save_year(tx, entered, NOW)
    assert 2026 not in [year.year for year in seed(database, NOW)]
    with database.read() as tx:
        assert calendar.year(tx, 2026) == entered


def test_what_is_exported_can_be_imported_again() -> None:
    years = published_years([2025, 2026])
    read = calendar_file.parse(calendar_file.write(years).encode(), "days.csv", "wang")
    assert [year.days for year in read] == [year.days for year in years]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_from_any_spreadsheet_is_read(encoding: str) -> None:
    (year,) = calendar_file.parse(DAYS.encode(encoding), "days.csv", "wang")
    assert year.days[0] == CalendarDay(date(2027, 1, 1), DayKind.HOLIDAY, "元旦")


def test_every_line_that_is_wrong_is_named() -> None:
    lines = [
        "date,kind,name",
        "2027-02-30,holiday,x",
        "2027-01-01,off,x",
        "2027-01-02,holiday,",
        "2027-01-03,holiday,x",
        "2027-01-03,workday,y",
        "1999-01-01,holiday,x",
        "2027-01-05",
    ]
    with pytest.raises(ConfigurationError) as refused:
        calendar_file.parse("\n".join(lines).encode(), "days.csv", "wang")
    assert [(problem.line, problem.field) for problem in refused.value.problems] == [
        (2, "date"),
        (3, "kind"),
        (4, "name"),
        (6, "date"),
        (7, "date"),
        (8, "kind"),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "date"), (b"date,kind\n", "name"), (b"date,kind,name\n", "has no days"), (b"\xff\xff", "neither")],
)
def test_a_file_that_is_no_calendar_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        calendar_file.parse(content, "days.csv", "wang")


def test_an_import_is_shown_exported_and_entered_in_the_audit(file: Path, tmp_path: Path) -> None:
    days = tmp_path / "days.csv"
    days.write_text(DAYS, encoding="utf-8")
    done = call("calendar", "import", days, "-f", file, "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (ExitCode.OK, {"years": [2027], "changed": [2027]})
    assert json.loads(call("calendar", "import", days, "-f", file, "--json").stdout)["changed"] == []
    shown = json.loads(call("calendar", "show", "2027", "-f", file, "--json").stdout)["years"][0]
    assert (shown["completeness"], shown["source"], len(shown["days"])) == ("complete", "days.csv", 2)
    assert "元旦调休" in call("calendar", "show", "-f", file).stdout
    assert call("calendar", "export", "2027", "-f", file).stdout == DAYS
    database = Database(f"sqlite:///{tmp_path / 'data' / 'hallwatch.db'}")
    with database.read() as tx:
        assert [(entry.action, entry.subject) for entry in audit.entries(tx)] == [
            ("calendar_change", "calendar:2027")
        ]
    database.close()


def test_a_wrong_file_changes_nothing_and_ends_with_2(file: Path, tmp_path: Path) -> None:
    days = tmp_path / "days.csv"
    days.write_text(DAYS + "2028-01-01,free,x\n", encoding="utf-8")
    done = call("calendar", "import", days, "-f", file)
    assert done.exit_code == ExitCode.REFUSED
    assert done.stderr == "days.csv:4: kind: 'free' is not one of holiday, workday\n"
    assert call("calendar", "export", "-f", file).stdout == "date,kind,name\n"


def test_a_file_that_is_not_there_fails(file: Path, tmp_path: Path) -> None:
    done = call("calendar", "import", tmp_path / "none.csv", "-f", file)
    assert done.exit_code == ExitCode.FAILED


def test_applying_a_configuration_enters_the_calendar(file: Path) -> None:
    assert call("apply", file).exit_code == ExitCode.OK
    now = datetime.now(UTC).year
    years = json.loads(call("calendar", "show", "-f", file, "--json").stdout)["years"]
    assert [year["year"] for year in years] == list(range(now - 2, now + 2))
    assert call("calendar", "seed", "-f", file).stdout == ""
