"""The description of the API: `python -m console.openapi > console/web/openapi.json`.

The web app generates its types from it. To what FastAPI derives from the routes it adds the facts that
travel only by push, and says that every member of an answer is always there.
"""

from __future__ import annotations

import json
import sys
from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from console.api.shapes import (
    ProblemDocument,
    PushFact,
    PushHello,
    PushReset,
    PushSighting,
    PushTick,
)
from hall.finding import Flip
from hall.media import Run
from hall.queueing import QueueEvent

TITLE = "Hallwatch"
VERSION = "1"
REF = "#/components/schemas/{model}"
ASKED = frozenset(
    {
        "Login",
        "AlertAction",
        "QueueEvent",
        "Replay",
        "Discard",
        "SilenceRequest",
        "CalendarYearRequest",
        "AnnouncementRequest",
        "UserRequest",
        "UserChange",
        "KeyRequest",
        "RosterChangeRequest",
        "RosterEntries",
    }
)
"""Schemas of requests: there a member with a default may be left out."""
PUSHED = (PushHello, PushTick, PushReset, PushSighting, PushFact)
FACTS = (Flip, Run)

TIME_OF_DAY = r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"

PROBLEM_ANSWER: dict[str, Any] = {"model": ProblemDocument, "description": "A problem document."}

Schema = dict[str, Any]


def describe(app: FastAPI) -> Schema:
    """The OpenAPI document of an app made by `console.app.create_app`."""
    document = get_openapi(title=TITLE, version=VERSION, routes=app.routes)
    schemas = cast(Schema, document.setdefault("components", {}).setdefault("schemas", {}))
    _, pushed = models_json_schema([(kind, "serialization") for kind in PUSHED], ref_template=REF)
    _, asked = models_json_schema([(QueueEvent, "validation")], ref_template=REF)
    found: Schema = {**pushed["$defs"], **asked["$defs"]}
    for kind in FACTS:
        schema = TypeAdapter(kind).json_schema(mode="serialization", ref_template=REF)
        found.update(schema.pop("$defs", {}))
        found[kind.__name__] = schema
    for name, schema in found.items():
        schemas.setdefault(name, schema)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for name, schema in schemas.items():
        if name not in ASKED and "properties" in schema:
            schema["required"] = list(schema["properties"])
    _tell_times_of_day(schemas)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    _answer_problems(document)
    return document


def install(app: FastAPI) -> None:
    """Let the app serve this document in place of the one that FastAPI derives."""
    made: Schema = {}

    def document() -> Schema:
        if not made:
            made.update(describe(app))
        return made

    app.openapi = document  # type: ignore[method-assign] # FastAPI's documented way to extend the document


def _tell_times_of_day(schema: object) -> None:
    """The format `time` is one with an offset (RFC 3339); opening hours are wall time of their hall."""
    if isinstance(schema, dict):
        if schema.get("type") == "string" and schema.get("format") == "time":
            del schema["format"]
            schema["pattern"] = TIME_OF_DAY
        for inner in schema.values():
            _tell_times_of_day(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _tell_times_of_day(inner)


def _answer_problems(document: Schema) -> None:
    """Every operation can answer a problem document, in place of FastAPI's own form of 422."""
    answer = {
        "description": "A problem document.",
        "content": {"application/problem+json": {"schema": {"$ref": REF.format(model="ProblemDocument")}}},
    }
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = answer


def text(app: FastAPI) -> str:
    """The document as the file that is kept beside the web app."""
    return json.dumps(describe(app), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write the document to standard output."""
    from console.app import create_app  # noqa: PLC0415 - the app itself describes itself by this module

    sys.stdout.write(text(create_app(None)))


if __name__ == "__main__":
    main()
