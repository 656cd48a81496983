"""Who we are, in the form that the camera asks for: Digest (RFC 7616, RFC 2617) or Basic (RFC 7617)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MOST_CHALLENGES = 16
_SCHEME = re.compile(r"(?:^|,)\s*(Digest|Basic)(?=\s|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_STRENGTH = ("sha-256", "sha-256-sess", "md5", "md5-sess")
"""What Digest may hash with, the best first."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in which the camera lets us say who we are."""

    scheme: str
    parameters: Mapping[str, str]

    @property
    def algorithm(self) -> str:
        """Lower-case; MD5 where the camera says nothing."""
        return self.parameters.get("algorithm", "MD5").lower()

    @property
    def is_stale(self) -> bool:
        """True when only the nonce was too old."""
        return self.parameters.get("stale", "").lower() == "true"


def challenges(headers: Sequence[str]) -> list[Challenge]:
    """What stands in the WWW-Authenticate headers, of the kinds that are known here, the best first."""
    found: list[Challenge] = []
    for header in headers[:MOST_CHALLENGES]:
        starts = [*_SCHEME.finditer(header)][:MOST_CHALLENGES]
        ends = [*(match.start() for match in starts[1:]), len(header)]
        for match, end in zip(starts, ends, strict=False):
            parameters = {
                name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain
                for name, quoted, plain in _PARAMETER.findall(header[match.end() : end])
            }
            found.append(Challenge(match[1].lower(), parameters))
    return sorted(filter(_is_known, found), key=_rank)


def _is_known(challenge: Challenge) -> bool:
    if challenge.scheme == "basic":
        return True
    asked = challenge.parameters.get("qop", "auth")
    return (
        challenge.algorithm in _STRENGTH
        and "nonce" in challenge.parameters
        and "auth" in [word.strip().lower() for word in asked.split(",")]
    )


def _rank(challenge: Challenge) -> int:
    return _STRENGTH.index(challenge.algorithm) if challenge.scheme == "digest" else len(_STRENGTH)


class Authorization:
    """Answers a camera's challenges for one user."""

    def __init__(
        self, user: str, password: str, new_nonce: Callable[[], str] = lambda: secrets.token_hex(8)
    ) -> None:
        self._user, self._password = user, password
        self._new_nonce = new_nonce
        self._challenge: Challenge | None = None
        self._count = 0

    def take(self, headers: Sequence[str]) -> Challenge | None:
        """Note what a 401 asks for; None when nothing of it is known here."""
        known = challenges(headers)
        self._challenge = known[0] if known else None
        self._count = 0
        return self._challenge

    def header(self, method: str, url: str) -> str | None:
        """The value of the Authorization header of a request; None while the camera did not ask."""
        challenge = self._challenge
        if challenge is None:
            return None
        if challenge.scheme == "basic":
            pair = f"{self._user}:{self._password}".encode()
            return f"Basic {base64.b64encode(pair).decode()}"
        return self._digest(challenge, method, url)

    def _digest(self, challenge: Challenge, method: str, url: str) -> str:
        given = challenge.parameters
        realm, nonce = given.get("realm", ""), given["nonce"]
        own, self._count = self._new_nonce(), self._count + 1
        count = f"{self._count:08x}"

        def digest(text: str) -> str:
            if challenge.algorithm.startswith("sha-256"):
                return hashlib.sha256(text.encode()).hexdigest()
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        secret = digest(f"{self._user}:{realm}:{self._password}")
        if challenge.algorithm.endswith("-sess"):
            secret = digest(f"{secret}:{nonce}:{own}")
        action = digest(f"{method}:{url}")
        parts = [f"username={_quoted(self._user)}", f"realm={_quoted(realm)}", f"nonce={_quoted(nonce)}"]
        parts.append(f"uri={_quoted(url)}")
        if "qop" in given:
            parts += [f"qop=auth, nc={count}, cnonce={_quoted(own)}"]
            answer = digest(f"{secret}:{nonce}:{count}:{own}:auth:{action}")
        else:
            answer = digest(f"{secret}:{nonce}:{action}")
            if challenge.algorithm.endswith("-sess"):
                parts.append(f"cnonce={_quoted(own)}")
        parts.append(f'response="{answer}"')
        if "algorithm" in given:
            parts.append(f"algorithm={given['algorithm']}")
        if "opaque" in given:
            parts.append(f"opaque={_quoted(given['opaque'])}")
        return "Digest " + ", ".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "")
    return f'"{escaped}"'
