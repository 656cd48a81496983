"""What is known of a folder of clips: who is where in which second, who speaks, what befell the camera.

The folder holds `video/`, `audio/` and `gt/`; `gt/<clip>.json` tells of one clip, `gt/audio_vad.json` of all
sound. Members that are not named here may stand there as well. Seconds count from a clip's first picture.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hall.errors import ConfigurationError, Problem

LABELS, PICTURES, SOUNDS = "gt", "video", "audio"
SPEECH_FILE = "audio_vad.json"
PRESENT, ABSENT = "present", "absent"

Share = Annotated[float, Field(ge=0, le=1)]
Moment = Annotated[float, Field(ge=0, le=864_000)]


class _Label(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ZoneState(_Label):
    """`present` or `absent`, in the middle of a second. Only what is `sure` is scored."""

    state: str
    sure: bool = True


class SecondOf(_Label):
    """The second [t, t+1): the people in the picture, and the state of each zone."""

    t: Annotated[int, Field(ge=0, le=864_000)]
    persons: Annotated[int, Field(ge=0, le=10_000)] | None = None
    sure: bool = True
    zones: dict[str, ZoneState] = {}


class ZoneBox(_Label):
    """A zone as a rectangle, in shares of the picture from the top left."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    x: Share
    y: Share
    w: Annotated[float, Field(gt=0, le=1)]
    h: Annotated[float, Field(gt=0, le=1)]


class CountSample(_Label):
    """The people at a moment: a best guess, and the range in which any number is right."""

    t: Moment
    persons_best: Annotated[int, Field(ge=0, le=10_000)]
    min: Annotated[int, Field(ge=0, le=10_000)]
    max: Annotated[int, Field(ge=0, le=10_000)]


class ClipLabels(_Label):
    """What is known of one clip of pictures. `tamper` names the fault that begins at `tampered_from`."""

    file: Annotated[str, Field(min_length=1, max_length=255)]
    zones: tuple[ZoneBox, ...] = ()
    per_second: tuple[SecondOf, ...] = ()
    samples: tuple[CountSample, ...] = ()
    tamper: str | None = None
    normal_until: Moment | None = None
    tampered_from: Moment | None = None

    @property
    def fault_from(self) -> float | None:
        """From when on the picture is surely tampered with; None where it never is."""
        if self.tamper is None:
            return None
        known = (self.tampered_from, self.normal_until)
        return next((moment for moment in known if moment is not None), 0.0)


class SpeechLabels(_Label):
    """The share of each second [k, k+1) of a file that is speech."""

    speech_share_per_second: tuple[Share, ...]


class _AllSpeech(_Label):
    files: dict[str, SpeechLabels]


_Labels = TypeVar("_Labels", bound=_Label)


def clips_of(folder: Path) -> list[ClipLabels]:
    """Every labelled clip of pictures whose file is there, by name. Raises ConfigurationError."""
    found = []
    for path in sorted((folder / LABELS).glob("*.json")):
        content = _content(path)
        if not isinstance(content, dict) or "file" not in content:
            continue
        labels = _read(ClipLabels, content, path)
        if (folder / PICTURES / labels.file).is_file():
            found.append(labels)
    return found


def speech_of(folder: Path) -> dict[str, SpeechLabels]:
    """Every labelled sound whose file is there, by its name. Raises ConfigurationError."""
    path = folder / LABELS / SPEECH_FILE
    if not path.is_file():
        return {}
    labels = _read(_AllSpeech, _content(path), path)
    return {name: labels.files[name] for name in sorted(labels.files) if (folder / SOUNDS / name).is_file()}


def _content(path: Path) -> Any:  # noqa: ANN401 - whatever stands in a file that nobody has checked yet
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError([Problem("(file)", None, f"is no JSON: {error}")], str(path)) from error


def _read(model: type[_Labels], content: object, path: Path) -> _Labels:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [
            Problem(".".join(str(part) for part in one["loc"]) or "(file)", None, one["msg"])
            for one in error.errors()
        ]
        raise ConfigurationError(problems, str(path)) from error
