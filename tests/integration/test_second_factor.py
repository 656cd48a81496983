"""Second factors over a real socket: set up, asked for in a second step, used once, lost and reset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from console.access import attempts
from console.access.gate import COOKIE
from hall.config.access import AccessSettings
from hall.roles import Role
from store import accounts
from tests.integration.console_hall import PASSWORD, USER, Console, console
from tests.integration.test_accounts import acts, log_in
from tests.integration.test_audit import ask_reasons
from tests.integration.test_console_api import errors_of
from tests.integration.visitors import visiting

FACTOR = "/api/v1/session/second-factor"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


def code_of(hall: Console, secret: str) -> str:
    """What the authenticator shows now."""
    return pyotp.TOTP(secret).at(hall.clock.now())


def set_up(hall: Console, client: httpx.Client) -> tuple[str, list[str]]:
    """Set up a second factor: its secret, and the recovery codes."""
    begun = client.post(FACTOR, json={"password": PASSWORD})
    assert begun.status_code == 201, begun.text
    secret = begun.json()["secret"]
    confirmed = client.post(f"{FACTOR}/confirm", json={"code": code_of(hall, secret)})
    assert confirmed.status_code == 200, confirmed.text
    hall.clock.advance(90)
    return secret, confirmed.json()["codes"]


def give(client: httpx.Client, token: str, code: str) -> httpx.Response:
    return client.post("/api/v1/session/code", json={"token": token, "code": code})


def awaited(client: httpx.Client, user: str = USER) -> str:
    """The token of a log-in whose password was right."""
    answer = log_in(client, user)
    assert answer.status_code == 202, answer.text
    assert COOKIE not in client.cookies, "there is no session before the code"
    return str(answer.json()["token"])


def test_a_log_in_asks_for_the_code_once_the_factor_is_confirmed(hall: Console) -> None:
    with hall.officer() as client, hall.officer() as elsewhere, hall.visitor() as again:
        assert client.get(FACTOR).json()["since"] is None
        assert errors_of(client.post(FACTOR, json={"password": "wrong"})) == {"password": "is wrong"}
        begun = client.post(FACTOR, json={"password": PASSWORD}).json()
        assert begun["picture"].startswith("data:image/svg+xml")
        assert log_in(again).status_code == 200, "what is only begun asks nobody"
        assert set(errors_of(client.post(f"{FACTOR}/confirm", json={"code": "000000"}))) == {"code"}
        confirmed = client.post(f"{FACTOR}/confirm", json={"code": code_of(hall, begun["secret"])})
        assert len(set(confirmed.json()["codes"])) == 10
        assert client.get("/api/v1/session").status_code == 200
        assert elsewhere.get("/api/v1/session").status_code == 401, "the other sessions end"
        told = client.get(FACTOR).json()
        assert (told["since"] is not None, told["recovery_codes_left"]) == (True, 10)
        assert begun["secret"] not in client.get(FACTOR).text
        assert client.post(FACTOR, json={"password": PASSWORD}).status_code == 409
    hall.clock.advance(60)
    with hall.visitor() as client:
        token = awaited(client)
        assert client.get("/api/v1/session", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401
        assert set(errors_of(give(client, token, "123456"))) == {"code"}
        assert give(client, token, code_of(hall, begun["secret"])).status_code == 200
        assert client.get("/api/v1/session").json()["user"]["name"] == USER
        assert give(client, token, "123456").status_code == 401, "the step is over with its session"
    did = [action for _, action, _ in acts(hall)]
    assert [one for one in did if "factor" in one or "code" in one] == [
        "second_factor_on",
        "login_code_refused",
    ]


def test_a_code_opens_one_session_and_no_second(hall: Console) -> None:
    with hall.officer() as client:
        secret, _ = set_up(hall, client)
    with hall.visitor() as first, hall.visitor() as second:
        code = code_of(hall, secret)
        tokens = awaited(first), awaited(second)
        assert give(first, tokens[0], code).status_code == 200
        assert give(second, tokens[1], code).status_code == 422, "an overheard code is worth nothing"
        hall.clock.advance(30)
        assert give(second, tokens[1], code_of(hall, secret)).status_code == 200


def test_a_recovery_code_is_good_once_and_new_ones_take_the_place_of_all(hall: Console) -> None:
    with hall.officer() as client:
        secret, codes = set_up(hall, client)
        with hall.visitor() as lost:
            assert give(lost, awaited(lost), codes[0].upper().replace("-", " ")).status_code == 200
        with hall.visitor() as lost:
            assert give(lost, awaited(lost), codes[0]).status_code == 422
        assert client.get(FACTOR).json()["recovery_codes_left"] == 9
        renewed = client.post(f"{FACTOR}/recovery-codes", json={"code": code_of(hall, secret)})
        assert set(renewed.json()["codes"]).isdisjoint(codes)
        with hall.visitor() as lost:
            assert give(lost, awaited(lost), codes[1]).status_code == 422
        with hall.visitor() as lost:
            assert give(lost, awaited(lost), renewed.json()["codes"][9]).status_code == 200
    with hall.database.read() as tx:
        stored = str(tx.connection.exec_driver_sql("SELECT * FROM recovery_codes").fetchall())
        sealed = str(tx.connection.exec_driver_sql("SELECT * FROM second_factors").fetchall())
    assert renewed.json()["codes"][0].replace("-", "") not in stored
    assert secret not in sealed


def test_wrong_codes_lock_like_wrong_passwords_wherever_they_come_from(hall: Console) -> None:
    with hall.officer() as client:
        secret, _ = set_up(hall, client)
        with hall.visitor() as guesser:
            token = awaited(guesser)
            for _ in range(10):
                assert give(guesser, token, "123456").status_code == 422
            locked = give(guesser, token, code_of(hall, secret))
            assert (locked.status_code, locked.headers["retry-after"]) == (429, "300")
            assert log_in(guesser).status_code == 429, "the name waits as after wrong passwords"
            # From another address the password is asked for, and the code is still locked.
            with hall.database.write() as tx:
                accounts.forget_failed_logins(tx, USER, "127.0.0.1")
            assert give(guesser, awaited(guesser), code_of(hall, secret)).status_code == 429
            hall.clock.advance(301)
            assert give(guesser, awaited(guesser), code_of(hall, secret)).status_code == 200
            assert client.get("/api/v1/session").status_code == 200, "whoever was in stays in"


def test_a_right_password_alone_does_not_end_the_row_of_wrong_codes(hall: Console) -> None:
    with hall.officer() as client:
        set_up(hall, client)
    with hall.database.write() as tx:
        for _ in range(8):
            attempts.note_wrong_code(tx, USER, "127.0.0.1", hall.clock.now())
    with hall.visitor() as guesser:
        for _ in range(2):
            assert give(guesser, awaited(guesser), "123456").status_code == 422
        assert log_in(guesser).status_code == 429


def test_the_second_step_runs_out_and_ends_with_a_new_password(hall: Console) -> None:
    with hall.officer() as client:
        secret, _ = set_up(hall, client)
        with hall.visitor() as late:
            token = awaited(late)
            hall.clock.advance(301)
            assert give(late, token, code_of(hall, secret)).status_code == 401
            token = awaited(late)
            change = {"old": PASSWORD, "new": "a longer word than before"}
            assert client.post("/api/v1/session/password", json=change).status_code == 204
            assert give(late, token, code_of(hall, secret)).status_code == 401


def test_who_must_have_a_second_factor_does_nothing_else_before(hall: Console) -> None:
    ask_reasons(hall, AccessSettings(totp_for=(Role.OFFICER,)))
    with hall.officer() as client:
        told = client.get("/api/v1/session").json()
        assert (told["second_factor_owed"], told["permissions"]) == (True, [])
        for method, path in (("GET", "board"), ("GET", "session/all"), ("POST", "session/password")):
            answer = client.request(method, f"/api/v1/{path}", json={} if method == "POST" else None)
            assert (answer.status_code, set(errors_of(answer))) == (403, {"second_factor"}), path
        with pytest.raises(InvalidStatus) as refused:
            connect(hall.push_url, additional_headers={"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"})
        assert refused.value.response.status_code == 403
        secret, _ = set_up(hall, client)
        assert client.get("/api/v1/board").status_code == 200
        ending = {"password": PASSWORD, "code": code_of(hall, secret)}
        assert client.post(f"{FACTOR}/end", json=ending).status_code == 409, "policy wants it kept"
    with visiting(hall, Role.MANAGER) as manager:
        assert manager.get("/api/v1/board").status_code == 200, "other roles are asked for none"


def test_the_own_second_factor_is_ended_by_password_and_code(hall: Console) -> None:
    with hall.officer() as client, hall.visitor() as again:
        secret, _ = set_up(hall, client)
        wrong = client.post(f"{FACTOR}/end", json={"password": PASSWORD, "code": "123456"})
        assert set(errors_of(wrong)) == {"code"}
        ending = {"password": PASSWORD, "code": code_of(hall, secret)}
        assert client.post(f"{FACTOR}/end", json=ending).status_code == 204
        assert client.post(f"{FACTOR}/end", json=ending).status_code == 409
        assert log_in(again).status_code == 200
    assert (USER, "second_factor_off", f"user:{USER}") in acts(hall)


def test_an_administrator_resets_what_somebody_has_lost(hall: Console) -> None:
    with hall.officer() as client, visiting(hall, Role.ADMINISTRATOR, name="root") as administrator:
        set_up(hall, client)
        (user,) = [one for one in administrator.get("/api/v1/users").json()["items"] if one["name"] == USER]
        assert user["second_factor"] is True
        path = f"/api/v1/users/{user['id']}/second-factor"
        assert administrator.delete(path).status_code == 204
        assert administrator.delete(path).status_code == 404
        assert client.get("/api/v1/session").status_code == 401, "the sessions end"
        with hall.visitor() as again:
            assert log_in(again).status_code == 200
    assert ("root", "second_factor_reset", f"user:{USER}") in acts(hall)


def test_a_lost_key_locks_nobody_out_who_has_a_recovery_code(hall: Console) -> None:
    with hall.officer() as client:
        secret, codes = set_up(hall, client)
    (hall.configuration.site.data / "secret.key").unlink()
    with hall.visitor() as client:
        token = awaited(client)
        refused = give(client, token, code_of(hall, secret))
        assert refused.status_code == 409
        assert "recovery code" in refused.json()["detail"]
        assert give(client, token, codes[3]).status_code == 200
