"""A folder of labelled clips and sounds, read so that one wrong label costs no more than what it says.

The folder holds `video/`, `audio/` and `gt/`; `gt/<clip>.json` tells of one clip, `gt/audio_vad.json` of all
sound. Other files may lie in `gt/`, and labels may have other members.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from analysis.accuracy.intervals import by_seconds
from analysis.accuracy.labels import (
    ClipLabels,
    CountSample,
    During,
    SecondOf,
    Share,
    SpeechLabels,
    ZoneBox,
)

LABELS, PICTURES, SOUNDS = "gt", "video", "audio"
SPEECH_FILE = "audio_vad.json"
CLIP_MEMBERS = frozenset({"zones", "per_second", "samples", "tamper", "person_visible_intervals_s"})
SHARES, INTERVALS = "speech_share_per_second", "speech_s"

_Labels = TypeVar("_Labels", bound=BaseModel)
_SHARE: TypeAdapter[float] = TypeAdapter(Share)


@dataclass(frozen=True, slots=True)
class Clip:
    """A labelled clip of pictures. `path` is None when its file is not there, `labels` when none can be read.

    `notes` say what of the labels was passed over, and why.
    """

    name: str
    path: Path | None
    labels: ClipLabels | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sound:
    """A labelled sound; the same holds."""

    name: str
    path: Path | None
    labels: SpeechLabels | None
    notes: tuple[str, ...] = ()


def clips_of(folder: Path) -> list[Clip]:
    """Every labelled clip of pictures, by the name of its label."""
    found = []
    for path in sorted((folder / LABELS).glob("*.json")):
        if path.name == SPEECH_FILE:
            continue
        try:
            content = _content(path)
        except ValueError as error:
            found.append(Clip(path.name, None, None, (str(error),)))
            continue
        if (clip := _clip(folder, path, content)) is not None:
            found.append(clip)
    return found


def sounds_of(folder: Path) -> list[Sound]:
    """Every labelled sound, by name."""
    path = folder / LABELS / SPEECH_FILE
    if not path.is_file():
        return []
    try:
        content = _content(path)
    except ValueError as error:
        return [Sound(SPEECH_FILE, None, None, (str(error),))]
    return [_sound(folder, name, label) for name, label in sorted(_by_file(content))]


def _clip(folder: Path, path: Path, content: Any) -> Clip | None:  # noqa: ANN401 - unchecked JSON
    """None for a file that tells of no clip."""
    if not isinstance(content, dict):
        return None
    named = content.get("file")
    if named is None and CLIP_MEMBERS & content.keys():
        named = next((each.name for each in sorted((folder / PICTURES).glob(f"{path.stem}.*"))), path.stem)
    if not isinstance(named, str) or not named:
        return None
    notes: list[str] = []
    lists: tuple[tuple[str, type[BaseModel]], ...] = (
        ("zones", ZoneBox),
        ("per_second", SecondOf),
        ("samples", CountSample),
        ("person_visible_intervals_s", During),
    )
    kept = {name: value for name, value in content.items() if name not in dict(lists)}
    for name, model in lists:
        if name in content:
            kept[name] = _each(model, name, content[name], notes)
    clip = Path(named).name
    labels = _whole({**kept, "file": clip}, notes)
    if labels is not None:
        labels = by_seconds(labels)
        boxes = {box.name for box in labels.zones}
        known = {zone for second in labels.per_second for zone in second.zones}
        notes += [f"zone '{zone}' has no rectangle" for zone in sorted(known - boxes)]
    found = _file(folder, PICTURES, named)
    if found is None:
        notes.insert(0, f"there is no {PICTURES}/{clip}")
    return Clip(clip, found, labels, tuple(notes))


def _whole(content: dict[str, Any], notes: list[str]) -> ClipLabels | None:
    """Members that cannot be understood are left out, one by one; None when nothing is left."""
    while True:
        try:
            return ClipLabels.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            member = str(first["loc"][0]) if first["loc"] else ""
            notes.append(f"{member}: {first['msg']}")
            if content.pop(member, None) is None or member == "file":
                return None


def _each(model: type[_Labels], name: str, content: Any, notes: list[str]) -> list[_Labels]:  # noqa: ANN401
    """The entries of a list that can be understood; the others are told."""
    if not isinstance(content, list):
        notes.append(f"{name}: is no list")
        return []
    kept: list[_Labels] = []
    wrong: list[str] = []
    for number, entry in enumerate(content):
        try:
            kept.append(model.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in (name, number, *first["loc"]))
            wrong.append(f"{place}: {first['msg']}")
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        notes.append(wrong[0] + more)
    return kept


def _by_file(content: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Sounds by name: under `files` or at the top, as an object or as a list with `file` in each."""
    inside = content.get("files", content) if isinstance(content, dict) else content
    if isinstance(inside, dict):
        yield from ((name, label) for name, label in inside.items() if isinstance(label, dict | list))
    elif isinstance(inside, list):
        for label in inside:
            if isinstance(label, dict) and isinstance(label.get("file"), str):
                yield label["file"], label


def _sound(folder: Path, named: str, content: Any) -> Sound:  # noqa: ANN401
    notes: list[str] = []
    label = {SHARES: content} if isinstance(content, list) else content
    name, path = Path(named).name, _file(folder, SOUNDS, named)
    if path is None:
        notes.append(f"there is no {SOUNDS}/{name}")
    shares = label.get(SHARES)
    if isinstance(shares, list):
        labels = SpeechLabels(speech_share_per_second=tuple(_shares(shares, notes)))
    elif isinstance(label.get(INTERVALS), list):
        spoken = _each(During, INTERVALS, label[INTERVALS], notes)
        labels = SpeechLabels(speech_share_per_second=tuple(_spoken(spoken, label.get("duration_s"))))
    else:
        return Sound(name, path, None, (*notes, f"has neither {SHARES} nor {INTERVALS}"))
    return Sound(name, path, labels, tuple(notes))


def _shares(content: list[Any], notes: list[str]) -> Iterator[float | None]:
    wrong = 0
    for share in content:
        try:
            yield None if share is None else _SHARE.validate_python(share)
        except ValidationError:
            wrong += 1
            yield None
    if wrong:
        notes.append(f"{SHARES}: {wrong} seconds are no share of 0 to 1")


def _spoken(intervals: list[During], duration: Any) -> Iterator[float]:  # noqa: ANN401
    """The share of each second that lies in the intervals."""
    ends = [during.end for during in intervals if during.end is not None]
    length = float(duration) if isinstance(duration, int | float) else max(ends, default=0.0)
    for second in range(math.ceil(min(length, 864_000))):
        ends = [min(length if during.end is None else during.end, second + 1) for during in intervals]
        begins = [max(during.start, second) for during in intervals]
        yield min(1.0, sum(max(0.0, end - begin) for begin, end in zip(begins, ends, strict=True)))


def _file(folder: Path, kind: str, named: str) -> Path | None:
    """The file that a label names: in its folder, in the other one, or by a path below the folder."""
    name = Path(named).name
    places = (folder / kind / name, *(folder / other / name for other in (PICTURES, SOUNDS)), folder / name)
    return next((place for place in places if place.is_file()), None)


def _content(path: Path) -> Any:  # noqa: ANN401 - whatever stands in a file that nobody has checked yet
    """What a file holds, nulls left out. Raises ValueError with the reason."""
    try:
        return _without_nulls(json.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{LABELS}/{path.name} is no JSON: {error}") from error


def _without_nulls(content: Any) -> Any:  # noqa: ANN401
    """Null says as much as a member that is missing; in lists it keeps its place."""
    if isinstance(content, Mapping):
        return {name: _without_nulls(value) for name, value in content.items() if value is not None}
    if isinstance(content, list):
        return [_without_nulls(value) for value in content]
    return content
