"""What may be known of a clip or a sound: who is where in which second, who speaks, what befell the camera.

Seconds count from a clip's first picture. Members that are not named here may stand in a label as well, and
null says as much as a member that is missing.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

PRESENT, ABSENT = "present", "absent"
NO_FAULT = frozenset({"", "none", "no", "normal", "clear", "false"})
BESIDE = 0.05
"""By so much a box may reach beyond the picture: what was drawn by hand or rounded is cut off there."""


def _share(value: Any) -> Any:  # noqa: ANN401 - whatever stands in a file that nobody has checked yet
    """Rounding may have brought a share a little beyond 0 or 1."""
    if isinstance(value, int | float) and -BESIDE <= value <= 1 + BESIDE:
        return min(1.0, max(0.0, float(value)))
    return value


Share = Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)]
Moment = Annotated[float, Field(ge=0, le=864_000, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=0, le=10_000)]


class _Label(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class During(_Label):
    """A time of a clip, half-open; without `end` until the clip ends. Also written as [from, to]."""

    start: Moment = 0.0
    end: Moment | None = None

    @model_validator(mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, list | tuple) and 1 <= len(value) <= 2:
            value = dict(zip(("start", "end"), value, strict=False))
        if isinstance(value, dict):
            named = {
                "start": value.get("start", value.get("from")),
                "end": value.get("end", value.get("to")),
            }
            return {name: moment for name, moment in named.items() if moment is not None}
        return value

    def holds(self, moment: float) -> bool:
        """Whether a moment lies in it."""
        return self.start <= moment < (math.inf if self.end is None else self.end)


class ZoneState(_Label):
    """`present` or `absent`, in the middle of a second. Only what is `sure` is scored."""

    state: str
    sure: bool = True


class SecondOf(_Label):
    """The second [t, t+1): the people in the picture, and the state of each zone.

    A zone that does not say whether it is `sure` is as sure as its second.
    """

    t: Moment
    persons: Number | None = None
    sure: bool = True
    zones: dict[str, ZoneState] = {}

    @model_validator(mode="before")
    @classmethod
    def _shortened(cls, value: Any) -> Any:  # noqa: ANN401
        if not isinstance(value, dict) or not isinstance(value.get("zones"), dict):
            return value
        sure = value.get("sure", True)
        zones = {}
        for name, state in value["zones"].items():
            if isinstance(state, bool):
                state = PRESENT if state else ABSENT  # noqa: PLW2901 - the short form of the same
            if isinstance(state, str):
                state = {"state": state}  # noqa: PLW2901
            zones[name] = {"sure": sure, **state} if isinstance(state, dict) else state
        return value | {"zones": zones}


class ZoneBox(_Label):
    """A zone as a rectangle, in shares of the picture from the top left."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    x: Share
    y: Share
    w: Annotated[float, Field(gt=0, le=1 + BESIDE)]
    h: Annotated[float, Field(gt=0, le=1 + BESIDE)]
    present_intervals_s: tuple[During, ...] | None = None


class CountSample(_Label):
    """The people at a moment: a best guess, and the range in which any number is right."""

    t: Moment
    persons_best: Number
    min: Number
    max: Number

    @model_validator(mode="before")
    @classmethod
    def _completed(cls, value: Any) -> Any:  # noqa: ANN401
        """What is missing of the three follows from the others."""
        if not isinstance(value, dict):
            return value
        given = [value[name] for name in ("min", "max") if isinstance(value.get(name), int)]
        best = value.get("persons_best", value.get("persons"))
        if best is None and given:
            best = round(sum(given) / len(given))
        return {"min": best, "max": best} | value | {"persons_best": best}


class ClipLabels(_Label):
    """What is known of one clip of pictures. `tamper` names the fault that begins at `tampered_from`."""

    file: Annotated[str, Field(min_length=1, max_length=255)]
    duration_s: Moment | None = None
    zones: tuple[ZoneBox, ...] = ()
    per_second: tuple[SecondOf, ...] = ()
    samples: tuple[CountSample, ...] = ()
    person_visible_intervals_s: tuple[During, ...] | None = None
    boundary_uncertainty_s: Moment = 0.3
    tamper: Annotated[str | None, BeforeValidator(lambda value: value or None)] = None
    normal_until: Moment | None = None
    tampered_from: Moment | None = None

    @property
    def fault(self) -> str | None:
        """The labelled fault in the annotator's words; None where the clip has none."""
        return None if self.tamper is None or self.tamper.strip().lower() in NO_FAULT else self.tamper

    @property
    def fault_from(self) -> float | None:
        """From when on the picture is surely tampered with; None where it never is."""
        if self.fault is None:
            return None
        known = (self.tampered_from, self.normal_until)
        return next((moment for moment in known if moment is not None), 0.0)

    @property
    def sound_until(self) -> float | None:
        """Until when the picture is surely as it should be; None for a clip without a fault."""
        since = self.fault_from
        return since if since is None or self.normal_until is None else min(self.normal_until, since)


class SpeechLabels(_Label):
    """The share of each second [k, k+1) of a file that is speech; None where nobody says."""

    speech_share_per_second: tuple[Share | None, ...]
