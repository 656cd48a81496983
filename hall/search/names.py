"""The names of a site, and which of them a word may mean: windows, units, staff, items, kinds of alerts.

Names live in the configuration; rows of the store have identifiers alone. A word means a name in which it
stands (Chinese, two characters or more; one for staff, who are called by their surname) or one of whose words
begins with it (English). Where it is the whole of a name or of a number, it means nothing else of that kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hall.config import HallSettings
from hall.finding import AlertKind
from hall.place import Text
from hall.search.asked import Condition, Sense, SenseKind
from hall.search.words import folded, has_han

LEAST_LATIN = 2
"""Letters of an English name that tell something."""
LEAST_HAN = {SenseKind.STAFF: 1}


@dataclass(frozen=True, slots=True)
class Name:
    """One thing that has a name: what fits it, its name in both languages, and what else it is called by."""

    kind: SenseKind
    name: Text
    condition: Condition
    value: str
    """Its identifier, as filters take it."""
    label: str
    """What stands on its sign, where it has one."""
    wholes: frozenset[str]
    zh: str
    en: tuple[str, ...]

    def is_whole(self, word: str) -> bool:
        """Whether the word is all of a name, number or identifier of it."""
        return word in self.wholes

    def holds(self, word: str) -> bool:
        """Whether the word is a part of a name of it."""
        if has_han(word):
            return len(word) >= LEAST_HAN.get(self.kind, 2) and word in self.zh
        return (
            len(word) >= LEAST_LATIN and not word.isdigit() and any(one.startswith(word) for one in self.en)
        )


class Names:
    """The names of some halls, and what kinds of alerts are called in Chinese and English."""

    def __init__(self, halls: Sequence[HallSettings], kinds: Mapping[str, tuple[str, str]]) -> None:
        self.all = tuple(_distinct((*_names(halls), *_kind_names(kinds))))

    def senses(self, word: str) -> tuple[Sense, ...]:
        """What a folded word may mean, by kind."""
        senses = []
        for kind in SenseKind:
            found = self._of(kind, word)
            if found:
                senses.append(Sense(kind, _any(found), tuple(dict.fromkeys(one.name for one in found))))
        return tuple(senses)

    def beginning(self, word: str, limit: int) -> list[Name]:
        """Names that somebody who has typed so much may want, at most `limit` of each kind."""
        return [one for kind in SenseKind for one in self._of(kind, word)[:limit]]

    def window(self, number: str) -> Sense | None:
        """The window, in any of the halls, with this number on its sign."""
        found = [one for one in self.all if one.kind is SenseKind.WINDOW and number in one.wholes]
        return Sense(SenseKind.WINDOW, _any(found), tuple(one.name for one in found)) if found else None

    def longest_in(self, text: str) -> str | None:
        """The longest Chinese name that stands somewhere in a text, with at least two characters."""
        held = [one.zh for one in self.all if len(one.zh) > 1 and has_han(one.zh) and one.zh in text]
        return max(held, key=len, default=None)

    def _of(self, kind: SenseKind, word: str) -> list[Name]:
        own = [one for one in self.all if one.kind is kind]
        return [one for one in own if one.is_whole(word)] or [one for one in own if one.holds(word)]


def _any(names: Iterable[Name]) -> Condition:
    """What fits any of the names, which are of one kind."""
    conditions = [one.condition for one in names]
    first = conditions[0]
    if first.windows is not None:
        return Condition(windows=frozenset().union(*(one.windows or () for one in conditions)))
    if first.staff is not None:
        return Condition(staff=frozenset().union(*(one.staff or () for one in conditions)))
    if first.items is not None:
        return Condition(items=frozenset().union(*(one.items or () for one in conditions)))
    return Condition(kinds=frozenset().union(*(one.kinds or () for one in conditions)))


def _distinct(names: Iterable[Name]) -> Iterator[Name]:
    """Items and kinds that several halls have are named once."""
    seen: set[tuple[SenseKind, str, Text]] = set()
    for one in names:
        key = (one.kind, one.value, one.name)
        if one.kind not in (SenseKind.ITEM, SenseKind.ALERT_KIND) or key not in seen:
            seen.add(key)
            yield one


def _names(halls: Sequence[HallSettings]) -> Iterator[Name]:
    for hall in halls:
        for window in hall.windows:
            windows = Condition(windows=frozenset({(hall.id, window.id)}))
            numbers = (window.number, window.number.lstrip("0") or "0", window.id)
            yield _name(SenseKind.WINDOW, window.name, windows, window.id, *numbers)
        for unit in hall.units:
            posts = frozenset((hall.id, window.id) for window in hall.windows if window.unit == unit.id)
            if posts:
                yield _name(SenseKind.UNIT, unit.name, Condition(windows=posts), unit.id, "", unit.id)
        for person in hall.staff:
            staff = Condition(staff=frozenset({(hall.id, person.id)}))
            yield _name(SenseKind.STAFF, person.name, staff, person.id, "", person.id)
        for item in hall.items:
            items = Condition(items=frozenset({item.id}))
            yield _name(SenseKind.ITEM, item.name, items, item.id, item.id, item.id)


def _kind_names(kinds: Mapping[str, tuple[str, str]]) -> Iterator[Name]:
    for kind, (zh, en) in kinds.items():
        condition = Condition(kinds=frozenset({AlertKind(kind)}))
        yield _name(SenseKind.ALERT_KIND, Text(zh=zh, en=en), condition, kind, "", kind)


def _name(kind: SenseKind, name: Text, condition: Condition, value: str, label: str, *wholes: str) -> Name:
    zh, en = folded(name.zh), folded(name.en)
    # A window's name is often what its unit does, and many have the same: it is a part, never the whole.
    own = () if kind is SenseKind.WINDOW else (zh, en)
    return Name(
        kind=kind,
        name=name,
        condition=condition,
        value=value,
        label=label,
        wholes=frozenset(folded(one) for one in (*own, *wholes) if one),
        zh=zh,
        en=tuple(dict.fromkeys((en, *en.replace("-", " ").split()))),
    )
