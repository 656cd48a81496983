"""Costly routes over a real socket: who asks too often waits, and nobody else does."""

from __future__ import annotations

from pathlib import Path

from hall.config.access import AccessSettings, RateSettings
from hall.roles import Role
from tests.integration.console_hall import KEY, console
from tests.integration.test_accounts import log_in
from tests.integration.test_audit import ask_reasons
from tests.integration.visitors import visiting


def test_who_asks_too_often_waits_and_nobody_else(tmp_path: Path) -> None:
    with console(tmp_path) as hall:
        rates = RateSettings(searches=3, log_ins=2, stills=None, playlists=1, exports=1)
        ask_reasons(hall, AccessSettings(rates=rates))
        with visiting(hall, Role.OFFICER) as li, visiting(hall, Role.OFFICER) as wang:
            statuses = [li.get("/api/v1/transactions").status_code for _ in range(4)]
            assert statuses == [200, 200, 200, 429]
            refused = li.get("/api/v1/segments?camera=c1")
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
            assert refused.json()["detail"] == "too often: wait 20 s"
            assert wang.get("/api/v1/transactions").status_code == 200
            assert li.get("/api/v1/board").status_code == 200, "what costs little is not counted"
            hall.clock.advance(20)
            assert li.get("/api/v1/transactions").status_code == 200
            for path, status in (
                ("transactions/x/playlist.m3u8?camera=c1", 404),
                ("evidence/x/package", 404),
            ):
                assert li.get(f"/api/v1/{path}").status_code == status
                assert li.get(f"/api/v1/{path}").status_code == 429
        with hall.visitor() as stranger:
            assert [log_in(stranger, password="wrong").status_code for _ in range(3)] == [401, 401, 429]
            machine = {"X-API-Key": KEY}
            for status in (403, 403, 403, 429):
                assert stranger.get("/api/v1/transactions", headers=machine).status_code == status
