"""Reports of the camera's clock are read out of RTCP, whatever stands around them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.rtsp.reports import read_reports
from fixtures.rtsp.packets import RtpStream
from hall.clock import to_microseconds

AT = datetime(2026, 3, 5, 9, 30, 0, 250_000, tzinfo=UTC)


def test_a_report_ties_wall_time_to_rtp_time() -> None:
    packet = RtpStream(96, 90_000, 1, 1, 1000).sender_report(AT, 500, "cam-1")
    report, is_goodbye = read_reports(packet)
    assert report is not None
    assert report.stamp == 1500
    assert report.wall_us == pytest.approx(to_microseconds(AT), abs=1)
    assert not is_goodbye


def test_a_goodbye_behind_a_report_is_heard() -> None:
    packet = RtpStream(96, 90_000, 1, 1, 0).sender_report(AT, 0, "cam-1")
    report, is_goodbye = read_reports(packet + bytes.fromhex("81cb0001 00000001"))
    assert report is not None
    assert is_goodbye


@given(packet=st.binary(max_size=80))
def test_any_bytes_are_read_without_an_error(packet: bytes) -> None:
    report, _ = read_reports(packet)
    assert report is None or 0 <= report.stamp < 1 << 32


@given(cut=st.integers(0, 27))
def test_a_report_that_is_cut_off_is_none(cut: int) -> None:
    packet = RtpStream(96, 90_000, 1, 1, 0).sender_report(AT, 0, "cam-1")
    assert read_reports(packet[:cut]) == (None, False)
