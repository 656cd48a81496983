"""The words of messages, in Chinese and English: what is found, how serious it is, what became of it."""

from __future__ import annotations

from hall.finding import AlertStatus, FlipKind, Severity

Words = tuple[str, str]
"""In Chinese and in English."""

KINDS: dict[str, Words] = {
    "absence": ("离岗", "Absence"),
    "unattended_customer": ("无人接待", "Unattended customer"),
    "called_not_served": ("叫号未办", "Called, not served"),
    "overlong_wait": ("等候超时", "Overlong wait"),
    "overdue_step": ("环节超时", "Overdue step"),
    "overdue_transaction": ("办件超时", "Overdue transaction"),
    "crowding": ("拥挤", "Crowding"),
    "dispute": ("争执", "Dispute"),
    "camera_fault": ("画面异常", "Camera fault"),
    "audio_fault": ("声音异常", "Audio fault"),
    "recording_gap": ("录像缺口", "Recording gap"),
    "disk": ("磁盘异常", "Disk"),
    "overlong_pause": ("暂停超时", "Overlong pause"),
    "long_queue": ("排队过长", "Long queue"),
    "detector_stale": ("检测停滞", "Detection stopped"),
}
"""By the kind of alert, as the glossary names them."""

SEVERITIES: dict[Severity, Words] = {
    Severity.ATTENTION: ("提醒", "Attention"),
    Severity.WARNING: ("预警", "Warning"),
    Severity.SERIOUS: ("严重", "Serious"),
}
SEVERITY_ORDER = (Severity.ATTENTION, Severity.WARNING, Severity.SERIOUS)
"""From what weighs least to what weighs most."""

HAPPENED: dict[AlertStatus, Words] = {
    AlertStatus.OPEN: ("重新打开", "Opened again"),
    AlertStatus.ACKNOWLEDGED: ("已确认", "Acknowledged"),
    AlertStatus.RESOLVED: ("已结束", "Ended"),
    AlertStatus.DISMISSED: ("误报", "Dismissed as false"),
}
"""By the status that a flip leads to."""
FOLLOWED: dict[FlipKind, Words] = {
    FlipKind.STATUS: ("更新", "Update"),
    FlipKind.SEVERITY: ("程度变化", "Severity changed"),
    FlipKind.ASSIGNMENT: ("指派", "Assigned"),
    FlipKind.COMMENT: ("备注", "Comment"),
    FlipKind.SNOOZE: ("暂缓结束", "Snooze over"),
    FlipKind.ESCALATION: ("升级", "Escalated"),
    FlipKind.REMINDER: ("仍未解除", "Still standing"),
}
"""By what a flip changed that leaves the status as it was."""
COUNTED: tuple[Words, Words] = (("新告警", "New:"), ("其他变更", "Other changes:"))
"""What a digest counts: alerts that opened, and everything else."""
