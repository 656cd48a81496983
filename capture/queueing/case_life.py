"""From the events of one serial number to its case. Pure.

Events about a case come from another system than tickets, often days late and not in order. So none is
refused for coming before another; only a second acceptance is, which would begin the limits anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from capture.queueing.ticket_life import in_order
from hall.case import Case, Extension
from hall.errors import EventRefused
from hall.interval import Interval
from hall.queueing import QueueEvent, QueueEventType

Type = QueueEventType

CASE_EVENTS = frozenset(
    {Type.CASE_ACCEPTED, Type.CASE_SUSPENDED, Type.CASE_RESUMED, Type.CASE_EXTENDED, Type.CASE_CLOSED}
)

MOST_EXTENDED = 1000
"""Working days in all: more than any law allows, so it can only be a mistake."""


def read_case(events: Sequence[QueueEvent], newest: QueueEvent) -> Case | None:
    """The case that the events of a serial number tell, or None before its acceptance is told.

    What happened before the acceptance or after the close changes nothing; nor does suspending what is
    suspended or resuming what runs. Raises EventRefused when it was accepted twice, or extended without end.
    """
    told = in_order(events)
    accepted = [event for event in told if event.type is Type.CASE_ACCEPTED]
    if not accepted:
        return None
    if len(accepted) > 1:
        other = next(event for event in accepted if event.id != newest.id)
        raise EventRefused("serial", f"'{other.serial}' was accepted already at {other.at}")
    (first,) = accepted
    case = Case(
        hall=first.hall,
        serial=str(first.serial),
        item=first.item,
        accepted_at=first.at,
        window=first.window,
        staff=first.staff,
    )
    for event in told:
        if event.at >= first.at and event is not first and case.closed_at is None:
            case = _after(case, event)
    return case


def _after(case: Case, event: QueueEvent) -> Case:
    if event.type is Type.CASE_EXTENDED:
        extended = case.extended_days + (event.days or 0)
        if extended > MOST_EXTENDED:
            raise EventRefused(
                "days", f"would extend '{case.serial}' by more than {MOST_EXTENDED} working days"
            )
        decided = Extension(event.at, event.days or 0)
        return replace(case, extended_days=extended, extensions=(*case.extensions, decided))
    if event.type is Type.CASE_CLOSED:
        return replace(case, suspended=_resumed(case, event.at), closed_at=event.at)
    if event.type is Type.CASE_RESUMED:
        return replace(case, suspended=_resumed(case, event.at))
    if case.suspension is not None:
        return case
    return replace(case, suspended=(*case.suspended, Interval(event.at)))


def _resumed(case: Case, at: datetime) -> tuple[Interval, ...]:
    if case.suspension is None:
        return case.suspended
    return (*case.suspended[:-1], case.suspension.closed(at))
