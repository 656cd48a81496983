"""The provider of single sign-on: what it says of itself, its keys, and the exchange of a code for a token.

What it says is kept for an hour, its keys until a token names one that is not among them. A provider that
hangs holds up a few log-ins for a bounded time, and nothing else.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.access.sign_on_failure import SignOnFailed, SignOnFault
from hall.config.access import OidcSettings
from hall.secrets import filled_in

KNOWN_SECONDS = 3600.0
KEYS_AGAIN_SECONDS = 30.0
"""A token with an unknown key makes the keys be fetched anew, but not more often than this."""
LARGEST_ANSWER = 1 << 20
AT_ONCE = 8
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider is asked for what."""

    authorization: str
    token: str
    keys: str
    end_session: str | None


@dataclass
class _Known:
    endpoints: Endpoints
    at: float
    keys: KeySet | None = None
    keys_at: float = 0.0


@dataclass
class Providers:
    """What the console process has learnt of its provider."""

    _known: dict[str, _Known] = field(default_factory=dict)
    _turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    def endpoints(self, settings: OidcSettings, now: float) -> Endpoints:
        """Where the provider is asked for what; `now` is monotonic. Raises SignOnFailed."""
        return self._of(settings, now).endpoints

    def keys(self, settings: OidcSettings, now: float, *, is_unknown: bool = False) -> KeySet:
        """The provider's keys; asked for anew when one `is_unknown`. Raises SignOnFailed."""
        known = self._of(settings, now)
        if known.keys is None or (is_unknown and now - known.keys_at >= KEYS_AGAIN_SECONDS):
            try:
                known.keys = KeySet.import_key_set(cast(Any, self._json(settings, known.endpoints.keys)))
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise SignOnFailed(SignOnFault.UNREACHABLE, f"its keys cannot be read: {error}") from error
            known.keys_at = now
        return known.keys

    def id_token(self, settings: OidcSettings, now: float, code: str, verifier: str, redirect: str) -> str:
        """The ID token for a code. Raises SignOnFailed."""
        form = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=redirect,
            code_verifier=verifier,
            client_id=settings.client_id if settings.client_secret is None else None,
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        request = httpx.Request("POST", self.endpoints(settings, now).token, headers=headers, content=form)
        status, told = self._answer(settings, request, _credentials(settings))
        if status != 200 or not isinstance(told.get("id_token"), str):
            raise SignOnFailed(SignOnFault.INVALID, f"the code was refused: {told.get('error')}")
        return cast(str, told["id_token"])

    def _of(self, settings: OidcSettings, now: float) -> _Known:
        known = self._known.get(settings.issuer)
        if known is None or now - known.at > KNOWN_SECONDS:
            told = self._json(settings, settings.issuer.rstrip("/") + DISCOVERY)
            known = _Known(_endpoints(told, settings), now)
            self._known[settings.issuer] = known
        return known

    def _json(self, settings: OidcSettings, url: str) -> Mapping[str, Any]:
        status, told = self._answer(settings, httpx.Request("GET", url), None)
        if status != 200:
            raise SignOnFailed(SignOnFault.UNREACHABLE, f"{url} answers {status}")
        return told

    def _answer(
        self, settings: OidcSettings, request: httpx.Request, credentials: httpx.Auth | None
    ) -> tuple[int, Mapping[str, Any]]:
        """Status and JSON object of an answer. Raises SignOnFailed."""
        url = request.url
        with self._turn(settings), httpx.Client(timeout=settings.timeout_seconds) as client:
            request.extensions = {"timeout": client.timeout.as_dict()}
            try:
                answer = client.send(request, auth=credentials, stream=True)
                content = b""
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > LARGEST_ANSWER:
                        raise SignOnFailed(SignOnFault.UNREACHABLE, f"{url} answers without end")
                told = json.loads(content)
            except (httpx.HTTPError, ValueError) as error:
                raise SignOnFailed(SignOnFault.UNREACHABLE, f"{url}: {error!r}") from error
        if not isinstance(told, dict):
            raise SignOnFailed(SignOnFault.UNREACHABLE, f"{url} answers something else")
        return answer.status_code, told

    @contextmanager
    def _turn(self, settings: OidcSettings) -> Generator[None]:
        """Only so many ask at once: others wait no longer than one answer may take."""
        if not self._turns.acquire(timeout=settings.timeout_seconds):
            raise SignOnFailed(SignOnFault.UNREACHABLE, "too many wait for it")
        try:
            yield
        finally:
            self._turns.release()


def _credentials(settings: OidcSettings) -> httpx.Auth | None:
    """How this console proves who it is (RFC 6749, section 2.3.1). Raises SignOnFailed without its secret."""
    if settings.client_secret is None:
        return None
    secret = filled_in(
        settings.client_secret, os.environ, lambda words: SignOnFailed(SignOnFault.UNREACHABLE, words)
    )
    return httpx.BasicAuth(quote(settings.client_id, safe=""), quote(secret, safe=""))


def _endpoints(told: Mapping[str, Any], settings: OidcSettings) -> Endpoints:
    """Raises SignOnFailed for a provider that is another one, or asks for secrets in the clear."""
    if told.get("issuer") != settings.issuer:
        raise SignOnFailed(SignOnFault.UNREACHABLE, f"it calls itself {told.get('issuer')!r}")
    is_clear = urlsplit(settings.issuer).scheme == "http"  # loopback alone, as the settings see to

    def address(name: str) -> str:
        found = told.get(name)
        if not isinstance(found, str) or not found.startswith(
            ("https://", "http://" if is_clear else "https://")
        ):
            raise SignOnFailed(SignOnFault.UNREACHABLE, f"its {name} is no safe address")
        return found

    end_session = address("end_session_endpoint") if "end_session_endpoint" in told else None
    return Endpoints(
        address("authorization_endpoint"), address("token_endpoint"), address("jwks_uri"), end_session
    )
