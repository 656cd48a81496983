"""Why a camera, or the cameras of a hall, are out or not, in words: one sentence in both languages.

`told` among the values is what a finding tells of beyond its beginning: when it changes while an alert
stands, the alert is told anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from alerts.facts import HallOutage, Outage
from alerts.rules.together import Cause, Together
from alerts.wording import capital, clock, length_en, length_zh, local, seconds
from hall.finding import AlertKind, Reason
from hall.media import GapReason
from hall.rule import AudioFaultRule, CameraFaultRule, DetectorStaleRule, RecordingGapRule

EquipmentKind: TypeAlias = CameraFaultRule | AudioFaultRule | RecordingGapRule | DetectorStaleRule

SILENT = {
    GapReason.OFFLINE: ("无法连接", "cannot be reached"),
    GapReason.STALLED: ("不再送出画面", "has stopped delivering"),
    GapReason.UNAUTHORIZED: ("拒绝用户名或密码", "refuses the user or password"),
    GapReason.NOT_FOUND: ("没有所配置的码流", "has no stream under the configured path"),
    GapReason.MALFORMED: ("送出的不是可读的码流", "delivers no readable stream"),
    GapReason.DISK_FULL: ("因磁盘已满无法录像", "cannot be recorded, the disk is full"),
    GapReason.WRITE_FAILED: ("因录像无法写入而中断", "cannot be recorded, writing fails"),
}
"""Of a camera without a recording."""
PICTURES = {
    "covered": ("被遮挡", "is covered"),
    "black": ("画面全黑", "shows nothing but black"),
    "washed_out": ("画面过曝发白", "shows a washed-out picture"),
    "frozen": ("画面定格不动", "shows a frozen picture"),
    "blurred": ("画面模糊", "shows a blurred picture"),
    "moved": ("画面移位，与基准画面不符", "shows another view than its reference view"),
}
"""Of a camera whose picture has a fault."""
SOUNDS = {
    "digital_silence": ("没有任何声音信号", "gives no signal at all"),
    "clipping": ("声音过载失真", "clips"),
    "hum": ("只有交流声", "hums"),
    "level_drop": ("音量骤降", "has become far too low"),
}
"""Of a microphone."""
INTERRUPTIONS = {
    **{reason: (f"摄像机{zh}", f"the camera {en}") for reason, (zh, en) in SILENT.items()},
    GapReason.DISK_FULL: ("磁盘已满", "the disk was full"),
    GapReason.WRITE_FAILED: ("录像无法写入", "writing failed"),
    GapReason.PROCESS_RESTART: ("录像程序未在运行", "the recorder was not running"),
    GapReason.STARTING: ("正在连接", "the camera was being connected"),
    GapReason.LOST: ("已录制的文件缺失", "what had been recorded is missing"),
}
"""Of a recording: why it has a gap."""
_SILENCES = frozenset(reason.value for reason in INTERRUPTIONS)
NOT_TRIED = frozenset({GapReason.PROCESS_RESTART, GapReason.STARTING})
"""Gaps in which nobody tried the camera."""
HALLS = {
    AlertKind.CAMERA_FAULT: (
        "同时没有画面或画面异常",
        "are without a picture, or have a fault in it, at once",
    ),
    AlertKind.AUDIO_FAULT: ("声音同时异常", "have a fault in their sound at once"),
    AlertKind.RECORDING_GAP: ("录像同时中断", "were not recorded at once"),
    AlertKind.DETECTOR_STALE: ("有录像但未被分析", "are recorded, and none of them is examined"),
}
"""What is wrong with so many cameras of a hall."""
MOST_NAMED = 10


def found(outage: Outage, cause: Cause, fault: str, at: datetime, rule: EquipmentKind) -> Reason:
    """One camera is out for as long as the limit, by this fault now."""
    since = cause.interval.start
    limit, shown_since = rule.limit_of(fault), _shown_since(cause, fault, at)
    lasted, start = at - shown_since, clock(outage.hall, shown_since, at)
    values = _values(outage, since, rule) | {"fault": fault, "told": fault, "seconds": seconds(at - since)}
    zh, en = _said(outage, fault, start, rule)
    before = clock(outage.hall, since, at)
    before_zh, before_en = (
        (f"；自 {before} 起异常", f"; out since {before}") if shown_since > since else ("", "")
    )
    return Reason(
        f"{rule.kind}.found",
        values | {"limit_seconds": seconds(limit)},
        f"{zh}，已 {length_zh(lasted)}（限 {length_zh(limit)}）{before_zh}",
        f"{en}, for {length_en(lasted)} (limit {length_en(limit)}){before_en}",
    )


def begins(outage: Outage, cause: Cause, at: datetime, rule: EquipmentKind) -> Reason:
    """One camera is out, but not yet for as long as the limit."""
    since = cause.interval.start
    fault = cause.faults[-1].fault
    zh, en = _said(outage, fault, clock(outage.hall, since, at), rule)
    return Reason(f"{rule.kind}.begins", _values(outage, since, rule) | {"fault": fault}, zh, en)


def ended(outage: Outage, cause: Cause | None, since: datetime, end: datetime, rule: EquipmentKind) -> Reason:
    """One camera is in order again; or (no `cause`, or a short one) it never was out for so long."""
    lasted = end - since
    start, stop = clock(outage.hall, since, end), clock(outage.hall, end, since)
    values = _values(outage, since, rule) | {"end": local(outage.hall, end), "seconds": seconds(lasted)}
    name = outage.camera.name
    was_short = cause is None or cause.reached is None or cause.reached >= end
    if was_short and not isinstance(rule, DetectorStaleRule):
        limit = rule.limit_of(cause.faults[-1].fault if cause is not None else GapReason.OFFLINE)
        return Reason(
            f"{rule.kind}.retracted",
            values,
            f"撤回：迟到的信息表明，摄像机「{name.zh}」的异常止于 {stop}，未达 {length_zh(limit)}",
            f"Taken back: facts that came late say that what was wrong with camera '{name.en}' was over "
            f"at {stop}, before {length_en(limit)} had passed",
        )
    if isinstance(rule, CameraFaultRule) and _is_not_tried(outage, end):
        return Reason(
            f"{rule.kind}.not_tried",
            values,
            f"{stop} 起录像程序停止，不再得知摄像机「{name.zh}」的状况；此前自 {start} 起异常",
            f"The recorder itself was off from {stop}; how camera '{name.en}' was after that is not known. "
            f"It had been out since {start}",
        )
    zh, en = _ENDINGS[AlertKind(rule.kind)]
    return Reason(
        f"{rule.kind}.ended",
        values,
        f"{zh.format(name=name.zh, start=start, stop=stop)}，共 {length_zh(lasted)}",
        f"{en.format(name=name.en, start=start, stop=stop)}, for {length_en(lasted)}",
    )


def well(outage: Outage, rule: EquipmentKind) -> Reason:
    """Nothing is wrong with one camera."""
    name = outage.camera.name
    return Reason(
        f"{rule.kind}.clear",
        {"camera": outage.camera.id},
        f"摄像机「{name.zh}」正常",
        f"Camera '{name.en}' is in order",
    )


def not_recorded(outage: Outage, rule: EquipmentKind) -> Reason:
    """The configuration says not to record this camera."""
    name = outage.camera.name
    return Reason(
        f"{rule.kind}.not_recorded",
        {"camera": outage.camera.id},
        f"摄像机「{name.zh}」按配置不录像",
        f"Camera '{name.en}' is not recorded",
    )


def told_with_hall(outage: Outage, rule: EquipmentKind) -> Reason:
    """One camera is out as many others are."""
    name = outage.camera.name
    return Reason(
        f"{rule.kind}.with_hall",
        {"camera": outage.camera.id},
        f"摄像机「{name.zh}」的异常计入大厅的告警",
        f"What is wrong with camera '{name.en}' is told with the hall's alert",
    )


def goes_on_with_hall(outage: Outage, since: datetime, rule: EquipmentKind) -> Reason:
    """One camera's finding ends because its hall's takes over; the camera is still out."""
    name, start = outage.camera.name, clock(outage.hall, since)
    return Reason(
        f"{rule.kind}.goes_on_with_hall",
        _values(outage, since, rule),
        f"摄像机「{name.zh}」自 {start} 起的异常仍在，因多台摄像机同时异常，并入大厅的告警",
        f"Camera '{name.en}', out since {start}, still is; many cameras are out at once, "
        "and the hall's alert goes on with it",
    )


def was_told_with_hall(outage: Outage, since: datetime, rule: EquipmentKind) -> Reason:
    """Facts that came late say that one camera was out only while its hall's alert told of it."""
    name = outage.camera.name
    return Reason(
        f"{rule.kind}.retracted",
        _values(outage, since, rule),
        f"撤回：迟到的信息表明，当时多台摄像机同时异常，摄像机「{name.zh}」的异常已计入大厅的告警",
        f"Taken back: facts that came late say that many cameras were out at once then; "
        f"what was wrong with camera '{name.en}' is told with the hall's alert",
    )


def hall_found(
    hall: HallOutage, part: Sequence[Outage], stretch: Together, at: datetime, rule: EquipmentKind
) -> Reason:
    """Many cameras of a hall are out at once; `part` are those that the rule is about."""
    named = [outage for outage in hall.all_cameras if outage.camera.id in stretch.named]
    out, of = len(named), max(len(part), len(named))
    lasted, limit = at - stretch.start, timedelta(seconds=rule.limit_seconds)
    start = clock(hall.hall, stretch.start, at)
    what_zh, what_en = HALLS[AlertKind(rule.kind)]
    names_zh, names_en = _names(named)
    cameras = ",".join(outage.camera.id for outage in named)
    return Reason(
        f"{rule.kind}.hall_found",
        _hall_values(hall, stretch.start, rule)
        | {"out": str(out), "of": str(of), "cameras": cameras, "told": cameras, "seconds": seconds(lasted)},
        f"{of} 台摄像机中有 {out} 台自 {start} 起{what_zh}，已 {length_zh(lasted)}"
        f"（每台限 {length_zh(limit)}）：{names_zh}",
        f"{out} of {of} cameras {what_en} since {start}, for {length_en(lasted)} "
        f"(limit {length_en(limit)} each): {names_en}",
    )


def hall_ended(
    hall: HallOutage, since: datetime, end: datetime, left: Sequence[Outage], rule: EquipmentKind
) -> Reason:
    """The cameras are no longer out together; those that are `left` are told of by themselves."""
    lasted = end - since
    start, stop = clock(hall.hall, since, end), clock(hall.hall, end, since)
    names_zh, names_en = _names(left)
    still_zh = f"；仍异常、另行告警的：{names_zh}" if left else ""
    still_en = f"; still out, each with an alert of its own: {names_en}" if left else ""
    return Reason(
        f"{rule.kind}.hall_ended",
        _hall_values(hall, since, rule)
        | {
            "end": local(hall.hall, end),
            "seconds": seconds(lasted),
            "left": ",".join(outage.camera.id for outage in left),
        },
        f"多台摄像机自 {start} 起的同时异常于 {stop} 结束，共 {length_zh(lasted)}{still_zh}",
        f"Since {stop} the cameras are no longer out together; they were since {start}, "
        f"for {length_en(lasted)}{still_en}",
    )


def hall_never_was(hall: HallOutage, since: datetime, rule: EquipmentKind) -> Reason:
    """Facts that came late know no time around `since` in which so many cameras were out at once."""
    start = clock(hall.hall, since)
    return Reason(
        f"{rule.kind}.retracted",
        _hall_values(hall, since, rule),
        f"撤回：迟到的信息表明，{start} 时并没有这么多台摄像机同时异常",
        f"Taken back: facts that came late say that not so many cameras were out at once at {start}",
    )


def hall_well(hall: HallOutage, rule: EquipmentKind) -> Reason:
    """Not so many cameras are out at once that it is the hall's."""
    return Reason(
        f"{rule.kind}.hall_clear",
        {"hall": hall.hall.id},
        "没有大量摄像机同时异常",
        "Not many cameras are out at once",
    )


_ENDINGS = {
    AlertKind.CAMERA_FAULT: (
        "摄像机「{name}」{stop} 恢复；自 {start} 起异常",
        "Camera '{name}' is in order again at {stop}; it was out since {start}",
    ),
    AlertKind.AUDIO_FAULT: (
        "摄像机「{name}」的声音异常止于 {stop}；自 {start} 起",
        "The fault in the sound of camera '{name}' was over at {stop}; it had lasted since {start}",
    ),
    AlertKind.RECORDING_GAP: (
        "摄像机「{name}」的录像缺口自 {start} 起，止于 {stop}",
        "The gap in the recording of camera '{name}' ended at {stop}; nothing was recorded since {start}",
    ),
    AlertKind.DETECTOR_STALE: (
        "摄像机「{name}」{stop} 起不再停滞；自 {start} 起未被分析",
        "Camera '{name}' is not overdue to be examined any more at {stop}; it had not been since {start}",
    ),
}


def _said(outage: Outage, fault: str, start: str, rule: EquipmentKind) -> tuple[str, str]:
    """What is wrong with one camera since the local time `start`."""
    name_zh, name_en = f"摄像机「{outage.camera.name.zh}」", f"camera '{outage.camera.name.en}'"
    if isinstance(rule, DetectorStaleRule):
        zh = f"{name_zh}有录像，但自 {start} 起未被分析，无法判断任何情况"
        en = f"{name_en} is recorded, but not examined, and nothing can be said of it, since {start}"
    elif isinstance(rule, RecordingGapRule):
        why_zh, why_en = INTERRUPTIONS[GapReason(fault)]
        zh = f"{name_zh}自 {start} 起没有录像：{why_zh}"
        en = f"{name_en} is not recorded since {start}: {why_en}"
    elif isinstance(rule, AudioFaultRule):
        what_zh, what_en = SOUNDS[fault]
        zh, en = (
            f"{name_zh}的拾音器自 {start} 起{what_zh}",
            f"the microphone of {name_en} {what_en} since {start}",
        )
    elif fault in PICTURES:
        what_zh, what_en = PICTURES[fault]
        zh, en = f"{name_zh}自 {start} 起{what_zh}", f"{name_en} {what_en} since {start}"
    else:
        what_zh, what_en = SILENT[GapReason(fault)]
        zh = f"{name_zh}{what_zh}，自 {start} 起没有录像"
        en = f"{name_en} {what_en}; nothing is recorded since {start}"
    return zh, capital(en)


def _shown_since(cause: Cause, fault: str, at: datetime) -> datetime:
    """Since when a fault has shown; for a camera that delivers nothing, since when it does not."""
    begun = sorted((s for s in cause.faults if s.interval.start <= at), key=lambda s: s.interval.start)
    if fault not in _SILENCES:
        return next((s.interval.start for s in reversed(begun) if s.fault == fault), cause.interval.start)
    since: datetime | None = None
    for shown in begun:
        since = (since or shown.interval.start) if shown.fault in _SILENCES else None
    return since or cause.interval.start


def _is_not_tried(outage: Outage, end: datetime) -> bool:
    return any(gap.interval.start == end and gap.reason in NOT_TRIED for gap in outage.gaps)


def _values(outage: Outage, since: datetime, rule: EquipmentKind) -> dict[str, str]:
    name = outage.camera.name
    return {
        "camera": outage.camera.id,
        "name_zh": name.zh,
        "name_en": name.en,
        "since": local(outage.hall, since),
        "limit_seconds": f"{rule.limit_seconds:g}",
    }


def _hall_values(hall: HallOutage, since: datetime, rule: EquipmentKind) -> dict[str, str]:
    return {"since": local(hall.hall, since), "limit_seconds": f"{rule.limit_seconds:g}"}


def _names(outages: Sequence[Outage]) -> tuple[str, str]:
    """The names of the cameras, at most so many."""
    zh = "、".join(outage.camera.name.zh for outage in outages[:MOST_NAMED])
    en = ", ".join(outage.camera.name.en for outage in outages[:MOST_NAMED])
    more = len(outages) - MOST_NAMED
    return (f"{zh} 等另 {more} 台", f"{en} and {more} more") if more > 0 else (zh, en)
