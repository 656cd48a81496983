"""docs/notifiers.md names every kind of notifier and every placeholder, and its example is one."""

from __future__ import annotations

import re
from typing import get_args

from hall.config import parse_configuration
from hall.config.notifiers import PLACEHOLDERS, NotifierSettings
from tests.unit.alerts.small_hall import YAML
from tests.unit.documentation.pages import blocks, code, page, rows

PAGE = page("docs/notifiers.md")


def kinds() -> set[str]:
    models = get_args(get_args(NotifierSettings)[0])
    return {str(get_args(model.model_fields["kind"].annotation)[0]) for model in models}


def test_every_kind_stands_on_the_page_and_no_other() -> None:
    named = {kind for cells in rows(PAGE, "kind") for kind in re.findall(r"`(\w+)`", cells[0])}
    assert named == kinds()


def test_every_placeholder_stands_on_the_page_and_no_other() -> None:
    named = {code(name) for cells in rows(PAGE, "placeholder") for name in cells[0].split(", ")}
    assert named == {f"{{{name}}}" for name in PLACEHOLDERS}


def test_the_example_is_accepted() -> None:
    (example,) = blocks(PAGE, "yaml")
    found = parse_configuration(example + YAML.replace("id: gulou", "id: lakeside")).site.notifiers
    assert len(found) == 6
    assert {settings.kind for settings in found} == kinds() - {"webhook", "foreign"}
