"""Queue systems that are asked rather than post: the queues of a hall in hall.yaml, one model a kind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from hall.names import QueueId
from hall.place import Slug, Strict


class QueueBase(Strict):
    """What every queue has: an id, under which is stored how far it was read, and how often it is asked."""

    id: Annotated[QueueId, Slug]
    poll_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 2


class JsonLinesSettings(QueueBase):
    """A file to which the queue system appends one event a line.

    A relative `path` is meant from the folder of hall.yaml.
    """

    kind: Literal["json_lines"]
    path: Path


class ForeignQueueSettings(QueueBase):
    """A queue adapter of another package: `plugin` names its entry point in the group `hallwatch.queues`."""

    kind: Literal["foreign"]
    plugin: Annotated[str, Field(min_length=1, max_length=63)]
    options: dict[str, str] = Field(default_factory=dict)


QueueSettings = Annotated[JsonLinesSettings | ForeignQueueSettings, Field(discriminator="kind")]
