"""Secrets of notifiers: what is hidden of their settings, and whereto a named secret may be sent.

A secret of a notifier is named (`${NAME}`, a file) and read by the role that tells; what stands readable all
the same, a token in an address for instance, is hidden. Who changes a notifier on the console names a secret
without knowing it, so it goes only where it went before: else a variable of the server, or the password of
the mail server, could be sent to whatever host somebody enters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from hall.config.notifiers import NotifierSettings
from hall.errors import Problem
from hall.secrets import PLACE

MARK = "•••"
PREFIX = "NOTIFIER_"
"""Begins the variables that may be named on the console without being known from hall.yaml."""
FILES = ("secret_file", "password_file")

_SECRET_NAME = r"(?:password|passwd|pass|pwd|token|key|secret|auth|sign)"
_IN_ADDRESS = re.compile(
    rf"(?:(?<=[?&;/_]){_SECRET_NAME}=(?P<named>[^&;#]+))"
    r"|(?:(?<=/)(?P<segment>(?=[^/?#]*[0-9])[A-Za-z0-9_-]{20,})(?=[/?#]|$))",
    flags=re.IGNORECASE,
)
"""A value that is called a secret, and a part of the path that no person would write."""
_IN_BODY = re.compile(
    rf"(?:^|[^A-Za-z])[\w.-]*{_SECRET_NAME}[\w.-]*[\"']?\s*[:=>]\s*[\"']?(?!\$?\{{)(?P<named>[^\"'&,}}\s<]+)",
    flags=re.IGNORECASE,
)
_SECRET_OPTION = re.compile(_SECRET_NAME, flags=re.IGNORECASE)
_AUTHORITY = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", flags=re.IGNORECASE)

Members = Mapping[str, object]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A named secret, the field that names it, and the host to which it goes (of a plug-in: its name)."""

    secret: str
    field: str
    host: str


def redacted(notifier: Members) -> dict[str, object]:
    """The settings of a notifier with the mark in the place of every secret that stands readable."""
    return {
        name: _each(told, (name,), lambda text, path: _hidden(text, path)[0])
        for name, told in notifier.items()
    }


def restored(told: Members, kept: Members) -> tuple[dict[str, object], list[Problem]]:
    """The settings that are meant where marks stand, and what cannot be meant, by its field.

    A mark means the secret that is kept in the same field, as long as that still goes to the same host.
    """
    faults: list[Problem] = []

    def meant(text: str, path: Path) -> str:
        if MARK not in text:
            return text
        known = _at(kept, path)
        secrets = _hidden(known, path)[1] if isinstance(known, str) else ()
        pieces = text.split(MARK)
        if len(secrets) != len(pieces) - 1 or _host(told, path) != _host(kept, path):
            faults.append(
                Problem(_dotted(path), None, "write the secret again: none is kept for this receiver")
            )
            return text
        return "".join(piece + secret for piece, secret in zip(pieces, (*secrets, ""), strict=True))

    return {name: _each(value, (name,), meant) for name, value in told.items()}, faults


def misplaced(before: Iterable[NotifierSettings], made: NotifierSettings) -> list[Problem]:
    """The secrets that a changed notifier names and may not send to where it leads."""
    known: dict[str, set[str]] = {}
    for notifier in before:
        for sent in _sent(notifier):
            known.setdefault(sent.secret, set()).add(sent.host)
    faults = []
    for sent in _sent(made):
        hosts = known.get(sent.secret)
        if hosts is not None and sent.host not in hosts:
            told = f"{sent.secret} is for {', '.join(sorted(hosts))}, and is not sent to another receiver"
        elif hosts is None and sent.secret.startswith("/"):
            told = "the file of a secret is named in hall.yaml only"
        elif hosts is None and not sent.secret.startswith(PREFIX):
            told = f"name a variable that begins with {PREFIX}: others are named in hall.yaml only"
        else:
            continue
        faults.append(Problem(sent.field, None, told))
    return faults


def _sent(notifier: NotifierSettings) -> Iterator[Sent]:
    """Every secret that a notifier names."""
    found: list[Sent] = []
    content = notifier.model_dump(mode="json")

    def look(text: str, path: Path) -> str:
        named = [text] if path[-1] in FILES else PLACE.findall(text)
        found.extend(Sent(secret, _dotted(path), _host(content, path)) for secret in named)
        return text

    for name, told in content.items():
        _each(told, (name,), look)
    yield from found


def _each(told: object, path: Path, make: Callable[[str, Path], str]) -> object:
    """The same content with each of its texts made anew."""
    if isinstance(told, str):
        return make(told, path)
    if isinstance(told, Mapping):
        return {name: _each(value, (*path, str(name)), make) for name, value in told.items()}
    return told


def _hidden(text: str, path: Path) -> tuple[str, tuple[str, ...]]:
    """A text of the settings as it may be shown, and the secrets that are hidden in it, in their order."""
    if path[0] == "options":
        is_secret = bool(_SECRET_OPTION.search(path[-1])) and bool(text) and not PLACE.search(text)
        return (MARK, (text,)) if is_secret else (text, ())
    if path[-1] == "url":
        begin = _AUTHORITY.match(text)
        return _taken_out(text, _IN_ADDRESS, begin.end() if begin else 0)
    return _taken_out(text, _IN_BODY, 0) if path[-1] == "body" else (text, ())


def _taken_out(text: str, pattern: re.Pattern[str], begin: int) -> tuple[str, tuple[str, ...]]:
    shown, at, secrets = text[:begin], begin, []
    for match in pattern.finditer(text, begin):
        name = match.lastgroup or 0
        if "{" in match.group(name):
            continue  # a named secret, or what is filled in of the message
        secrets.append(match.group(name))
        shown += text[at : match.start(name)] + MARK
        at = match.end(name)
    return shown + text[at:], tuple(secrets)


def _host(content: Members, path: Path) -> str:
    """Whereto a text of the settings is sent: scheme and host, of a plug-in its name."""
    if path[0] == "proxy":
        return _host_of(content.get("proxy"))
    if path[0] == "calls":
        return _host_of(_at(content, (*path[:2], "url")))
    if content.get("kind") == "email":
        return f"{'smtp' if content.get('security') == 'none' else 'smtps'}://{content.get('host')}"
    return str(content.get("plugin")) if content.get("kind") == "foreign" else _host_of(content.get("url"))


def _host_of(address: object) -> str:
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
        return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"
    except ValueError:
        return ""


def _at(content: object, path: Path) -> object:
    for name in path:
        content = content.get(name) if isinstance(content, Mapping) else None
    return content


def _dotted(path: Path) -> str:
    return ".".join(path)
