"""A hall at size as the console searches it: `filled_hall` with people, items, cases and alerts.

Everything is made inside the database by SQL. Alerts and flips hold the JSON that the product writes, so that
reading them costs what it costs there. One ticket of twenty was never served, one transaction of four is a
case, one alert of eight was judged by somebody who wrote why.
"""

# ruff: noqa: S608 - all that is put into the statements are numbers and texts of this module

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.filled_hall import BEGIN, DAY, ROWS_AT_ONCE, SECOND, TRUE, Size, digits, fill, settle
from benchmarks.filled_timeline import lasting_statements, timeline_statements
from hall.clock import to_microseconds
from hall.config import Configuration
from hall.config.access import RateSettings
from hall.finding import Actor, Alert, AlertKind, AlertStatus, Flip, Reason, Severity, Subject
from hall.interval import Interval
from hall.names import AlertId, CameraId, HallId, RuleId, WindowId
from hall.search.words import words_of
from hall.wire import to_wire
from store import alert_counts
from store import configuration as configurations
from store.database import Database

HALL = HallId("h")
KINDS = (AlertKind.ABSENCE, AlertKind.OVERLONG_PAUSE, AlertKind.OVERDUE_STEP, AlertKind.UNATTENDED_CUSTOMER)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
PINYIN = [
    "Wang",
    "Li",
    "Zhang",
    "Liu",
    "Chen",
    "Yang",
    "Zhao",
    "Huang",
    "Zhou",
    "Wu",
    "Xu",
    "Sun",
    "Hu",
    "Zhu",
    "Gao",
    "Lin",
    "He",
    "Guo",
    "Ma",
    "Luo",
]
GIVEN = "芳敏静丽强磊洋勇艳杰娟涛明超霞平刚桂英华"
GIVEN_PINYIN = [
    "Fang",
    "Min",
    "Jing",
    "Li",
    "Qiang",
    "Lei",
    "Yang",
    "Yong",
    "Yan",
    "Jie",
    "Juan",
    "Tao",
    "Ming",
    "Chao",
    "Xia",
    "Ping",
    "Gang",
    "Gui",
    "Ying",
    "Hua",
]
ITEMS = (
    "居民身份证换领",
    "不动产转移登记",
    "企业设立登记",
    "社会保险登记",
    "护照签发",
    "机动车登记",
    "公积金提取",
    "婚姻登记",
)
COMMENTS = (
    "摄像机被横幅挡住",
    "工作人员去打印材料",
    "窗口设备故障报修",
    "群众协商后自行离开",
    "testing the camera",
    "the printer was broken",
)
ONE_CASE_IN, ONE_UNSERVED_IN, ONE_COMMENT_IN = 4, 20, 8
GAPS_PER_CAMERA_AND_DAY = 2
CAMERAS_WITH_FRAGMENTS = 2
"""Whose segments have an index of a minute's fragments, as playlists read it; the others have one."""
OBSERVED_EVERY = 600 * SECOND
AUDIT_ENTRIES = 200_000


@dataclass(frozen=True, slots=True)
class ConsoleSize:
    """How much there is to search.

    `scale` 1: ten million segments, two million transactions, a million alerts.
    """

    scale: float

    @property
    def hall(self) -> Size:
        """Segments, and transactions as periods of three and a half each."""
        return Size(round(10_000_000 * self.scale), round(7_000_000 * self.scale))

    @property
    def alerts(self) -> int:
        """Each with three flips."""
        return round(1_000_000 * self.scale)

    @property
    def end(self) -> datetime:
        """The evening of the last recorded day."""
        return BEGIN + timedelta(days=self.hall.days, hours=10)


MOST_CALLS = 1_000_000


def furnished(configuration: Configuration) -> Configuration:
    """The hall with twenty units, four hundred people and forty items, under names of every day."""
    (hall,) = configuration.halls
    units = [
        {"id": f"u{n:02d}", "name": {"zh": f"{ITEMS[n % 8][:3]}{n}科", "en": f"Unit {n}"}} for n in range(20)
    ]
    staff = [
        {
            "id": f"sw{n:04d}",
            "name": {
                "zh": SURNAMES[n % 20] + GIVEN[n // 20 % 20],
                "en": f"{PINYIN[n % 20]} {GIVEN_PINYIN[n // 20 % 20]}",
            },
            "unit": f"u{n % 20:02d}",
        }
        for n in range(len(hall.windows))
    ]
    items = [
        {"id": f"item-{n:02d}", "name": {"zh": f"{ITEMS[n % 8]}{n}", "en": f"Matter {n}"}} for n in range(40)
    ]
    windows = [
        {**window.model_dump(mode="json"), "unit": f"u{n % 20:02d}"} for n, window in enumerate(hall.windows)
    ]
    content = configuration.model_dump(mode="json", exclude_none=True)
    content["halls"][0] |= {"units": units, "staff": staff, "items": items, "windows": windows}
    # One session asks more often here than anybody may elsewhere.
    content["site"]["access"]["rates"] = dict.fromkeys(RateSettings.model_fields, MOST_CALLS)
    return Configuration.model_validate(content)


def fill_console(database: Database, size: ConsoleSize, *, with_year: bool = False) -> Configuration:
    """Migrate a new database and fill it; gives the configuration in force.

    `with_year`: of the first places there is a whole year of what the timeline shows.
    """
    configuration = furnished(fill(database, size.hall, keep_numbers=True))
    with database.write() as tx:
        configurations.apply(tx, configuration, BEGIN)
    statements = (
        *_matters(),
        *_gaps(size),
        *_seen(size),
        *_fragments(),
        *_trail(size),
        *timeline_statements(size.hall, _moment(database, "start_us"), with_year=with_year),
        *_alerts(database, size),
        *lasting_statements(),
    )
    for statement in statements:
        with database.write() as tx:
            # To PostgreSQL's driver a single % announces a parameter.
            is_sqlite = tx.connection.dialect.name == "sqlite"
            tx.connection.exec_driver_sql(statement if is_sqlite else statement.replace("%", "%%"))
    with database.write() as tx:
        tx.connection.exec_driver_sql("DROP TABLE numbers")
    settle(database)
    return configuration


def _matters() -> Iterator[str]:
    """Cases of some transactions, and tickets that were called and not served."""
    yield f"""
INSERT INTO cases (hall, serial, item, "window", staff, accepted_us, suspended, extended_days, closed_us,
    withdrawn)
SELECT hall, serial, item, "window", staff, start_us, '[]', 0, start_us + {5 * DAY}, NOT {TRUE}
FROM transactions WHERE CAST(substr(ticket_number, 2) AS INTEGER) % {ONE_CASE_IN} = 0"""
    yield f"""
INSERT INTO tickets (id, hall, number, item, status, taken_us, waiting_us, called_us, finished_us, "window",
    calling_us, calling_end_us)
SELECT id || '-n', hall, 'B' || substr(number, 2), item, 'no_show', taken_us, waiting_us, called_us,
    called_us + {60 * SECOND}, "window", called_us, called_us + {60 * SECOND}
FROM tickets WHERE CAST(substr(number, 2) AS INTEGER) % {ONE_UNSERVED_IN} = 0"""


def _gaps(size: ConsoleSize) -> Iterator[str]:
    yield f"""
INSERT INTO gaps (hall, camera, start_us, end_us, reason, detail)
SELECT '{HALL}', 'cam-' || {digits("c.n", 4)},
    {to_microseconds(BEGIN)} + g.n * {DAY // GAPS_PER_CAMERA_AND_DAY} + c.n * {SECOND},
    {to_microseconds(BEGIN)} + g.n * {DAY // GAPS_PER_CAMERA_AND_DAY} + c.n * {SECOND} + {20 * SECOND},
    'offline', ''
FROM numbers AS g CROSS JOIN numbers AS c
WHERE g.n < {size.hall.days * GAPS_PER_CAMERA_AND_DAY} AND c.n < {size.hall.cameras}"""


def _seen(size: ConsoleSize) -> Iterator[str]:
    """What cameras saw, all day; how windows stood over each transaction, and how they stand now."""
    begin, hall = to_microseconds(BEGIN), size.hall
    count = hall.days * DAY // OBSERVED_EVERY
    start = f"{begin} + t.n * {OBSERVED_EVERY}"
    shown = 'SELECT camera, min("window") AS place FROM camera_windows GROUP BY camera'
    yield f"""
INSERT INTO observations (hall, kind, camera, zone, "window", start_us, end_us, state, confidence, source)
SELECT '{HALL}', 'presence', shown.camera, 'staff-' || place, place, {start},
    CASE WHEN t.n < {count - 1} THEN {start} + {OBSERVED_EVERY} END,
    CASE t.n % 3 WHEN 0 THEN 'absent' ELSE 'on_post' END, 0.9, 'movenet@1'
FROM (SELECT n FROM numbers WHERE n < {count} ORDER BY n) AS t CROSS JOIN ({shown}) AS shown"""
    yield """
INSERT INTO window_statuses (hall, "window", state, start_us, end_us, staff, ticket, "transaction", step)
SELECT hall, "window", 'serving', start_us, end_us, staff, ticket_number, id, 'handle' FROM transactions"""
    yield f"""
INSERT INTO window_statuses (hall, "window", state, start_us)
SELECT '{HALL}', 'w' || {digits("n", 4)}, 'open', {to_microseconds(size.end)}
FROM numbers WHERE n < {hall.windows}"""


def _fragments() -> Iterator[str]:
    index = json.dumps([[1400 + 524_000 * n, 524_000, float(n), 1.0] for n in range(60)])
    for camera in range(CAMERAS_WITH_FRAGMENTS):
        yield f"UPDATE segments SET fragments = '{index}' WHERE camera = 'cam-{camera:04d}'"


def _trail(size: ConsoleSize) -> Iterator[str]:
    """What was looked at: entries as a playback makes them. Their hashes are of nothing."""
    count = round(AUDIT_ENTRIES * size.scale)
    step = size.hall.days * DAY // count
    yield f"""
INSERT INTO audit_entries (at_us, who, action, subject, detail, address, previous_sha256, sha256, reason)
SELECT {to_microseconds(BEGIN)} + n * {step}, 'li' || (n % 30), 'playback',
    'segment:cam-' || {digits("n % 200", 4)},
    'cam-' || {digits("n % 200", 4)} || ' over a minute', '10.0.0.' || (n % 200), '', '', ''
FROM numbers WHERE n < {count} ORDER BY n"""


def _alerts(database: Database, size: ConsoleSize) -> Iterator[str]:
    """Alerts spread over the recorded days, each with its three flips; the newest two hundred are open."""
    windows, count = size.hall.windows, size.alerts
    step = size.hall.days * DAY // count
    # Spread over the windows without a pattern that an index could profit by.
    window = f"'w' || {digits(f'(n * 7919) % {windows}', 4)}"
    for first in range(0, count, ROWS_AT_ONCE):
        some = min(ROWS_AT_ONCE, count - first)
        numbers = f"(SELECT {first} + n AS n FROM numbers WHERE n < {some} ORDER BY n) AS numbered"
        start = f"{to_microseconds(BEGIN)} + n * {step}"
        settled = f"CASE n % {ONE_COMMENT_IN} WHEN 0 THEN 'dismissed' ELSE 'resolved' END"
        status = f"CASE WHEN n >= {count - 200} THEN 'open' ELSE {settled} END"
        yield f"""
INSERT INTO alerts (id, hall, kind, rule, subject, "window", camera, ticket, status, revision, start_us,
    end_us, opened_us, body)
SELECT id, '{HALL}', kind, kind, subject, place, NULL, NULL, status, 3, start_us, start_us + {600 * SECOND},
    start_us + {180 * SECOND}, {_body(database)}
FROM (SELECT 'alert-' || {digits("n", 8)} AS id, {_kind("n")} AS kind,
    '{HALL}/window:' || {window} AS subject,
    {window} AS place, {status} AS status, {start} AS start_us FROM {numbers}) AS made"""
        # In the pattern in which cameras show windows.
        for apart in (0, 70):
            yield f"""
INSERT INTO alert_cameras (alert, camera)
SELECT 'alert-' || {digits("n", 8)},
    'cam-' || {digits(f"((n * 7919) % {windows} + {apart}) % {size.hall.cameras}", 4)} FROM {numbers}"""
        for revision, kind in enumerate(("open", "acknowledge", "dismiss"), 1):
            yield f"""
INSERT INTO flips (alert, revision, at_us, body)
SELECT 'alert-' || {digits("n", 8)}, {revision}, {start} + {revision * 200 * SECOND},
    replace({_quoted(_flip(revision, kind))}, 'ALERT', 'alert-' || {digits("n", 8)}) FROM {numbers}"""
        for place, comment in enumerate(COMMENTS):
            for word in sorted(words_of(comment)):
                yield f"""
INSERT INTO alert_words (word, start_us, alert)
SELECT {_quoted(word)}, {start}, 'alert-' || {digits("n", 8)} FROM {numbers}
WHERE n % {ONE_COMMENT_IN} = 0 AND n / {ONE_COMMENT_IN} % {len(COMMENTS)} = {place}"""

    yield from _counts()


def _counts() -> Iterator[str]:
    """What the product counts as it enters alerts."""
    into = "INSERT INTO alert_counts (hall, unit_us, start_us, rule, kind, camera, opened, dismissed)"
    dismissed = "SUM(CASE WHEN status = 'dismissed' THEN 1 ELSE 0 END)"
    for unit in alert_counts.UNITS:
        start = f"opened_us - opened_us % {unit}"
        yield f"""
{into} SELECT hall, {unit}, {start}, rule, kind, '', COUNT(*), {dismissed} FROM alerts
GROUP BY hall, {start}, rule, kind"""
        yield f"""
{into} SELECT hall, {unit}, {start}, rule, kind, alert_cameras.camera, COUNT(*), {dismissed}
FROM alerts JOIN alert_cameras ON alert_cameras.alert = alerts.id
GROUP BY hall, {start}, rule, kind, alert_cameras.camera"""


def _kind(number: str) -> str:
    cases = " ".join(f"WHEN {place} THEN '{kind.value}'" for place, kind in enumerate(KINDS))
    return f"CASE ({number}) % {len(KINDS)} {cases} END"


def _body(database: Database) -> str:
    """SQL for an alert's JSON: that of the product, with its own names and times put in."""
    made = Alert(
        AlertId("@id"), AlertKind.ABSENCE, RuleId("@kind"), 1, Severity.WARNING, AlertStatus.OPEN,
        Subject(HALL, window=WindowId("@place")), Interval(BEGIN, BEGIN + timedelta(seconds=600)),
        BEGIN + timedelta(seconds=180), _reason("absence.found"), 3, (CameraId("cam-0000"),),
    )  # fmt: skip
    wire = to_wire(made) | {"status": "@status", "kind": "@kind", "opened_at": "@opened"}
    wire["interval"] = {"start": "@start", "end": "@end"}
    text = _quoted(json.dumps(wire, ensure_ascii=False))
    moments = {
        "@start": "start_us",
        "@end": f"start_us + {600 * SECOND}",
        "@opened": f"start_us + {180 * SECOND}",
    }
    values = {"@id": "id", "@kind": "kind", "@place": "place", "@status": "status"}
    values |= {name: _moment(database, of) for name, of in moments.items()}
    for name, value in values.items():
        text = f"replace({text}, '{name}', {value})"
    return text


def _moment(database: Database, microseconds: str) -> str:
    """SQL for a time as the product's JSON has it."""
    if database.url.startswith("sqlite"):
        return f"strftime('%Y-%m-%dT%H:%M:%SZ', ({microseconds}) / {SECOND}, 'unixepoch')"
    seconds = f"to_timestamp(({microseconds}) / {SECOND})"
    return f"to_char({seconds} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"


def _flip(revision: int, act: str) -> str:
    actor = Actor.EVALUATOR if revision == 1 else Actor.OFFICER
    flip = Flip(
        AlertId("ALERT"), revision, BEGIN, None if revision == 1 else AlertStatus.OPEN, AlertStatus.OPEN,
        Severity.WARNING, actor, "li", _reason(f"officer.{act}"),
    )  # fmt: skip
    return json.dumps(to_wire(flip), ensure_ascii=False)


def _reason(key: str) -> Reason:
    return Reason(
        key,
        {"window": "12", "minutes": "5"},
        "12号窗口应有人在岗，5分钟无人",
        "Nobody at window 12 for 5 minutes",
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
