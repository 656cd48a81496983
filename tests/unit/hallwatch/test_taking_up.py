"""A start never loses what was changed on the console; `hallwatch apply` decides what a file replaces."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hall.config import Configuration, editing, load_configuration
from hall.config.parts import Part
from hall.names import HallId
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from hallwatch.taking_up import Taken, take_up
from store import configuration as configurations
from store import configuration_versions as versions
from store.configuration import Author, Origin
from store.database import Database

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FILE = """\
site: {data: data, console: {port: 8080}}
halls:
  - id: h1
    name: {zh: 大厅, en: Hall}
    units: [{id: u1, name: {zh: 一, en: One}}]
    windows: [{id: w1, number: "1", name: {zh: 一, en: One}, unit: u1}]
"""
UNIT = Part(HallId("h1"), "units", "u1")


class Site:
    """A file, its database, and somebody at the console."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "hall.yaml"
        self.database = Database(f"sqlite:///{folder / 'data' / 'hallwatch.db'}")
        self.database.migrate()
        self.write(FILE)

    def write(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    def start(self, *, file_wins: bool = False) -> Taken:
        with self.database.write() as tx:
            return take_up(tx, load_configuration(self.file), NOW, file_wins=file_wins)

    def change_on_console(self, name: str = "Tax") -> None:
        made = editing.put(self.in_force, UNIT, {"name": {"zh": "税务", "en": name}})
        with self.database.write() as tx:
            assert configurations.apply(tx, made, NOW, Author("li", Origin.CONSOLE))

    @property
    def in_force(self) -> Configuration:
        with self.database.read() as tx:
            found = configurations.current(tx)
        assert found is not None
        return found

    @property
    def unit(self) -> str:
        return self.in_force.halls[0].units[0].name.en

    @property
    def newest(self) -> versions.Version:
        with self.database.read() as tx:
            found = versions.newest(tx)
        assert found is not None
        return found

    def call(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments[:1], str(self.file), *arguments[1:]])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.database.close()


def test_without_changes_on_the_console_the_file_counts(site: Site) -> None:
    assert site.start().is_new
    assert not site.start().is_new
    site.write(FILE.replace("en: One}}]", "en: Other}}]"))
    assert site.start() == Taken(site.in_force, is_new=True)
    assert site.unit == "Other"


def test_a_start_with_the_same_file_keeps_what_the_console_changed(site: Site) -> None:
    site.start()
    site.change_on_console()
    taken = site.start()
    assert not taken.is_new
    assert not taken.passed_over
    assert taken.configuration == site.in_force
    assert site.unit == "Tax"
    assert site.newest.other_file_at is None


def test_where_both_changed_the_console_stays_and_it_is_said(site: Site) -> None:
    site.start()
    site.change_on_console()
    site.write(FILE.replace("en: One}}]", "en: Other}}]"))
    assert site.start().passed_over
    assert site.unit == "Tax"
    assert site.newest.other_file_at == NOW
    site.change_on_console("Revenue")
    assert site.newest.other_file_at == NOW, "until somebody decides"
    assert site.start(file_wins=True).is_new
    decided = site.newest
    assert (site.unit, decided.other_file_at) == ("Other", None)


def test_what_is_read_at_the_start_comes_from_the_file_in_any_case(site: Site) -> None:
    site.start()
    site.change_on_console()
    site.write(FILE.replace("8080", "8081"))
    taken = site.start()
    assert (taken.is_new, taken.passed_over) == (True, False), "nothing else differs"
    assert (site.in_force.site.console.port, site.unit) == (8081, "Tax")
    assert not site.newest.of_file
    assert [str(part) for part, _ in site.newest.changed] == ["site/console"]


def test_apply_names_what_it_would_lose_and_takes_the_file_when_told_to(site: Site) -> None:
    site.start()
    site.change_on_console()
    refused = site.call("apply")
    assert refused.exit_code == ExitCode.REFUSED
    assert "halls/h1/units/u1: was changed on the console by li on 2026-03-02 00:00 UTC" in refused.stderr
    assert "--replace" in refused.stderr
    assert site.unit == "Tax"
    assert "in force now" in site.call("apply", "--replace").stdout
    assert (site.unit, site.newest.of_file) == ("One", True)
    assert site.newest.who
    assert "in force already" in site.call("apply").stdout


def test_a_file_that_says_what_the_console_changed_counts_again(site: Site) -> None:
    site.start()
    site.change_on_console()
    assert not site.newest.of_file
    site.write(FILE.replace("name: {zh: 一, en: One}}]", "name: {zh: 税务, en: Tax}}]"))
    assert "in force already" in site.call("apply").stdout
    again = site.newest
    assert again.of_file
    site.write(FILE)
    assert site.start().is_new
    assert site.unit == "One"
