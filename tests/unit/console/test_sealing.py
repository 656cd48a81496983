"""Sealed secrets: only the key of the installation opens them, each for what it was sealed for."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from console.access.sealing import seal, sealing_key, unseal
from hall.errors import SecretError


def test_a_secret_is_read_back_and_is_not_in_what_is_stored(tmp_path: Path) -> None:
    key = sealing_key(tmp_path / "data" / "secret.key")
    sealed = seal(key, "GEZDGNBVGY3TQOJQ 王", "for li")
    assert unseal(key, sealed, "for li") == "GEZDGNBVGY3TQOJQ 王"
    assert "GEZDG" not in sealed
    assert seal(key, "same", "for li") != seal(key, "same", "for li")


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    assert sealing_key(path) == sealing_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


def test_another_key_another_purpose_or_a_changed_byte_opens_nothing(tmp_path: Path) -> None:
    key, other = sealing_key(tmp_path / "one.key"), sealing_key(tmp_path / "other.key")
    sealed = seal(key, "secret", "for li")
    changed = ("A" if sealed[20] != "A" else "B").join((sealed[:20], sealed[21:]))
    for opened_with, what, purpose in (
        (other, sealed, "for li"),
        (key, sealed, "for wang"),
        (key, changed, "for li"),
        (key, "short", "for li"),
        (key, "", "for li"),
        (key, "no base64 \u738b", "for li"),
    ):
        with pytest.raises(SecretError):
            unseal(opened_with, what, purpose)


@pytest.mark.parametrize("content", ["", "not a key", "c2hvcnQ="])
def test_a_damaged_key_is_an_error_and_is_not_made_anew(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret.key"
    path.write_text(content)
    with pytest.raises(SecretError):
        sealing_key(path)
    assert path.read_text() == content
