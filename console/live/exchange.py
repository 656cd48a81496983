"""What the console and the live role say to each other over the bus (bus.subjects.LIVE_OFFER)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hall.errors import BusError
from hall.names import CameraId


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Begin(_Said):
    """A viewer's offer for a camera; the console chooses `session`. Without `sound`: the picture alone."""

    do: Literal["begin"] = "begin"
    camera: CameraId
    session: str
    sdp: str
    sound: bool


class End(_Said):
    """A viewer leaves."""

    do: Literal["end"] = "end"
    session: str


class Answer(_Said):
    """The live role's answer to an offer."""

    do: Literal["answer"] = "answer"
    sdp: str


class Refusal(_Said):
    """Why an offer cannot be served.

    `media`: the offer itself; `source`: the camera at present; `full`: there are as many viewers as can be.
    """

    do: Literal["refusal"] = "refusal"
    cause: Literal["media", "source", "full"]
    message: str


class Ended(_Said):
    """Whether there was such a session."""

    do: Literal["ended"] = "ended"
    known: bool


Asked = Annotated[Begin | End, Field(discriminator="do")]
Answered = Annotated[Answer | Refusal | Ended, Field(discriminator="do")]

_asked: TypeAdapter[Begin | End] = TypeAdapter(Asked)
_answered: TypeAdapter[Answer | Refusal | Ended] = TypeAdapter(Answered)


def read_asked(payload: bytes) -> Begin | End:
    """What the console asks. Raises BusError for anything else."""
    try:
        return _asked.validate_json(payload)
    except ValidationError as error:
        raise BusError("not a question to the live role") from error


def read_answered(payload: bytes) -> Answer | Refusal | Ended:
    """What the live role answers. Raises BusError for anything else."""
    try:
        return _answered.validate_json(payload)
    except ValidationError as error:
        raise BusError("not an answer of the live role") from error
