"""Secrets of notifiers: what is hidden of their settings, and whereto a named secret may be sent.

A secret of a notifier is named (`${NAME}`, a file) and read by the role that tells; what stands readable all
the same, a token in an address for instance, is hidden. Who changes a notifier on the console names a secret
without knowing it, so it goes only where it went before: else a variable of the server, or the password of
the mail server, could be sent to whatever host somebody enters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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


@dataclass(frozen=True, slots=True)
class Sent:
    """A named secret, the field that names it, and the host to which it goes (of a plug-in: its name)."""

    secret: str
    field: str
    host: str


def redacted(notifier: Members) -> dict[str, object]:
    """The settings of a notifier with the mark in the place of every secret that stands readable."""
    return {name: _mapped(name, told, lambda text, kind: _hidden(text, kind)[0]) for name, told in notifier.items()}


def restored(told: Members, kept: Members) -> tuple[dict[str, object], list[Problem]]:
    """The settings that are meant where marks stand, and what cannot be meant.

    A mark means the secret that is kept in the same field, and only as long as it goes to the same host.
    """
    faults: list[Problem] = []
    made = {name: _restored(name, value, kept.get(name), _moved(told, kept), faults) for name, value in told.items()}
    return made, faults


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
            told = f"{sent.secret} is known to {', '.join(sorted(hosts))} and is not sent to another"
            faults.append(Problem(sent.field, None, told))
        elif hosts is None and sent.secret.startswith("/"):
            faults.append(Problem(sent.field, None, "the file of a secret is named in hall.yaml only"))
        elif hosts is None and not sent.secret.startswith(PREFIX):
            told = f"name a variable that begins with {PREFIX}; others are named in hall.yaml only"
            faults.append(Problem(sent.field, None, told))
    return faults
