"""Reading hall.yaml: every fault is reported with its field and its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from hall.config.checks import faults
from hall.config.queues import JsonHttpSettings, JsonLinesSettings
from hall.config.rule_checks import hall_rule_faults, rule_faults
from hall.config.settings import AnalysisSettings, Configuration, HallSettings, RuleFile
from hall.errors import ConfigurationError, Problem
from hall.rule import Rule

Location = tuple[str | int, ...]
Checked = TypeVar("Checked", bound=BaseModel)
LARGEST_FILE = 4 * 1024 * 1024
MOST_FIELDS = 200_000
"""Far above any real hall; a file whose aliases multiply is stopped here."""


def load_configuration(path: Path) -> Configuration:
    """Read and check a file. Relative paths (data, disks, models, queues) are meant from the file's folder.

    Raises ConfigurationError with every problem found, each with field and line.
    """
    configuration = parse_configuration(_text(path), str(path))
    folder = path.resolve().parent
    site, halls = configuration.site, configuration.halls
    disks = tuple((folder / disk).resolve() for disk in site.storage.disks)
    storage = site.storage.model_copy(update={"disks": disks})
    analysis = _with_models_from(site.analysis, folder)
    data = (folder / site.data).resolve()
    secret_key = site.secret_key and (folder / site.secret_key).resolve()
    site = site.model_copy(
        update={"data": data, "secret_key": secret_key, "storage": storage, "analysis": analysis}
    )
    halls = tuple(_with_queues_from(hall, folder) for hall in halls)
    return configuration.model_copy(update={"site": site, "halls": halls})


def load_rules(path: Path, halls: Sequence[HallSettings] = ()) -> tuple[Rule, ...]:
    """Read and check a file that holds `rules:` alone, written as in hall.yaml, for each of `halls`.

    Raises ConfigurationError with every problem found, each with field and line.
    """
    source = str(path)
    content, lines = _read(_text(path), source)
    rules = _checked(RuleFile, content, lines, source).rules
    found = list(rule_faults(rules, ("rules",)))
    for hall in halls:
        found += hall_rule_faults(hall, rules, ("rules",))
    if found:
        raise ConfigurationError(
            [Problem(_field(place), _line(place, lines), message) for place, message in found], source
        )
    return rules


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ConfigurationError([Problem("file", None, "is larger than 4 MiB")], str(path))
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            [Problem("file", None, f"cannot be read: {error.strerror or error}")], str(path)
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([Problem("file", None, "is not UTF-8 text")], str(path)) from error


def _with_models_from(analysis: AnalysisSettings, folder: Path) -> AnalysisSettings:
    model = None if analysis.model is None else folder / analysis.model
    onnx = analysis.onnx and analysis.onnx.model_copy(update={"model": folder / analysis.onnx.model})
    return analysis.model_copy(update={"model": model, "onnx": onnx})


def _with_queues_from(hall: HallSettings, folder: Path) -> HallSettings:
    """The hall with its queue files meant from a folder. The file itself may be a link that moves on."""
    queues = tuple(
        queue.model_copy(update={"path": folder / queue.path})
        if isinstance(queue, JsonLinesSettings)
        else queue.model_copy(update={"ca_file": folder / queue.ca_file})
        if isinstance(queue, JsonHttpSettings) and queue.ca_file is not None
        else queue
        for queue in hall.queues
    )
    return hall.model_copy(update={"queues": queues})


def parse_configuration(text: str, source: str = "hall.yaml") -> Configuration:
    """Check the text of a configuration. Raises ConfigurationError."""
    content, lines = _read(text, source)
    configuration = _checked(Configuration, content, lines, source)
    found = [Problem(_field(path), _line(path, lines), message) for path, message in faults(configuration)]
    if found:
        raise ConfigurationError(found, source)
    return configuration


def _read(text: str, source: str) -> tuple[object, dict[Location, int]]:
    """What YAML says, and the line of each field."""
    lines: dict[Location, int] = {}
    repeated: list[Problem] = []
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content: object = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigurationError([Problem("file", line, error.problem or "is not YAML")], source) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError([Problem("file", None, f"is not YAML: {error}")], source) from error
    if node is None:
        raise ConfigurationError([Problem("file", None, "is empty")], source)
    _note_lines(node, (), lines, repeated)
    if repeated:
        raise ConfigurationError(repeated, source)
    return content, lines


def _checked(model: type[Checked], content: object, lines: dict[Location, int], source: str) -> Checked:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError(_problems(error, lines), source) from error


def _note_lines(
    node: yaml.Node, path: Location, lines: dict[Location, int], repeated: list[Problem], depth: int = 0
) -> None:
    """Remember on which line each field stands, and note keys that stand twice: YAML would drop the first."""
    if depth > 40 or len(lines) > MOST_FIELDS:
        repeated.append(
            Problem(_field(path), node.start_mark.line + 1, "is nested too deeply or repeats itself")
        )
        return
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            inner = (*path, key)
            line = key_node.start_mark.line + 1
            if key in seen:
                repeated.append(Problem(_field(inner), line, "stands here for the second time"))
            seen.add(key)
            lines[inner] = line
            _note_lines(value_node, inner, lines, repeated, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for place, value_node in enumerate(node.value):
            _note_lines(value_node, (*path, place), lines, repeated, depth + 1)


def _problems(error: ValidationError, lines: dict[Location, int]) -> list[Problem]:
    details = error.errors(include_url=False)
    problems = []
    for detail in details:
        location: Location = detail["loc"]
        if detail["type"] == "too_short" and any(
            len(other["loc"]) > len(location) and other["loc"][: len(location)] == location
            for other in details
        ):
            continue  # the list is only "too short" because its items were refused: name those
        message = (
            "unknown key"
            if detail["type"] == "extra_forbidden"
            else detail["msg"].removeprefix("Value error, ")
        )
        known = _without_union_names(location, lines)
        problems.append(Problem(_field(known), _line(known, lines), message))
    return problems


def _without_union_names(location: Location, lines: dict[Location, int]) -> Location:
    """Leave out members that pydantic adds for tagged unions (`rules.0.absence.limit`): no file has them."""
    path: Location = ()
    for index, member in enumerate(location):
        candidate = (*path, member)
        is_last = index == len(location) - 1
        if candidate in lines or is_last:
            path = candidate
    return path


def _line(path: Location, lines: dict[Location, int]) -> int | None:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)


def _field(path: Location) -> str:
    text = ""
    for member in path:
        text += f"[{member}]" if isinstance(member, int) else (f".{member}" if text else str(member))
    return text or "file"
