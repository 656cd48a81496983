"""A small provider of OpenID Connect: RS256 tokens, PKCE and client secrets checked, faults on demand."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "hallwatch", "a secret/of the client"
HANGS_SECONDS = 1.5


@dataclass
class Provider:
    """What the provider does, as tests set it. `claims` are put over those that are right."""

    now: Callable[[], datetime]
    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signs_with: RSAKey | None = None
    """Another key than the one that it publishes."""
    header: dict[str, str] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    claims: dict[str, object] = field(default_factory=dict)
    hangs: bool = False
    refuses: str = ""
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes after somebody has logged in at the provider."""
        back = {"state": query["state"], "iss": self.url}
        if self.refuses:
            back["error"] = self.refuses
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = query
            back["code"] = code
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, object]:
        """The tokens for a code, or what is wrong."""
        user, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        begun = self.codes.pop(form.get("code", ""), None)
        if (unquote(user), unquote(password)) != (CLIENT, SECRET):
            return {"error": "invalid_client"}
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if (
            begun is None
            or (begun["code_challenge_method"], begun["code_challenge"]) != ("S256", challenge)
            or begun["redirect_uri"] != form.get("redirect_uri")
        ):
            return {"error": "invalid_grant"}
        at = int(self.now().timestamp())
        right: dict[str, object] = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "0815",
            "iat": at,
            "exp": at + 300,
            "nonce": begun["nonce"],
            "preferred_username": "chen",
            "groups": ["staff", "hall-officers"],
        }
        claims = {name: value for name, value in {**right, **self.claims}.items() if value is not None}
        signed = jwt.encode(self.header, claims, self.signs_with or self.key, algorithms=["RS256", "none"])
        return {"access_token": "t", "token_type": "Bearer", "id_token": signed}

    def document(self, path: str) -> dict[str, object]:
        """Discovery, or the keys."""
        if path == "/jwks":
            return {"keys": [self.key.as_dict(private=False)]}
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/end",
        }


@contextmanager
def running(now: Callable[[], datetime]) -> Iterator[Provider]:
    """The provider on a port of loopback."""
    provider = Provider(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if parts.path == "/authorize":
                self._answer(302, b"", provider.authorize(dict(parse_qsl(parts.query))))
            elif parts.path == "/end":
                self._answer(200, b"<p>You are logged out</p>")
            else:
                self._answer(200, json.dumps(provider.document(parts.path)).encode())

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            length = int(self.headers["Content-Length"])
            form = {name: value for name, (value, *_) in parse_qs(self.rfile.read(length).decode()).items()}
            told = provider.token(form, self.headers.get("Authorization", ""))
            self._answer(400 if "error" in told else 200, json.dumps(told).encode())

        def _answer(self, status: int, body: bytes, location: str = "") -> None:
            if provider.hangs:
                time.sleep(HANGS_SECONDS)
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Type", "application/json" if body[:1] == b"{" else "text/html")
            self.send_header("Content-Length", str(len(body)))
            with suppress(ConnectionError):  # who asked may have given up
                self.end_headers()
                self.wfile.write(body)

        def log_request(self, *_of: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="provider")
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
