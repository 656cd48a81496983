"""What the windows of a hall did while a visitor waited, in words that he may be shown: in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from alerts.desks import Desk, DeskWork, Work
from alerts.reasons import PAUSES
from hall.config import HallSettings
from hall.interval import Interval

NAMED = 6
"""So many windows are named one by one; of more only their number is told."""
Words = tuple[str, str]
"""In Chinese and in English."""


def windows_meanwhile(
    hall: HallSettings, desks: Sequence[Desk], over: Interval
) -> tuple[Words, dict[str, str]]:
    """How many windows worked over a closed interval, and what the others did: words, and values."""
    if not desks or over.end is None:
        return ("", ""), {}
    works = [(desk, desk.mostly(hall, over)) for desk in sorted(desks, key=lambda desk: desk.window.number)]
    at_work = [desk for desk, work in works if work.work is Work.AT_WORK]
    others = [(desk, work) for desk, work in works if work.work is not Work.AT_WORK]
    values = {"windows": str(len(works)), "windows_at_work": str(len(at_work))}
    zh = f"其间 {len(works)} 个窗口中 {len(at_work)} 个在办"
    en = f"meanwhile {len(at_work)} of {len(works)} windows {'was' if len(at_work) == 1 else 'were'} at work"
    if others:
        told = _named(others) if len(others) <= NAMED else _counted(others)
        zh, en = f"{zh}（{told[0]}）", f"{en} ({told[1]})"
    return (zh, en), values


def _named(others: Sequence[tuple[Desk, DeskWork]]) -> Words:
    each = [(desk.window.number, *_words(work)) for desk, work in others]
    return (
        "，".join(f"{number}号{zh}" for number, zh, _ in each),
        ", ".join(f"window {number} {en}" for number, _, en in each),
    )


def _counted(others: Sequence[tuple[Desk, DeskWork]]) -> Words:
    counts = Counter(_words(work) for _, work in others)
    each = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return (
        "，".join(f"{number} 个{zh}" for (zh, _), number in each),
        ", ".join(f"{number} {en}" for (_, en), number in each),
    )


def _words(work: DeskWork) -> Words:
    if work.work is Work.ON_LEAVE:
        return "因批准的请假关闭", "closed for approved leave"
    if work.work is Work.PAUSED and work.reason is not None:
        zh, en = PAUSES[work.reason]
        return f"暂停（{zh}）", f"paused ({en})"
    return ("暂停", "paused") if work.work is Work.PAUSED else ("关闭", "closed")
