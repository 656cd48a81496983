"""How a disk of recordings stands, in words: one sentence each in Chinese and English, with the figures."""

from __future__ import annotations

from alerts.facts import DiskSpace
from alerts.wording import local
from hall.finding import Reason
from hall.storage import DiskState

GIGABYTE = 1e9
A_DAY = 86_400


def found(space: DiskSpace) -> Reason:
    """The disk is not well."""
    zh, en = _sentence(space)
    return Reason(f"disk.{space.disk.state}", _values(space), zh, en)


def well(space: DiskSpace) -> Reason:
    """Nothing is wrong with the disk."""
    zh, en = _sentence(space)
    return Reason("disk.clear", _values(space), zh, en)


def ended(space: DiskSpace) -> Reason:
    """The disk is well again, or something else is wrong with it now."""
    zh, en = _sentence(space)
    if space.disk.state is DiskState.OK:
        path, figures_zh, figures_en = space.disk.path, *_figures(space)
        zh, en = f"磁盘 {path} 已恢复正常{figures_zh}", f"Disk {path} is well again{figures_en}"
    return Reason("disk.ended", _values(space), zh, en)


def _sentence(space: DiskSpace) -> tuple[str, str]:
    disk, (figures_zh, figures_en) = space.disk, _figures(space)
    match disk.state:
        case DiskState.OK:
            return f"磁盘 {disk.path} 正常", f"Disk {disk.path} is well"
        case DiskState.SHORT_SOON:
            when = _moment(space)
            return (
                f"磁盘 {disk.path} 将于 {when} 用尽空间，此后录像将在未满保存期限时被删除{figures_zh}",
                f"Disk {disk.path} will have no room left at {when}; "
                f"from then on footage goes before its promised age{figures_en}",
            )
        case DiskState.SHORT:
            return (
                f"磁盘 {disk.path} 空间已用尽，录像正在未满保存期限时被删除{figures_zh}",
                f"Disk {disk.path} has no room left; footage goes before its promised age now{figures_en}",
            )
        case DiskState.FULL:
            return (
                f"磁盘 {disk.path} 已满，且没有可删除的录像（其余均已锁定），录像将中断或已中断{figures_zh}",
                f"Disk {disk.path} is full, and nothing on it may be deleted (the rest is locked): "
                f"recording stops or has stopped{figures_en}",
            )
        case DiskState.UNREACHABLE:
            return f"磁盘 {disk.path} 无法写入", f"Disk {disk.path} cannot be written to"


def _figures(space: DiskSpace) -> tuple[str, str]:
    free = f"{space.disk.free / GIGABYTE:,.1f} GB"
    rate = space.disk.bytes_per_second
    if rate is None:
        return f"（剩余 {free}）", f" ({free} free)"
    daily = f"{rate * A_DAY / GIGABYTE:,.1f} GB"
    return f"（剩余 {free}，每天写入 {daily}）", f" ({free} free, {daily} written a day)"


def _moment(space: DiskSpace) -> str:
    at = space.disk.short_at or space.disk.at
    return f"{at.astimezone(space.hall.zone_info):%Y-%m-%d %H:%M}"


def _values(space: DiskSpace) -> dict[str, str]:
    disk = space.disk
    values = {
        "disk": disk.path,
        "state": disk.state.value,
        "since": local(space.hall, disk.since),
        "free_bytes": str(disk.free),
        "total_bytes": str(disk.total),
    }
    if disk.bytes_per_second is not None:
        values["bytes_per_second"] = f"{disk.bytes_per_second:.0f}"
    if disk.short_at is not None:
        values["short_at"] = local(space.hall, disk.short_at)
    return values
