"""The HTTP interface keeps its word: whatever is asked, by whomever, the answer is as the description says.

Requests are made up from the OpenAPI document, fitting and unfitting ones, always the same. A longer run:
`HALLWATCH_FUZZ=25 make test ARGS=tests/contract/test_interface.py` asks 25 times as much.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import schemathesis
import schemathesis.specs.openapi.schemas  # by itself it would come deep within a test
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, Response
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.access.gate import COOKIE, CSRF_HEADER
from hall.roles import Role
from tests.integration.console_hall import YAML, Console, console
from tests.integration.test_rights import of_hall_one
from tests.integration.visitors import visiting

TIMES = int(os.environ.get("HALLWATCH_FUZZ", "1"))
NO_RATES = "{log_ins: null, searches: null, playlists: null, stills: null, exports: null}"
CONFORMS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
NEEDS_THE_BUS = {
    "GET /readyz",
    "POST /api/v1/live/{camera}/whep",
    "DELETE /api/v1/live/{camera}/whep/{session}",
}
"""There is none here: these say so, by 503."""
UNREADABLE = b"Invalid HTTP request received."
"""What the server says to a request that it cannot take apart, as one with an address of 64 KiB."""
NO_REQUEST = (UNREADABLE, b"JSON decode error", b"error parsing the body")
OF_HALL_ONE = ("Hall One", "一号大厅", "Wang Fang", "王芳", "Window One", "127.0.0.1/1", "S-A012")
"""What nobody of another hall may read."""


@schemathesis.serializer("application/sdp")
def _offer(_context: object, value: object) -> bytes:
    return str(value).encode("utf-8", "surrogatepass")


@contextmanager
def hall_with_facts(folder: Path) -> Iterator[tuple[Console, dict[str, str]]]:
    """A console over one of everything in hall h1, and the names of those things."""
    without_rates = YAML.replace("site: {", f"site: {{access: {{rates: {NO_RATES}}}, ")
    with console(folder, yaml=without_rates) as running:
        yield running, of_hall_one(running)


def operations(hall: Console) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    """Everything that the console says it can be asked."""
    document = schemathesis.openapi.from_url(f"{hall.url}/api/v1/openapi.json")
    for result in document.get_all_operations():
        assert isinstance(result, Ok)
        yield result.ok()


def asked(
    operation: APIOperation[Any, Any, Any, Any], names: dict[str, str], headers: dict[str, str], examples: int
) -> list[tuple[Case[Any], Response]]:
    """Made-up requests of one operation and their answers; every other one names what there is."""
    found: list[tuple[Case[Any], Response]] = []
    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    unfitting = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @given(case=fitting | unfitting)
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case[Any]) -> None:
        if len(found) % 2 == 0:
            known = {name: names[name] for name in case.path_parameters or {} if name in names}
            case.path_parameters = {**(case.path_parameters or {}), **known}
            case.query = {
                name: names.get(name, value) if name in ("hall", "camera", "window") else value
                for name, value in (case.query or {}).items()
            }
        found.append((case, case.call(headers=headers, timeout=10)))

    ask()
    return found


def headers_of(client: httpx.Client) -> dict[str, str]:
    return {"Cookie": client.headers["Cookie"], CSRF_HEADER: client.headers[CSRF_HEADER]}


def check(case: Case[Any], answer: Response, headers: dict[str, str]) -> None:
    """Raises for a fault of the server, or an answer that is none of those described."""
    if answer.status_code != 503 or case.operation.label not in NEEDS_THE_BUS:
        assert answer.status_code < 500, f"{answer.status_code} {answer.text}\n{case.as_curl_command()}"
    if answer.content != UNREADABLE:
        case.validate_response(answer, checks=CONFORMS, headers=headers)


def test_whatever_is_asked_the_answer_is_as_the_description_says(tmp_path: Path) -> None:
    seen: Counter[int] = Counter()
    with hall_with_facts(tmp_path) as (hall, names), visiting(hall, Role.ADMINISTRATOR) as administrator:
        headers = headers_of(administrator)
        for operation in operations(hall):
            if operation.label == "DELETE /api/v1/session":
                continue  # it would end the session of those that follow
            for case, answer in asked(operation, names, headers, 3 * TIMES):
                check(case, answer, headers)
                seen[answer.status_code // 100] += 1
        assert administrator.get("/api/v1/board").status_code == 200, "the session held to the end"
    assert seen[2] > 40, seen
    assert seen[4] > 100, seen


def test_nothing_of_a_hall_is_told_to_strangers_whatever_they_ask(tmp_path: Path) -> None:
    seen: Counter[int] = Counter()
    with hall_with_facts(tmp_path) as (hall, names):
        with visiting(hall, Role.ADMINISTRATOR, halls=["another"]) as stranger:
            headers = headers_of(stranger)
            for operation in operations(hall):
                if operation.label == "DELETE /api/v1/session":
                    continue
                for case, answer in asked(operation, names, headers, TIMES):
                    check(case, answer, headers)
                    told = [word for word in OF_HALL_ONE if word.encode() in answer.content]
                    assert told == [], f"{operation.label} tells {told}\n{case.as_curl_command()}"
                    seen[answer.status_code] += 1
        nobody = {"Cookie": f"{COOKIE}=a-token-that-nobody-holds"}
        for operation in operations(hall):
            for case, answer in asked(operation, names, nobody, TIMES):
                check(case, answer, nobody)
                is_closed = operation.path.startswith("/api/v1") and "/session" not in operation.path
                # A body that is no JSON is refused before anybody asks who sends it: that tells nothing.
                is_out = answer.status_code == 401 or any(words in answer.content for words in NO_REQUEST)
                assert not is_closed or is_out, case.as_curl_command()
    assert seen[404] > 10, seen
