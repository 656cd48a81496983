"""Parts of the configuration as they may be shown: a password that stands in an address never leaves.

What comes back with the mark in the place of the password means the one that is kept, as long as the address
leads to the same host: else whoever may change an address could have the password sent anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from hall.config import notifier_secrets
from hall.config.parts import Part
from hall.errors import ConfigurationError, Problem

MARK = "•••"
"""Stands for a password. No address holds it: it is not a character of one."""
ADDRESSES = ("url", "substream")
"""The members of a camera that are addresses."""

_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_NAMED = re.compile(
    r"([?&;/_](?:password|passwd|pass|pwd|token|key|auth|secret)=)(.*?)(?=[&;#/]|_channel=|_stream=|$)",
    flags=re.IGNORECASE,
)
"""Some cameras want their password in the path or the query."""
_USER = re.compile(r"^([a-z][a-z0-9+.-]*://)([^/?#]*)@", flags=re.IGNORECASE)
_BROKEN = re.compile(r"^([a-z][a-z0-9+.-]*://[^:@]*:)(.*)@", flags=re.IGNORECASE)
"""A password with a `/` that is not percent-encoded: no camera takes it, but it is none to show either."""


def redacted(part: Part, value: object) -> object:
    """The content of a part, or of a list of parts, without passwords."""
    if not (_is_camera(part) or _is_notifier(part)):
        return value
    if isinstance(value, list):
        return [redacted(part, each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if _is_notifier(part):
        return notifier_secrets.redacted(value)
    return {
        name: hidden(told) if name in ADDRESSES and isinstance(told, str) else told
        for name, told in value.items()
    }


def hidden(address: str) -> str:
    """An address with the mark in the place of each password that is written out; `${NAME}` stays."""

    def credentials(match: re.Match[str]) -> str:
        user, colon, password = match.group(2).partition(":")
        return f"{match.group(1)}{user}{colon}{_mark(password)}@"

    shown = _USER.sub(credentials, address, count=1)
    if shown == address and not _USER.match(address):
        shown = _BROKEN.sub(lambda match: f"{match.group(1)}{_mark(match.group(2))}@", address, count=1)
    return _NAMED.sub(lambda match: match.group(1) + _mark(match.group(2)), shown)


def with_secrets(part: Part, value: object, kept: object | None) -> object:
    """The content of a part with what is kept in the place of every mark. Raises ConfigurationError."""
    if not (_is_camera(part) or _is_notifier(part)) or not isinstance(value, Mapping):
        return value
    known = kept if isinstance(kept, Mapping) else {}
    made, faults = notifier_secrets.restored(value, known) if _is_notifier(part) else (dict(value), [])
    for name in ADDRESSES if _is_camera(part) else ():
        told = made.get(name)
        if not isinstance(told, str) or MARK not in told:
            continue
        whole = _filled(told, known.get(name))
        if whole is None:
            faults.append(Problem(name, None, "write the password again: none is kept for this address"))
        else:
            made[name] = whole
    if faults:
        raise ConfigurationError(faults, "the change")
    return made


def _is_camera(part: Part) -> bool:
    return part.hall is not None and part.collection == "cameras"


def _is_notifier(part: Part) -> bool:
    return part.hall is None and part.collection == "notifiers"


def _mark(secret: str) -> str:
    return secret if not secret or _REFERENCE.search(secret) else MARK


def _filled(told: str, kept: object) -> str | None:
    """The address that is meant, or None when the kept passwords do not belong to it."""
    if isinstance(kept, str) and told == hidden(kept):
        return kept
    if not isinstance(kept, str) or _host(told) != _host(kept):
        return None
    secrets = {"": _password(kept), **{name.lower(): secret for name, secret in _NAMED.findall(kept)}}

    def credentials(match: re.Match[str]) -> str:
        user, colon, password = match.group(2).partition(":")
        meant = secrets[""] if password == MARK else password
        return f"{match.group(1)}{user}{colon}{meant}@"

    whole = _USER.sub(credentials, told, count=1)
    whole = _NAMED.sub(
        lambda match: (
            match.group(1) + (secrets.get(match.group(1).lower(), "") or MARK)
            if match.group(2) == MARK
            else match.group(0)
        ),
        whole,
    )
    return None if MARK in whole or (":" + MARK in told and not secrets[""]) else whole


def _password(address: str) -> str:
    match = _USER.match(address)
    return match.group(2).partition(":")[2] if match is not None else ""


def _host(address: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(address.replace(MARK, "x"))
        return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()
    except ValueError:
        return None
