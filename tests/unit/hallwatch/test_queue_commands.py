"""`hallwatch queue`: refused events settled at the machine, and the history of a queue system taken in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from capture.queueing import accept
from hall.clock import SystemClock
from hall.config import load_configuration
from hall.errors import EventRefused
from hall.names import HallId
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from store import audit, queueing
from store.database import Database
from tests.unit.capture.test_queue_intake import HALL_FILE, START

HALL = HallId("demo")
W03 = "      - {id: w03, number: '3', name: {zh: 三, en: Three}, unit: tax}\n"
MAPPED = """
    queues:
      - id: machine
        kind: sql
        url: sqlite:////nowhere.db
        query: SELECT * FROM t WHERE a >= :after
        after: {column: a, first: 0}
        events:
          - {members: {at: 取号时间, type: {constant: ticket_taken}, ticket: 票号}, needs: [取号时间]}
          - members: {at: 呼叫时间, type: {constant: ticket_called}, ticket: 票号, window: 窗口}
            needs: [呼叫时间]
"""
CHINESE = """\
票号;窗口;取号时间;呼叫时间\r
A1;w01;2026-03-02 09:00:00;2026-03-02 09:05:00\r
A2;;2026-03-02 09:01:00;\r
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hall.yaml"
    path.write_text("site: {data: data}\n" + HALL_FILE.replace("version: 1\n", ""), encoding="utf-8")
    return path


@pytest.fixture
def database(file: Path) -> Database:
    (file.parent / "data").mkdir()
    database = Database(f"sqlite:///{file.parent / 'data' / 'hallwatch.db'}")
    database.migrate()
    return database


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["queue", *map(str, arguments)])


def refuse(database: Database, file: Path, number: int, window: str) -> None:
    event = {"id": f"e{number}", "hall": "demo", "at": START.isoformat(), "type": "window_opened"}
    raw = json.dumps({**event, "window": window}).encode()
    with pytest.raises(EventRefused):
        accept(database, load_configuration(file), raw, SystemClock().now())


def tickets(database: Database) -> list[str]:
    with database.read() as tx:
        return [ticket.number for ticket in queueing.tickets_of(tx, HALL)]


def test_refused_events_are_listed_replayed_and_discarded(file: Path, database: Database) -> None:
    for number, window in enumerate(("w03", "w03", "w99")):
        refuse(database, file, number, window)
    listed = call("refused", "--file", file)
    assert listed.stdout.count("there is no window") == 3
    told = json.loads(call("refused", "--file", file, "--json").stdout)["items"]
    newest, _, oldest = [event["id"] for event in told]
    assert call("replay", oldest, "--file", file).exit_code == ExitCode.FAULTS
    file.write_text(file.read_text(encoding="utf-8") + W03, encoding="utf-8")
    done = call("replay", "--all", "--file", file, "--json")
    assert done.exit_code == ExitCode.FAULTS
    told = json.loads(done.stdout)
    assert (told["accepted"], [one["id"] for one in told["refused"]]) == (2, [newest])
    assert call("discard", newest, "--file", file).exit_code == ExitCode.REFUSED
    assert call("discard", newest, "--reason", "a wrong window", "--file", file).exit_code == ExitCode.OK
    assert call("replay", newest, "--file", file).exit_code == ExitCode.FAILED
    assert call("replay", 999, "--file", file).exit_code == ExitCode.FAILED
    assert call("replay", "--all", "--file", file).exit_code == ExitCode.OK
    assert json.loads(call("refused", "--file", file, "--json").stdout) == {"items": []}
    settled = call("refused", "--file", file, "--state", "settled").stdout
    assert settled.count("command line") == 3
    with database.read() as tx:
        assert {entry.action for entry in audit.entries(tx)} == {"replay_event", "discard_event"}


def test_a_mended_event_is_taken_from_a_file(file: Path, database: Database, tmp_path: Path) -> None:
    refuse(database, file, 1, "w99")
    mended = {"id": "e1", "hall": "demo", "at": START.isoformat(), "type": "window_opened", "window": "w01"}
    (tmp_path / "mended.json").write_text(json.dumps(mended), encoding="utf-8")
    assert call("replay", 1, "--event", tmp_path / "none.json", "--file", file).exit_code == ExitCode.FAILED
    assert call("replay", 1, "--event", tmp_path / "mended.json", "--file", file).exit_code == ExitCode.OK


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_history_in_the_machines_own_words_is_imported_once(
    file: Path, database: Database, tmp_path: Path, encoding: str
) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text + MAPPED, encoding="utf-8")
    history = tmp_path / "history.csv"
    history.write_bytes(CHINESE.encode(encoding))
    done = call("import", history, "--mapping", "machine", "--file", file, "--json")
    assert done.exit_code == ExitCode.OK, done.output
    assert json.loads(done.stdout) == {
        "dry_run": False, "lines": 3, "accepted": 3, "repeated": 0, "refused": 0, "reasons": [],
    }  # fmt: skip
    assert tickets(database) == ["A1", "A2"]
    again = json.loads(call("import", history, "--mapping", "machine", "--file", file, "--json").stdout)
    assert (again["accepted"], again["repeated"]) == (0, 3)


def test_the_columns_may_be_those_of_an_event_and_bad_rows_are_told_by_their_line(
    file: Path, database: Database, tmp_path: Path
) -> None:
    history = tmp_path / "history.tsv"
    rows = [
        "id\tat\ttype\tticket",
        "1\t2026-03-02 09:00:00\tticket_taken\tA1",
        "",
        "2\tnine\tticket_taken\tA2",
        "3\t2026-03-02 09:01:00\tticket_taken\tA3\tmore",
        "\t2026-03-02 09:02:00\tticket_taken\tA4",
        f'4\t2026-03-02 09:03:00\tticket_taken\t"{"x" * 70_000}"',
        "5\t2099-03-02 09:03:00\tticket_taken\tA5",
    ]
    history.write_text("\n".join(rows), encoding="utf-8")
    done = call("import", history, "--file", file)
    assert done.exit_code == ExitCode.FAULTS
    places = [line.split(":")[1:3] for line in done.stderr.splitlines() if line.startswith(str(history))]
    assert sorted(places) == [["4", " at"], ["5", " body"], ["7", " body"], ["8", " at"]]
    assert tickets(database) == ["A1", "A4"]
    assert json.loads(call("refused", "--file", file, "--json").stdout) == {"items": []}


def test_a_dry_run_says_what_would_become_of_a_file_and_keeps_nothing(
    file: Path, database: Database, tmp_path: Path
) -> None:
    history = tmp_path / "history.jsonl"
    event = {"hall": "demo", "at": START.isoformat(), "type": "ticket_taken"}
    lines = [{**event, "id": str(number), "ticket": f"A{number}"} for number in range(3)]
    call_of_2 = {**event, "id": "c", "type": "ticket_called", "ticket": "A2", "window": "w01"}
    history.write_text("".join(json.dumps(line) + "\n" for line in [call_of_2, *lines]), encoding="utf-8")
    first = json.dumps({**lines[0], "ticket": "B0"}).encode()
    accept(database, load_configuration(file), json.dumps(lines[1]).encode(), SystemClock().now())
    accept(database, load_configuration(file), first, SystemClock().now())
    done = call("import", history, "--dry-run", "--file", file, "--json")
    told = json.loads(done.stdout)
    assert (told["accepted"], told["repeated"], told["refused"]) == (2, 1, 1)
    assert told["reasons"][0]["field"] == "id"
    assert tickets(database) == ["A1", "B0"]


def test_a_history_may_be_larger_than_a_batch(file: Path, database: Database, tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    rows = [
        f"{place},2026-03-02 09:{place // 60:02}:{place % 60:02},ticket_taken,A{place}"
        for place in range(700)
    ]
    history.write_text("id,at,type,ticket\n" + "\n".join(rows), encoding="utf-8")
    assert json.loads(call("import", history, "--file", file, "--json").stdout)["accepted"] == 700


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("history.xls", "x", "ends in none of"),
        ("history.csv", "id,at,type,colour\n", "'colour' is no member"),
        ("history.csv", "id,ticket\n", "'at' or 'type' is missing"),
        ("history.csv", "id,id\n", "each of them once"),
        ("none.csv", None, "none.csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_to_be_so(
    file: Path, tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    done = call("import", tmp_path / name, "--file", file)
    assert done.exit_code == ExitCode.FAILED
    assert words in done.stderr
    assert "Traceback" not in done.output


def test_a_mapping_that_is_none_is_refused_by_its_field(file: Path, tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("a\n", encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text("events: [{members: {at: a}}]", encoding="utf-8")
    for mapping, words in ((tmp_path / "mapping.yaml", "'type' is missing"), ("nobody", "neither a queue")):
        done = call("import", tmp_path / "history.csv", "--mapping", mapping, "--file", file)
        assert (done.exit_code, words in done.stderr) == (ExitCode.REFUSED, True), done.output
