"""Versions of rules count by themselves, and what each said can be read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from hall.config import Configuration, parse_configuration
from hall.names import HallId, RuleId
from hall.rule import AbsenceRule, Rule
from store import configuration, rule_versions
from store.database import Database

HALL = HallId("gulou")
ABSENCE, DISK = RuleId("absence"), RuleId("disk")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TEXT = """
halls:
- id: gulou
  name: {zh: 鼓楼区政务服务中心, en: Gulou service hall}
  units: [{id: civil, name: {zh: 民政局, en: Civil affairs}}]
  windows: [{id: w01, number: "1", name: {zh: 婚姻登记, en: Marriage}, unit: civil}]
"""


def absence(limit: object = 300, **more: object) -> dict[str, object]:
    return {"id": "absence", "kind": "absence", "limit_seconds": limit, **more}


def disk() -> dict[str, object]:
    return {"id": "disk", "kind": "disk"}


def hall(*rules: dict[str, object]) -> Configuration:
    """A hall with these rules, as a file says it."""
    content = yaml.safe_load(TEXT)
    content["halls"][0]["rules"] = list(rules)
    return parse_configuration(yaml.safe_dump(content))


class Store:
    """A store whose clock goes on by an hour with each configuration that is applied."""

    def __init__(self, path: Path) -> None:
        self.database = Database(f"sqlite:///{path / 'hall.db'}")
        self.database.migrate()
        self.now = START

    def apply(self, *rules: dict[str, object]) -> bool:
        self.now += timedelta(hours=1)
        with self.database.write() as tx:
            return configuration.apply(tx, hall(*rules), self.now)

    def versions(self) -> dict[RuleId, int]:
        with self.database.read() as tx:
            current = configuration.current(tx)
        assert current is not None
        return {rule.id: rule.version for rule in current.halls[0].rules}

    def history(self, rule: RuleId = ABSENCE) -> list[tuple[int, float, int, int | None]]:
        """Version, limit, since and until (in hours) of each."""
        with self.database.read() as tx:
            found = rule_versions.history(tx, HALL, rule)
        return [
            (
                each.rule.version,
                each.rule.limit_seconds,
                hours(each.since),
                None if each.until is None else hours(each.until),
            )
            for each in found
        ]


def hours(at: datetime) -> int:
    return (at - START) // timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.database.close()


def test_a_changed_rule_gets_the_next_version_and_the_others_keep_theirs(store: Store) -> None:
    store.apply(absence(), disk())
    store.apply(absence(240), disk())
    assert store.versions() == {ABSENCE: 2, DISK: 1}


@pytest.mark.parametrize(
    "change",
    [
        {"severity": "serious"},
        {"enabled": False},
        {"basis": {"zh": "省文件", "en": "Decree"}},
        {"scope": {"windows": ["w01"]}},
        {"raises": [{"severity": "serious", "after_seconds": 900}]},
        {"schedule": {"days": ["mon"]}},
    ],
)
def test_whatever_changes_in_a_rule_is_a_new_version(store: Store, change: dict[str, object]) -> None:
    store.apply(absence())
    assert store.apply(absence(300, **change))
    assert store.versions() == {ABSENCE: 2}


def test_the_same_file_again_changes_nothing(store: Store) -> None:
    store.apply(absence())
    store.apply(absence(240))
    assert store.apply(absence(240)) is False
    assert store.versions() == {ABSENCE: 2}


def test_a_version_is_never_lower_than_the_file_says_nor_than_it_was(store: Store) -> None:
    store.apply(absence(version=5))
    store.apply(absence(240, version=3))
    assert store.versions() == {ABSENCE: 6}
    store.apply(absence(240, version=9))
    assert store.versions() == {ABSENCE: 9}
    store.apply(absence(180))
    assert store.versions() == {ABSENCE: 10}


def test_a_rule_that_comes_back_goes_on_counting(store: Store) -> None:
    store.apply(absence(), disk())
    store.apply(absence(240), disk())
    store.apply(disk())
    store.apply(absence(180), disk())
    assert store.versions() == {ABSENCE: 3, DISK: 1}
    assert store.history() == [(1, 300, 1, 2), (2, 240, 2, 3), (3, 180, 4, None)]


def test_a_rule_that_comes_back_as_it_was_is_the_same_version(store: Store) -> None:
    store.apply(absence(), disk())
    store.apply(disk())
    store.apply(absence(), disk())
    assert store.history() == [(1, 300, 1, 2), (1, 300, 3, None)]


def test_going_back_to_an_earlier_limit_is_a_version_of_its_own(store: Store) -> None:
    for limit in (300, 240, 300):
        store.apply(absence(limit))
    assert store.history() == [(1, 300, 1, 2), (2, 240, 2, 3), (3, 300, 3, None)]


def test_a_change_elsewhere_is_no_version_of_the_rule(store: Store) -> None:
    store.apply(absence())
    store.apply(absence(), disk())
    assert store.history() == [(1, 300, 1, None)]
    assert store.history(RuleId("nobody")) == []


def test_what_can_no_longer_be_read_is_left_out_and_counted_on(store: Store) -> None:
    store.apply(absence())
    with store.database.write() as tx:
        tx.connection.execute(text("UPDATE configurations SET body = replace(body, '300.0', '-1')"))
    store.apply(absence(240))
    assert store.history() == [(2, 240, 2, None)]


@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from([None, 60.0, 120.0, 180.0]), min_size=1, max_size=8))
def test_a_version_has_one_content_only(
    tmp_path_factory: pytest.TempPathFactory, limits: Sequence[float | None]
) -> None:
    store = Store(tmp_path_factory.mktemp("versions"))
    for limit in limits:
        store.apply(*([absence(limit)] if limit is not None else []), disk())
    with store.database.read() as tx:
        found = rule_versions.history(tx, HALL, ABSENCE)
    store.database.close()
    contents: dict[int, Rule] = {}
    for each in found:
        assert isinstance(each.rule, AbsenceRule)
        assert contents.setdefault(each.rule.version, each.rule) == each.rule
    numbers = [each.rule.version for each in found]
    assert numbers == sorted(numbers)
