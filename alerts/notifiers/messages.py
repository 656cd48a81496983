"""What a person is told of a flip, in Chinese or English: short enough for a phone, and without any markup.

Names come from the configuration, and texts from queue systems and officers: all of it is put on one line and
stripped of what cannot be printed, so that nothing told can end a line, a header or a quotation. Channels
send plain text; what a channel would still read as its own language it escapes itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from alerts.notifiers.terms import COUNTED, FOLLOWED, HAPPENED, KINDS, SEVERITIES, SEVERITY_ORDER
from alerts.wording import length_en, length_zh
from hall.config import Configuration, HallSettings
from hall.config.notifiers import Language, Written
from hall.finding import Alert, AlertStatus, Flip, Subject
from hall.names import NotifierId

MOST_LINES = 8
"""Flips that a digest shows, the most serious first; the rest is counted."""
LONGEST_LINE = 300
"""Characters of one line."""
Told = tuple[Alert, Flip]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: a heading, a few lines, and where to look.

    The same flips give the same `key`, so that who gets it again can tell. `thread` is the alert that it is
    about, None for several. `values` are what a template may hold in place of the text.
    """

    key: str
    at: datetime
    heading: str
    lines: tuple[str, ...]
    values: Mapping[str, str]
    link: str | None = None
    thread: str | None = None

    @property
    def text(self) -> str:
        """All of it, a line each."""
        return "\n".join((self.heading, *self.lines, *([self.link] if self.link else [])))

    def fitting(self, most: int, size: Callable[[str], int] = len) -> str:
        """The text within so many characters (or whatever `size` counts): lines are cut, never the link."""
        lines, link = [self.heading, *self.lines], f"\n{self.link}" if self.link else ""
        room = most - size(link)
        while len(lines) > 1 and size("\n".join(lines)) > room:
            lines.pop()
        text = "\n".join(lines)
        while size(text) > room:
            text = text[:-2] + "…"
        return text + link


class Writer:
    """Writes the messages of one notifier."""

    def __init__(self, configuration: Configuration, settings: Written) -> None:
        """`configuration` gives the names of places, their time zones and the console's address."""
        self._halls = {hall.id: hall for hall in configuration.halls}
        self._console = configuration.site.console.address
        self._is_english = settings.language is Language.EN
        self._prefix = settings.prefix

    def flip(self, alert: Alert, flip: Flip) -> Message:
        """What is told of one flip."""
        told, where = self._told(flip), self._where(alert.subject)
        kind = self._kind(alert)
        return Message(
            key=f"{alert.id}.{flip.revision}",
            at=flip.at,
            heading=self._heading(f"{told}{kind}: {where}" if self._is_english else f"{told}{kind}：{where}"),
            lines=(
                one_line(flip.reason.en if self._is_english else flip.reason.zh),
                self._lasted(alert, flip),
            ),
            values=self._values(alert, flip),
            link=self._link(alert),
            thread=alert.id,
        )

    def digest(self, told: Sequence[Told]) -> Message:
        """What is told of several flips at once: how many of each kind, then those that weigh most."""
        last = told[-1]
        weighty = sorted(told, key=lambda one: -SEVERITY_ORDER.index(one[1].severity))[:MOST_LINES]
        shown = [one for one in told if any(one is other for other in weighty)]
        lines = [self._counts(told), *(self._line(*one) for one in shown)]
        if more := len(told) - len(shown):
            lines.append(f"and {more} more" if self._is_english else f"另有 {more} 条")
        many = f"{len(told)} changes of alerts" if self._is_english else f"告警变更 {len(told)} 条"
        bracketed = f"[Digest] {many}" if self._is_english else f"【汇总】{many}"
        heading = self._heading(bracketed)
        values = self._values(*shown[0]) | {"reason": "; ".join(lines)}
        return Message(
            key=f"{told[0][0].id}.{told[0][1].revision}+{len(told) - 1}.{last[0].id}.{last[1].revision}",
            at=last[1].at,
            heading=heading,
            lines=tuple(lines),
            values=values,
            link=self._link(None),
        )

    def trial(self, notifier: NotifierId, at: datetime) -> Message:
        """A message that says that it is a trial."""
        heading = self._heading("[Trial] Hallwatch" if self._is_english else "【测试】电子监察")
        line = (
            f"Notifier '{notifier}' works. Nothing has happened."
            if self._is_english
            else f"通知渠道“{notifier}”可用。这是一条测试消息，没有告警。"
        )
        values = dict.fromkeys(("status", "severity", "kind", "hall", "subject", "began", "lasted"), "-")
        values |= {"reason": line, "alert": "trial", "revision": "0"}
        values["link"] = self._link(None) or ""
        return Message(
            f"trial.{notifier}.{at:%Y%m%d%H%M%S%f}", at, heading, (line,), values, self._link(None)
        )

    def _heading(self, text: str) -> str:
        return one_line(f"{self._prefix}{text}")

    def _told(self, flip: Flip) -> str:
        """What happened, in brackets: the severity of what opens, else the new status."""
        severity = self._term(SEVERITIES[flip.severity])
        if flip.before is None:
            words = severity
        elif flip.before is flip.after:
            words = f"{severity} · {self._term(FOLLOWED[flip.kind])}"
        else:
            words = self._term(HAPPENED[flip.after])
            if flip.after is AlertStatus.OPEN:
                words = f"{severity} · {words}"
        return f"[{words}] " if self._is_english else f"【{words}】"

    def _line(self, alert: Alert, flip: Flip) -> str:
        """One flip within a digest."""
        hall = self._halls.get(alert.subject.hall)
        reason = flip.reason.en if self._is_english else flip.reason.zh
        place = f"{self._hall_name(alert.subject)}: " if len(self._halls) > 1 else ""
        return one_line(f"{_clock(hall, flip.at)} {self._told(flip)}{place}{reason}", 120)

    def _counts(self, told: Sequence[Told]) -> str:
        counted = []
        for severity in reversed(SEVERITY_ORDER):
            opened = sum(flip.severity is severity and flip.before is None for _, flip in told)
            if opened:
                counted.append(f"{self._term(SEVERITIES[severity])} {opened}")
        ended = sum(flip.before is not None for _, flip in told)
        new, changed = COUNTED
        parts = [f"{self._term(new)} {', '.join(counted)}"] if counted else []
        parts += [f"{self._term(changed)} {ended}"] if ended else []
        return ("; " if self._is_english else "；").join(parts)

    def _lasted(self, alert: Alert, flip: Flip) -> str:
        """Since when, and how long it has been or was."""
        hall, start, end = self._halls.get(alert.subject.hall), alert.interval.start, alert.interval.end
        began, length = _moment(hall, start), (end or max(flip.at, start)) - start
        if end is not None:
            ended = _clock(hall, end)
            if self._is_english:
                return f"{began} to {ended}, {length_en(length)}"
            return f"{began} 至 {ended}，共 {length_zh(length)}"
        if self._is_english:
            return f"Since {began}, {length_en(length)} so far"
        return f"自 {began} 起，已 {length_zh(length)}"

    def _values(self, alert: Alert, flip: Flip) -> dict[str, str]:
        hall, interval = self._halls.get(alert.subject.hall), alert.interval
        length = (interval.end or max(flip.at, interval.start)) - interval.start
        return {
            "reason": one_line(flip.reason.en if self._is_english else flip.reason.zh),
            "status": self._told(flip).strip("[]【】 "),
            "severity": self._term(SEVERITIES[flip.severity]),
            "kind": self._kind(alert),
            "hall": self._hall_name(alert.subject),
            "subject": self._subject(alert.subject),
            "began": _moment(hall, interval.start),
            "lasted": length_en(length) if self._is_english else length_zh(length),
            "link": self._link(alert) or "",
            "alert": alert.id,
            "revision": str(flip.revision),
        }

    def _kind(self, alert: Alert) -> str:
        return self._term(KINDS.get(alert.kind.value, (alert.kind.value, alert.kind.value)))

    def _where(self, subject: Subject) -> str:
        separator = ", " if self._is_english else " "
        name, subject_name = self._hall_name(subject), self._subject(subject)
        return f"{name}{separator}{subject_name}" if subject_name else name

    def _hall_name(self, subject: Subject) -> str:
        hall = self._halls.get(subject.hall)
        return subject.hall if hall is None else one_line(hall.name.en if self._is_english else hall.name.zh)

    def _subject(self, subject: Subject) -> str:
        """The window, ticket, camera or disk by the name that people know; empty for a whole hall."""
        hall = self._halls.get(subject.hall)
        if subject.window is not None:
            window = hall and hall.window(subject.window)
            number = window.number if window else subject.window
            return one_line(f"window {number}" if self._is_english else f"{number}号窗口")
        if subject.ticket_number is not None:
            return one_line(
                f"ticket {subject.ticket_number}" if self._is_english else f"票号 {subject.ticket_number}"
            )
        if subject.camera is not None:
            names = {camera.id: camera.name for camera in hall.cameras} if hall else {}
            name = names.get(subject.camera)
            return one_line(subject.camera if name is None else name.en if self._is_english else name.zh)
        return one_line(subject.disk or "")

    def _link(self, alert: Alert | None) -> str | None:
        if self._console is None:
            return None
        page = f"{self._console.rstrip('/')}/alerts"
        return page if alert is None else f"{page}?alert={quote(alert.id, safe='')}"

    def _term(self, words: tuple[str, str]) -> str:
        return words[1] if self._is_english else words[0]


def one_line(text: str, most: int = LONGEST_LINE) -> str:
    """The text on one line of what can be printed, at most so long."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    joined = " ".join(shown.split())
    return joined if len(joined) <= most else joined[: most - 1] + "…"


def _moment(hall: HallSettings | None, at: datetime) -> str:
    return f"{at.astimezone(_zone(hall)):%Y-%m-%d %H:%M:%S}"


def _clock(hall: HallSettings | None, at: datetime) -> str:
    return f"{at.astimezone(_zone(hall)):%H:%M:%S}"


def _zone(hall: HallSettings | None) -> ZoneInfo:
    return ZoneInfo("UTC") if hall is None else hall.zone_info
