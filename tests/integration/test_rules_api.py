"""Rules over HTTP: those in force, and what one said in each of its versions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hall.names import RuleId
from hall.rule import AbsenceRule
from store import configuration as configurations
from store.configuration import Author, Origin
from tests.integration.console_hall import NOW, console

LI = Author("li", Origin.CONSOLE)


def test_an_officer_sees_the_rules_in_force_and_what_they_were(tmp_path: Path) -> None:
    with console(tmp_path) as running, running.officer() as officer:
        assert (
            officer.get("/api/v1/halls/h1/rules/absence/versions").json()["items"][0]["rule"]["version"] == 1
        )
        with running.database.write() as tx:
            current = configurations.current(tx)
            assert current is not None
            stricter = AbsenceRule(id=RuleId("absence"), limit_seconds=240)
            changed = current.halls[0].model_copy(update={"rules": (stricter,)})
            configuration = current.model_copy(update={"halls": (changed,)})
            assert configurations.apply(tx, configuration, NOW + timedelta(hours=1), LI)
        (rule,) = officer.get("/api/v1/halls/h1/rules").json()["items"]
        assert (rule["id"], rule["version"], rule["limit_seconds"]) == ("absence", 2, 240)
        first, second = officer.get("/api/v1/halls/h1/rules/absence/versions").json()["items"]
        assert (first["rule"]["limit_seconds"], second["rule"]["limit_seconds"]) == (300, 240)
        assert first["until"] == second["since"] == "2026-03-02T03:00:00Z"
        assert second["until"] is None
        assert (first["by"], second["by"]) == ("", "li")
        assert second["configuration"] > first["configuration"]
        (gone,) = officer.get("/api/v1/halls/h1/rules/disk/versions").json()["items"]
        assert gone["until"] == second["since"]


def test_unknown_halls_and_rules_are_not_found(tmp_path: Path) -> None:
    with console(tmp_path) as running, running.officer() as officer:
        assert officer.get("/api/v1/halls/h1/rules/nothing/versions").status_code == 404
        assert officer.get("/api/v1/halls/h9/rules").status_code == 404
        with running.visitor() as visitor:
            assert visitor.get("/api/v1/halls/h1/rules").status_code == 401
