"""What somebody who typed a few words may have meant.

Times and windows (`3号窗口`, `window 3`) are taken out of the text wherever they stand; what is left falls
into words, and each word means every name that fits it. All words have to be fitted, each in any of its
senses. Whether a word is a ticket's or a serial number only the store knows: see `Word.may_be_a_number`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

from hall.search.asked import APPLIES, Condition, ResultKind, Sense, SenseKind, Word
from hall.search.names import Names
from hall.search.times import Times, times_in
from hall.search.words import folded, has_han, words_of

MOST_WORDS = 8
MOST_CONDITIONS = 24
LONGEST_PHRASE = 5
"""Words of one English name."""
NOISE = frozenset(
    {
        "窗口",
        "号",
        "票号",
        "编号",
        "办件",
        "的",
        "在",
        "window",
        "ticket",
        "number",
        "no.",
        "at",
        "on",
        "the",
        "by",
    }
)
_WINDOW = re.compile(
    r"(?:窗口\s*(?P<a>[0-9a-z]{1,8})(?![0-9a-z])|(?<![0-9a-z])(?P<b>[0-9a-z]{1,8})\s*号?窗口"
    r"|\bwindow\s*(?:no\.?\s*)?(?P<c>[0-9a-z]{0,7}[0-9])\b|(?<![0-9a-z])(?P<d>\d{1,4})号(?!楼))"
)
_BETWEEN = re.compile(r"[\s,;,、。;]+")


@dataclass(frozen=True, slots=True)
class Understanding:
    """A time, and words each with its senses. `left_out` are those beyond the most that are taken."""

    times: Times | None
    words: tuple[Word, ...]
    left_out: tuple[str, ...] = ()


def understood(text: str, names: Names, now: datetime, zone: ZoneInfo) -> Understanding:
    """What a text may mean; times are on the clocks of `zone`."""
    plain = re.sub(r"(?<=\d)t(?=\d\d:)", " ", folded(text))
    times = times_in(plain, now, zone)
    rest = times.rest if times is not None else plain
    words: list[Word] = []

    def window_of(match: re.Match[str]) -> str:
        number = match["a"] or match["b"] or match["c"] or match["d"]
        sense = names.window(number) or names.window(number.lstrip("0"))
        if sense is None:
            return match[0]
        words.append(Word(match[0].strip(), (sense,)))
        return " "

    rest = _WINDOW.sub(window_of, rest)
    parts = [part for part in _BETWEEN.split(rest) if part and part not in NOISE]
    words += [Word(part, _senses(part, names)) for part in _phrases(parts, names)]
    words = [replace(word, typed=_typed(word.text, text)) for word in words]
    return Understanding(times, tuple(words[:MOST_WORDS]), tuple(word.text for word in words[MOST_WORDS:]))


def _typed(word: str, text: str) -> str:
    """A folded word as it stands in the text."""
    found = re.search(re.escape(word), unicodedata.normalize("NFKC", text), re.IGNORECASE)
    return found[0] if found is not None else word


def _senses(part: str, names: Names) -> tuple[Sense, ...]:
    """The names that a word may mean, and what people may have written about alerts."""
    found = names.senses(part)
    looked_for = words_of(part)
    if not looked_for or part.isdigit():
        return found
    written = Condition(words=tuple(frozenset({word}) for word in sorted(looked_for)))
    return (*found, Sense(SenseKind.TEXT, written))


def _phrases(parts: Sequence[str], names: Names) -> list[str]:
    """The parts, those that are one name together as one, and run-together Chinese names apart."""
    phrases: list[str] = []
    place = 0
    while place < len(parts):
        for length in range(min(LONGEST_PHRASE, len(parts) - place), 1, -1):
            phrase = " ".join(parts[place : place + length])
            if any(one.is_whole(phrase) for one in names.all):
                phrases.append(phrase)
                place += length
                break
        else:
            phrases += _apart(parts[place], names)
            place += 1
    return phrases


def _apart(part: str, names: Names) -> list[str]:
    """`王芳离岗` is two names; a part that means something as it stands stays whole."""
    if not has_han(part) or names.senses(part):
        return [part]
    name = names.longest_in(part)
    if name is None:
        return [part]
    before, _, after = part.partition(name)
    return [piece for rest in (before, name, after) if rest and rest not in NOISE
            for piece in ([rest] if rest == name else _apart(rest, names))]  # fmt: skip


def conditions(kind: ResultKind, words: Sequence[Word], base: Condition) -> list[Condition]:
    """What results of a kind have to fit: one of these; none when no such result can fit every word.

    `base` has to be fitted in any case.
    """
    applies = APPLIES[kind]
    if not base.given <= applies:
        return []
    senses = [[one.condition for one in word.senses if one.condition.given <= applies] for word in words]
    found: dict[Condition, None] = {}
    for chosen in product(*senses):
        condition: Condition | None = base
        for one in chosen:
            condition = condition.narrowed(one) if condition is not None else None
        if condition is not None:
            found[condition] = None
        if len(found) >= MOST_CONDITIONS:
            break
    return list(found)
