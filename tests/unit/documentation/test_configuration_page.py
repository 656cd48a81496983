"""docs/configuration.md names every key of hall.yaml with its default, and every complete example loads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, cast, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from hall.config import Configuration, load_configuration
from hall.place import Text
from hall.rule import RuleBase
from tests.unit.documentation.pages import ROOT, blocks, code, page, pages, rows

PAGE = page("docs/configuration.md")
Documented = dict[str, str]


def models_in(kind: object) -> list[type[BaseModel]]:
    """The models inside an annotation: of a list, of a choice, or itself."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [] if kind is Text else [kind]
    inner = get_args(kind)[:1] if get_origin(kind) is Annotated else get_args(kind)
    return [model for part in inner for model in models_in(part)]


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key of a model and of the models in it, as the page writes it."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        inner = models_in(field.annotation)
        listed = get_origin(field.annotation) is tuple
        if (
            not inner
            or field.default is None
            or field.default_factory is not None
            or (listed and key != "halls")
        ):
            yield key, field
        for part in inner:
            yield from (
                rule_keys(part)
                if issubclass(part, RuleBase)
                else keys_of(part, f"{key}[]." if listed else f"{key}.")
            )


def rule_keys(rule: type[RuleBase]) -> Iterator[tuple[str, FieldInfo]]:
    """The keys of a rule: those of all rules, and its own (or with a default of its own) under its kind."""
    kind = rule.model_fields["kind"].default
    for name, field in rule.model_fields.items():
        yield (
            (f"rules[].{name}" if name == "kind" or is_common(name, field) else f"rules[{kind}].{name}"),
            field,
        )


def is_common(name: str, field: FieldInfo) -> bool:
    """True when all rules have the key, with the same default."""
    return name in RuleBase.model_fields and field.default == RuleBase.model_fields[name].default


def known_keys() -> dict[str, FieldInfo]:
    """Every key that hall.yaml may hold."""
    found = dict(keys_of(Configuration))
    return found | {f"name.{name}": field for name, field in Text.model_fields.items()}


def documented() -> Documented:
    """Every key of the page with its default."""
    return {code(cells[0]): cells[1] for cells in rows(PAGE, "key")}


def test_every_key_stands_on_the_page_and_nothing_else() -> None:
    assert set(documented()) == set(known_keys())


@pytest.mark.parametrize("key", sorted(known_keys()))
def test_the_default_on_the_page_is_the_default(key: str) -> None:
    field, written = known_keys()[key], documented()[key]
    if field.is_required() or key == "rules[].kind":
        assert written == "required"
        return
    adapter = TypeAdapter(cast(type[object], field.annotation))
    told = adapter.validate_python(yaml.safe_load(code(written)))
    assert told == field.get_default(call_default_factory=True)


EXAMPLES = [
    (path, number, text)
    for path in pages()
    for number, text in enumerate(blocks(path.read_text(encoding="utf-8"), "yaml", "complete hall.yaml"), 1)
]


def test_both_readmes_and_the_page_show_a_complete_file() -> None:
    assert {"README.md", "README.zh-CN.md", "docs/configuration.md"} <= {
        str(path.relative_to(ROOT)) for path, _, _ in EXAMPLES
    }


@pytest.mark.parametrize(
    ("path", "text"), [(p, t) for p, _, t in EXAMPLES], ids=[f"{p.name}-{n}" for p, n, _ in EXAMPLES]
)
def test_a_complete_example_is_accepted(path: Path, text: str, tmp_path: Path) -> None:
    file = tmp_path / "hall.yaml"
    file.write_text(text, encoding="utf-8")
    configuration = load_configuration(file)
    assert all(hall.cameras for hall in configuration.halls), f"{path} shows no camera"
