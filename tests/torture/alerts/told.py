"""Whether real receivers heard every flip: at least once, the same each time, and in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hall.finding import Flip, FlipKind
from tests.torture.alerts.alerts_hall import AlertsHall

Key = tuple[str, int]
"""Alert and revision: by this a receiver tells what it has heard already."""


@dataclass
class Told:
    """What channels heard. `repeated` messages are no fault: they can be told apart and left out."""

    messages: int = 0
    repeated: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        """All of them."""
        return [*self.lost, *self.doubled, *self.wrong]


def told(hall: AlertsHall) -> Told:
    """Hold what was received against the journal. Everything has been delivered."""
    flips = [flip for _, flip in hall.flips()]
    found = Told()
    channels: Mapping[str, Sequence[tuple[Key, object]]] = {
        "hook": [(message.flip, message.content) for message in hall.web.at("/takes/hook")],
        "mail": list(_mails(hall)),
    }
    for channel, heard in channels.items():
        found.messages += len(heard)
        compare(channel, heard, flips, found)
    return found


def _mails(hall: AlertsHall) -> Iterable[tuple[Key, object]]:
    for mail in list(hall.mail.taken):
        alert, _, revision = str(mail.content["X-Hallwatch-Message"]).rpartition(".")
        yield (alert, int(revision)), (mail.content["Message-ID"], mail.content["Subject"], mail.text)


def compare(channel: str, heard: Sequence[tuple[Key, object]], flips: Sequence[Flip], found: Told) -> None:
    """Comments stay among officers; everything else is told, once after what repeats is left out."""
    expected = [(flip.alert, flip.revision) for flip in flips if flip.kind is not FlipKind.COMMENT]
    first: dict[Key, object] = {}
    for key, content in heard:
        if key not in first:
            first[key] = content
            continue
        found.repeated += 1
        if first[key] != content:
            found.doubled.append(f"doubled: {channel} heard of {key} in two ways: {first[key]} and {content}")
    found.lost += [f"lost: {channel} never heard of {key}" for key in expected if key not in first]
    known = set(expected)
    found.doubled += [
        f"doubled: {channel} heard of {key}, which nobody was to hear" for key in first if key not in known
    ]
    order = [key for key in first if key in known]
    if order != [key for key in expected if key in first]:
        found.wrong.append(f"wrong: {channel} heard the flips in another order than they happened")
