"""The identifiers of things, as types of their own, so that a window never passes for a camera."""

from __future__ import annotations

import re
from typing import NewType

HallId = NewType("HallId", str)
UnitId = NewType("UnitId", str)
StaffId = NewType("StaffId", str)
WindowId = NewType("WindowId", str)
CameraId = NewType("CameraId", str)
ZoneId = NewType("ZoneId", str)
RunId = NewType("RunId", str)
SegmentId = NewType("SegmentId", str)
ObjectKey = NewType("ObjectKey", str)
TicketId = NewType("TicketId", str)
TransactionId = NewType("TransactionId", str)
PeriodId = NewType("PeriodId", str)
RuleId = NewType("RuleId", str)
AlertId = NewType("AlertId", str)
UserId = NewType("UserId", str)
QueueId = NewType("QueueId", str)
NotifierId = NewType("NotifierId", str)
LockId = NewType("LockId", str)
ExportId = NewType("ExportId", str)
SilenceId = NewType("SilenceId", str)
AnnouncementId = NewType("AnnouncementId", str)

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")
"""What an identifier in hall.yaml looks like: it appears in URLs, file names and bus subjects."""
