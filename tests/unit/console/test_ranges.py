"""Ranges of a file as browsers ask for them, and as strangers may write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.replay.ranges import Unsatisfiable, wanted_range

TAG = '"abc"'

CASES = [
    ("bytes=0-99", (0, 100)),
    ("bytes=100-", (100, 1000)),
    ("bytes=-10", (990, 1000)),
    ("bytes=-5000", (0, 1000)),
    ("bytes=990-5000", (990, 1000)),
    ("bytes=5-5", (5, 6)),
    ("bytes=9-5", None),
    ("bytes=0-1,5-6", None),
    ("bytes=-", None),
    ("lines=1-2", None),
    ("bytes=one-two", None),
    ("", None),
]


@pytest.mark.parametrize(("header", "wanted"), CASES)
def test_a_range_is_half_open_and_ends_with_the_file(header: str, wanted: tuple[int, int] | None) -> None:
    assert wanted_range({"range": header}, TAG, 1000) == wanted


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0"])
def test_a_range_behind_the_end_cannot_be_had(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        wanted_range({"range": header}, TAG, 1000)


def test_a_range_of_another_version_gives_the_whole_file() -> None:
    assert wanted_range({"range": "bytes=0-9", "if-range": '"old"'}, TAG, 1000) is None
    assert wanted_range({"range": "bytes=0-9", "if-range": TAG}, TAG, 1000) == (0, 10)


@given(st.one_of(st.text(max_size=40), st.from_regex(r"bytes=\d{0,25}-\d{0,25}")), st.integers(0, 2000))
def test_no_header_leads_out_of_the_file(header: str, size: int) -> None:
    try:
        wanted = wanted_range({"range": header}, TAG, size)
    except Unsatisfiable:
        return
    assert wanted is None or 0 <= wanted[0] < wanted[1] <= size
