"""What a rule is about: whether its scope names a subject, and which part of the subject's facts."""

from __future__ import annotations

from dataclasses import replace

from alerts.facts import Facts, HallOutage, Outage, Post, Voices, Wait, WaitingArea
from alerts.matter_facts import CaseFile, Service
from hall.config import HallSettings
from hall.names import WindowId
from hall.rule import Names, Rule


def scoped(rule: Rule, facts: Facts) -> Facts | None:
    """The facts that the rule is about, or None when it is about nothing of the subject.

    Of a hall's waiting zones, and of its cameras together, those of its cameras; of a transaction the periods
    of its steps; else all.
    """
    if not rule.scope.keys and rule.exempt is None:
        return facts
    if isinstance(facts, WaitingArea):
        sights = tuple(sight for sight in facts.sights if rule.is_about({"cameras": {sight.camera}}))
        return replace(facts, sights=sights) if sights else None
    if isinstance(facts, HallOutage):
        return _of_cameras(rule, facts)
    names = names_of(facts)
    if isinstance(facts, Outage) and facts.among is not None and rule.is_about(names):
        return replace(facts, among=_of_cameras(rule, facts.among))
    if isinstance(facts, Service):
        about = tuple(each for each in facts.periods if rule.is_about({**names, "steps": {each.step}}))
        return replace(facts, periods=about) if about else None
    return facts if rule.is_about(names) else None


def _of_cameras(rule: Rule, together: HallOutage) -> HallOutage | None:
    """The cameras of a hall that the rule is about: what others do is nothing to it."""
    about = tuple(one for one in together.all_cameras if rule.is_about(names_of(one)))
    return HallOutage(together.hall, about) if about else None


def names_of(facts: Facts) -> Names:
    """What a scope may call a subject by."""
    match facts:
        case Post():
            return {
                "windows": {facts.window.id},
                "units": {facts.window.unit},
                "cameras": frozenset(facts.cameras),
            }
        case Wait():
            return _names(facts.hall, facts.ticket.window, facts.ticket.item)
        case Service():
            return _names(facts.hall, facts.transaction.window, facts.transaction.item)
        case CaseFile():
            return _names(facts.hall, facts.case.window, facts.case.item)
        case Outage():
            return {"cameras": {facts.camera.id}}
        case Voices():
            return {**_names(facts.hall, facts.subject.window, None), "cameras": frozenset(facts.cameras)}
    return {}


def _names(hall: HallSettings, window: WindowId | None, item: str | None) -> Names:
    known = hall.window(window) if window is not None else None
    return {
        "windows": {window} if window is not None else frozenset(),
        "units": {known.unit} if known is not None else frozenset(),
        "items": {item} if item is not None else frozenset(),
    }
