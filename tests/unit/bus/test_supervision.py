"""A supervisor's report as it travels: what is told is what is read, and anything else is refused."""

from __future__ import annotations

import pytest

from bus.supervision import ProcessReport, SupervisorReport
from hall.errors import BusError

REPORT = SupervisorReport(
    "hall-1",
    60.5,
    (ProcessReport("capture", 7, 60.0, 2, True, 0.5), ProcessReport("bus", None, 0.0, 0, False, None)),
)


def test_a_report_is_read_as_it_was_told() -> None:
    assert SupervisorReport.decode(REPORT.encode()) == REPORT


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b'{"machine": 1, "up_seconds": 1, "processes": []}',
        b'{"machine": "a", "up_seconds": true, "processes": []}',
        b'{"machine": "a", "up_seconds": 1, "processes": [{"name": "x"}]}',
        REPORT.encode().replace(b'"process": 7', b'"process": "7"'),
        b"[" * 100_000,
    ],
)
def test_anything_else_is_no_report(payload: bytes) -> None:
    with pytest.raises(BusError, match="not a supervisor's report"):
        SupervisorReport.decode(payload)
