"""Access: passwords, cursors and moments as strangers may send them; the trail counts a viewing once."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.access.passwords import hash_password, matches
from console.access.trail import Trail
from console.access.visitor import Visitor
from console.api.asked import bounds, decode_cursor, encode_cursor
from hall.errors import RequestRefused
from hall.names import UserId
from hall.roles import Role
from store import audit
from store.accounts import User
from store.database import Database

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.mark.usefixtures("real_password_hashing")
def test_a_password_matches_only_its_own_hash() -> None:
    known = hash_password("correct horse")
    assert known.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert matches("correct horse", known)
    assert not matches("correct house", known)
    assert not matches("a password that no user has", None)
    assert not matches("correct horse", "not a hash")


def test_a_cursor_comes_back_as_it_was_given() -> None:
    assert decode_cursor(encode_cursor(NOW, "t-A012:一")) == (NOW, "t-A012:一")
    assert decode_cursor(None) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    with contextlib.suppress(RequestRefused):
        found = decode_cursor(text)
        assert found is not None
        assert found[0].tzinfo is not None


def test_bounds_must_be_given_in_order_and_not_too_wide() -> None:
    hour = timedelta(hours=1)
    assert bounds(NOW, NOW + hour, hour) == (NOW, NOW + hour)
    for start, end, field in (
        (None, NOW, "from"),
        (NOW, None, "to"),
        (NOW, NOW, "to"),
        (NOW, NOW + 2 * hour, "to"),
    ):
        with pytest.raises(RequestRefused) as refused:
            bounds(start, end, hour)
        assert refused.value.field == field


def test_one_viewing_is_entered_once_in_five_minutes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    trail = Trail(database)
    visitor = Visitor(User(UserId("u"), "li", Role.OFFICER, "", disabled=False), "csrf", "10.0.0.7")
    for seconds in (0, 10, 299, 301):
        trail.viewed(visitor, NOW + timedelta(seconds=seconds), "playback", "segment:1")
    trail.viewed(visitor, NOW, "playback", "segment:2")
    with database.read() as tx:
        entries = audit.entries(tx)
    database.close()
    assert [(entry.subject, entry.address) for entry in entries] == [
        ("segment:1", "10.0.0.7"),
        ("segment:1", "10.0.0.7"),
        ("segment:2", "10.0.0.7"),
    ]
