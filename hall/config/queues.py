"""Queue systems that are asked rather than post: the queues of a hall in hall.yaml, one model a kind."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hall.config.headers import Headers
from hall.config.mapping import EventMappings
from hall.config.select import one_select
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


def _http_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        known = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError as error:
        raise ValueError("is not an address") from error
    if not known or any(character.isspace() or not character.isprintable() for character in value):
        raise ValueError("write an address that begins with http:// or https:// and a host")
    if "@" in parts.netloc:
        raise ValueError("an address holds no user or password; write them into 'headers' as ${NAME}")
    return value


def _cursor_text(value: object) -> object:
    """YAML reads an unquoted time as one; it is sent as it was written."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value


First = Annotated[int | Annotated[str, Field(max_length=64)], BeforeValidator(_cursor_text)]


class AfterParameter(Strict):
    """How a JSON interface is asked for what is new: `parameter` carries the greatest `field` seen.

    `field` is a path in a row. The first question carries `first`. The interface must answer with the rows
    at that value too, the lowest first: rows that share it are told apart here.
    """

    parameter: Annotated[str, Field(min_length=1, max_length=64)]
    field: Annotated[str, Field(min_length=1, max_length=200)]
    first: First


class JsonHttpSettings(QueueBase):
    """A JSON interface that lists rows. `url`, `headers` and `parameters` may hold `${NAME}`.

    `rows` is the path of the list in the answer, empty when the answer is the list. `next` is the path of
    the link to the next page, or with `next_parameter` of a token that this parameter carries. A relative
    `ca_file` is meant from the folder of hall.yaml.
    """

    kind: Literal["json_http"]
    url: Annotated[str, Field(min_length=1, max_length=2048), AfterValidator(_http_address)]
    headers: Headers = Field(default_factory=dict)
    parameters: dict[str, str] = Field(default_factory=dict)
    rows: Annotated[str, Field(max_length=200)] = ""
    after: AfterParameter | None = None
    next: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    next_parameter: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    timeout_seconds: Annotated[float, Field(ge=0.5, le=120)] = 10
    largest_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 4 * 1024 * 1024
    ca_file: Path | None = None
    events: EventMappings

    @model_validator(mode="after")
    def _token_has_its_path(self) -> JsonHttpSettings:
        if self.next_parameter is not None and self.next is None:
            raise ValueError("'next_parameter' needs 'next', the path of the token in the answer")
        return self


def _password_named(url: str) -> str:
    credentials, separator, _ = url.partition("://")[2].rpartition("@")
    password = credentials.partition(":")[2]
    if separator and password and "${" not in password:
        raise ValueError("write the password as ${NAME} and set NAME in the environment")
    return url


class AfterColumn(Strict):
    """The column by which a query is read on: its greatest value is `:after` in the next question."""

    column: Annotated[str, Field(min_length=1, max_length=128)]
    first: First


class SqlSettings(QueueBase):
    """A table or view of a queue machine's database. The password in `url` is `${NAME}`.

    `query` is one SELECT that compares `after.column` with `:after` by `>=` and is ordered by it.
    """

    kind: Literal["sql"]
    url: Annotated[str, Field(min_length=1, max_length=2048), AfterValidator(_password_named)]
    query: Annotated[str, Field(max_length=10_000), AfterValidator(one_select)]
    after: AfterColumn
    rows_per_poll: Annotated[int, Field(ge=1, le=10_000)] = 1000
    timeout_seconds: Annotated[float, Field(ge=0.5, le=120)] = 10
    events: EventMappings


class ForeignQueueSettings(QueueBase):
    """A queue adapter of another package: `plugin` names its entry point in the group `hallwatch.queues`."""

    kind: Literal["foreign"]
    plugin: Annotated[str, Field(min_length=1, max_length=63)]
    options: dict[str, str] = Field(default_factory=dict)


QueueSettings = Annotated[
    JsonLinesSettings | JsonHttpSettings | SqlSettings | ForeignQueueSettings, Field(discriminator="kind")
]
