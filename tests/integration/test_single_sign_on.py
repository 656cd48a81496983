"""Single sign-on over real sockets, with a real provider: who comes in, as what, and what is refused."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc.jwk import RSAKey

from console.access.gate import COOKIE
from console.access.passwords import hash_password
from hall.config.access import AccessSettings
from hall.roles import Role
from store import accounts
from tests import oidc_provider
from tests.integration.console_hall import NOW, PASSWORD, USER, YAML, Console, console
from tests.integration.test_accounts import acts, log_in
from tests.integration.test_audit import ask_reasons
from tests.integration.visitors import visiting
from tests.oidc_provider import CLIENT, SECRET, Provider

ACCESS = (
    "{oidc: {issuer: 'ISSUER', client_id: hallwatch, client_secret: '${OIDC_SECRET_OF_TEST}',"
    " timeout_seconds: 0.5, name: {zh: 市政务云, en: City account}, roles: ["
    "{value: hall-officers, role: officer, halls: [h1]}, {value: hall-auditors, role: auditor}]}}"
)
SIGN_ON = "/api/v1/session/oidc"


@dataclass
class Site:
    """A console and its provider."""

    hall: Console
    provider: Provider

    def go(self, client: httpx.Client, then: str = "/alerts") -> httpx.Response:
        """To the provider and back: the console's last answer."""
        away = client.get(SIGN_ON, params={"then": then})
        assert away.status_code == 302, away.text
        if not away.headers["location"].startswith(self.provider.url):
            return away
        back = httpx.get(away.headers["location"], trust_env=False)
        return client.get(back.headers["location"])

    def refused(self, client: httpx.Client) -> str:
        """The word by which a log-in was refused; there is no session."""
        answer = self.go(client)
        assert COOKIE not in client.cookies
        assert client.get("/api/v1/session").status_code == 401
        return fault_of(answer)


def fault_of(answer: httpx.Response) -> str:
    path, _, query = answer.headers["location"].partition("?")
    assert (answer.status_code, path) == (302, "/login")
    return parse_qs(query)["failed"][0]


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """A console that knows a provider."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch, oidc_provider.running(lambda: NOW) as provider:
        patch.setenv("OIDC_SECRET_OF_TEST", SECRET)
        patch.setenv("NO_PROXY", "127.0.0.1")
        own = f"console: {{port: {port}, address: 'http://127.0.0.1:{port}'}}"
        access = f"access: {ACCESS.replace('ISSUER', provider.url)}"
        with console(folder, yaml=YAML.replace("console: {port: 0}", f"{own}, {access}")) as hall:
            provider.now = hall.clock.now
            yield Site(hall, provider)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path) as site:
        yield site


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def one_site(standing: Site) -> Site:
    """The same site for many tests, its provider well again."""
    standing.provider.claims, standing.provider.refuses, standing.provider.hangs = {}, "", False
    return standing


def test_whom_the_provider_knows_comes_in_with_the_role_that_is_mapped_and_no_more(site: Site) -> None:
    with site.hall.visitor() as client:
        ways = client.get("/api/v1/session/ways").json()
        assert (ways["passwords"], ways["single_sign_on"]) == (True, True)
        assert ways["name"] == {"zh": "市政务云", "en": "City account"}
        answer = site.go(client)
        assert (answer.status_code, answer.headers["location"]) == (302, "/alerts")
        told = client.get("/api/v1/session").json()
        assert (told["user"]["name"], told["user"]["role"], told["halls"]) == ("chen", "officer", ["h1"])
        assert told["single_sign_on"] is True
        assert client.get("/api/v1/users").status_code == 403
        assert log_in(client, "chen", "").status_code == 422
        assert log_in(client, "chen", "no password is right").status_code == 401
        # At the next log-in the provider says something else: that holds from then on, and nothing of before.
        site.provider.claims = {"groups": "hall-auditors", "preferred_username": "renamed"}
        site.go(client)
        told = client.get("/api/v1/session").json()
        assert (told["user"]["name"], told["user"]["role"], told["halls"]) == ("chen", "auditor", [])
        end = client.get(f"{SIGN_ON}/end").headers["location"]
        assert end.startswith(f"{site.provider.url}/end?client_id={CLIENT}&post_logout_redirect_uri=http")
    with site.hall.officer() as client:
        assert client.get("/api/v1/session").json()["single_sign_on"] is False
    did = [(action, subject) for who, action, subject in acts(site.hall) if who == "chen"]
    assert did[:4] == [
        ("user_add", "user:chen"),
        ("login", "chen"),
        ("login_failed", "chen"),
        ("user_change", "user:chen"),
    ]


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ({"nonce": "of another log-in"}, "invalid"),
        ({"nonce": None}, "invalid"),
        ({"exp": int(NOW.timestamp()) - 61}, "invalid"),
        ({"exp": None}, "invalid"),
        ({"aud": "another client"}, "invalid"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "invalid"),
        ({"iss": "https://another.example"}, "invalid"),
        ({"iat": int(NOW.timestamp()) + 3600}, "invalid"),
        ({"sub": ""}, "invalid"),
        ({"preferred_username": "key:machine"}, "invalid"),
        ({"preferred_username": ["chen"]}, "invalid"),
        ({"groups": ["staff"]}, "no_role"),
        ({"groups": None}, "no_role"),
        ({"groups": {"hall-officers": True}}, "no_role"),
        ({"preferred_username": USER}, "name_taken"),
    ],
)
def test_a_token_that_does_not_fit_opens_nothing(
    one_site: Site, claims: dict[str, object], fault: str
) -> None:
    one_site.provider.claims = claims
    with one_site.hall.visitor() as client:
        assert one_site.refused(client) == fault
    assert ("single-sign-on", "login_failed", "single-sign-on") in acts(one_site.hall)[-1:]


def test_only_the_keys_that_the_provider_publishes_sign(site: Site) -> None:
    other = RSAKey.generate_key(2048, {"kid": "one"})
    with site.hall.visitor() as client:
        site.provider.signs_with = other
        assert site.refused(client) == "invalid", "the right name of another key"
        site.provider.header = {"alg": "RS256", "kid": "two"}
        assert site.refused(client) == "invalid", "an unknown key"
        asked = site.provider.asked.count("/jwks")
        site.refused(client)
        assert site.provider.asked.count("/jwks") == asked, "the keys are not asked for again and again"
        # The provider has taken a new key: the token that it signs makes it known.
        site.provider.key, site.provider.signs_with = RSAKey.generate_key(2048, {"kid": "two"}), None
        site.hall.clock.advance(31)
        assert site.go(client).headers["location"] == "/alerts"


def test_nobody_finishes_what_another_browser_began(one_site: Site) -> None:
    with one_site.hall.visitor() as victim, one_site.hall.visitor() as attacker:
        away = attacker.get(SIGN_ON)
        back = httpx.get(away.headers["location"], trust_env=False).headers["location"]
        assert fault_of(victim.get(back)) == "invalid", "there is no cookie of a log-in that was begun"
        victim.get(SIGN_ON)
        assert fault_of(victim.get(back)) == "invalid", "the state is another one"
        victim.get(SIGN_ON)
        assert fault_of(victim.get(f"{SIGN_ON}/callback?code=x")) == "invalid", "there is no state"
        assert COOKIE not in victim.cookies
        one_site.hall.clock.advance(601)
        assert fault_of(attacker.get(back)) == "invalid", "it took too long"


def test_a_code_opens_one_session(one_site: Site) -> None:
    with one_site.hall.visitor() as client:
        away = client.get(SIGN_ON)
        begun = dict(client.cookies)
        back = httpx.get(away.headers["location"], trust_env=False).headers["location"]
        assert client.get(back).headers["location"] == "/board"
        client.cookies.update(begun)
        assert fault_of(client.get(back)) == "invalid"


def test_who_turns_back_at_the_provider_is_told_so(one_site: Site) -> None:
    one_site.provider.refuses = "access_denied"
    with one_site.hall.visitor() as client:
        assert one_site.refused(client) == "cancelled"


def test_a_provider_that_is_away_or_hangs_is_told_and_passwords_go_on(site: Site) -> None:
    with site.hall.visitor() as client:
        site.provider.hangs = True
        assert site.refused(client) == "unreachable"
        site.provider.hangs = False
        away = client.get(SIGN_ON)
        back = httpx.get(away.headers["location"], trust_env=False).headers["location"]
        site.provider.hangs = True
        assert fault_of(client.get(back)) == "unreachable", "no token came"
        assert log_in(client).status_code == 200


def test_a_disabled_user_stays_out_and_local_passwords_are_kept_from_who_has_none(site: Site) -> None:
    with site.hall.visitor() as client, visiting(site.hall, Role.ADMINISTRATOR, name="root") as root:
        site.go(client)
        (user,) = [one for one in root.get("/api/v1/users").json()["items"] if one["name"] == "chen"]
        assert (user["single_sign_on"], user["second_factor"]) == (True, False)
        path = f"/api/v1/users/{user['id']}"
        assert root.patch(path, json={"password": "a longer word than before"}).status_code == 409
        csrf = client.get("/api/v1/session").json()["csrf"]
        own = {"old": "x", "new": "a longer word than before"}
        headers = {"X-CSRF-Token": csrf}
        assert client.post("/api/v1/session/password", json=own, headers=headers).status_code == 409
        assert root.patch(path, json={"disabled": True}).status_code == 200
    with site.hall.visitor() as client:
        assert site.refused(client) == "disabled"


def test_nobody_is_sent_elsewhere_after_the_log_in(one_site: Site) -> None:
    for then in ("//evil.example", "https://evil.example", "/\\evil.example", "/\tx", "javascript:1", ""):
        with one_site.hall.visitor() as client:
            assert one_site.go(client, then).headers["location"] == "/board", then


def test_without_single_sign_on_there_is_none_and_without_passwords_none_open(tmp_path: Path) -> None:
    with console(tmp_path) as hall, hall.visitor() as client:
        for path in (SIGN_ON, f"{SIGN_ON}/end", f"{SIGN_ON}/callback?code=x&state=y"):
            assert client.get(path).status_code == 404
        assert client.get("/api/v1/session/ways").json()["single_sign_on"] is False
        ask_reasons(hall, AccessSettings(passwords=False))
        assert log_in(client).status_code == 403


def test_a_password_that_is_right_is_the_only_way_to_the_name_of_a_local_user(site: Site) -> None:
    """Whom the provider calls like a local administrator does not become that administrator."""
    with site.hall.database.write() as tx:
        accounts.save_user(tx, "chen", Role.ADMINISTRATOR, hash_password(PASSWORD), NOW)
    with site.hall.visitor() as client:
        assert site.refused(client) == "name_taken"
