"""From a row of somebody else's queue system to the JSON texts of the events that it tells. Pure.

What cannot be mapped is handed on as it stands in the row: the intake refuses it, and names the member. So
one bad row stops nothing, and an operator sees it among the refused events.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

from capture.queueing.posted import event_text
from hall.config import HallSettings
from hall.config.mapping import EventMapping, MemberMapping

_PLACE = re.compile(r"\{([^{}]+)\}")

Row = Mapping[str, object]


def events_of(row: object, mappings: Sequence[EventMapping], hall: HallSettings) -> list[bytes]:
    """The events that a row tells, in the order of the mappings; a row that is no object as it came."""
    if not isinstance(row, Mapping):
        return [event_text(row)]
    told = (_event(row, mapping, hall) for mapping in mappings)
    return [event_text(event) for event in told if event is not None]


def value_at(row: object, path: str) -> object:
    """What stands at a path (`ticket.number`, `events.0.at`); None where nothing does."""
    if isinstance(row, Mapping) and path in row:
        found: object = row[path]
        return found
    for member in path.split("."):
        if isinstance(row, Mapping):
            row = row.get(member)
        elif isinstance(row, list) and member.isdecimal() and int(member) < len(row):
            row = row[int(member)]
        else:
            return None
    return row


def as_text(value: object) -> str | None:
    """A value as the text that it is compared and told as; None for nothing and for blanks."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        number = Decimal(str(value))
        whole = number.is_finite() and number == number.to_integral_value() and abs(number) < 10**18
        return str(int(number)) if whole else str(value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, date):
        return value.isoformat()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.strip() or None


def moment(value: object, time_format: str, zone: ZoneInfo) -> str | None:
    """A time in RFC 3339, UTC; the text itself when it cannot be read as one."""
    text = as_text(value)
    if text is None:
        return None
    try:
        at = value if isinstance(value, datetime) else _read_time(text, time_format)
        return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return text


def _read_time(text: str, time_format: str) -> datetime:
    if time_format == "iso":
        return datetime.fromisoformat(text)
    if time_format in ("unix", "unix_ms"):
        return datetime.fromtimestamp(float(text) / (1000 if time_format == "unix_ms" else 1), UTC)
    return datetime.strptime(text, time_format)  # noqa: DTZ007 - the zone is added by who asks


def _event(row: Row, mapping: EventMapping, hall: HallSettings) -> dict[str, str] | None:
    """The members of one event; None when the row does not tell it."""
    if any(as_text(value_at(row, path)) is None for path in mapping.needs):
        return None
    zone = ZoneInfo(mapping.time_zone) if mapping.time_zone is not None else hall.zone_info
    event: dict[str, str] = {"hall": hall.id}
    for name, source in mapping.members.items():
        found = _found(row, source)
        text = as_text(found)
        if text is not None and text in source.values:
            replaced = source.values[text]
            if replaced is None:
                return None
            text = found = replaced
        if name == "at":
            text = moment(found, mapping.time_format, zone)
        if text is not None:
            event[name] = text
    if "id" not in event:
        event["id"] = f"row-{sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()[:32]}"
    return event


def _found(row: Row, source: MemberMapping) -> object:
    if source.constant is not None:
        return source.constant
    if source.field is not None:
        return value_at(row, source.field)
    texts: list[str] = []

    def filled(match: re.Match[str]) -> str:
        text = as_text(value_at(row, match.group(1)))
        texts.append(text or "")
        return text or ""

    whole = _PLACE.sub(filled, source.template or "")
    return whole if all(texts) else None
