"""How moments and lengths are written in a reason."""

from __future__ import annotations

from datetime import datetime, timedelta

from hall.config import HallSettings


def local(hall: HallSettings, at: datetime) -> str:
    """RFC 3339 with the hall's offset."""
    return at.astimezone(hall.zone_info).isoformat()


def clock(hall: HallSettings, at: datetime, beside: datetime | None = None) -> str:
    """The hall's wall time; with the date where it is another day than `beside`."""
    there = at.astimezone(hall.zone_info)
    if beside is not None and beside.astimezone(hall.zone_info).date() != there.date():
        return f"{there:%Y-%m-%d %H:%M:%S}"
    return f"{there:%H:%M:%S}"


def seconds(length: timedelta) -> str:
    """As a plain number of seconds."""
    return f"{length.total_seconds():g}"


def length_zh(length: timedelta) -> str:
    """As `1 小时 2 分 3 秒`; whole seconds."""
    return _named(length, ("小时", "分", "秒"))


def length_en(length: timedelta) -> str:
    """As `1 h 2 min 3 s`; whole seconds."""
    return _named(length, ("h", "min", "s"))


def capital(sentence: str) -> str:
    """With its first letter in upper case."""
    return sentence[:1].upper() + sentence[1:]


def _named(length: timedelta, units: tuple[str, str, str]) -> str:
    whole = int(length.total_seconds())
    if whole != length.total_seconds() and whole < 10:
        return f"{length.total_seconds():.1f} {units[2]}"  # a demonstration's limit may be a fraction
    parts = (whole // 3600, whole // 60 % 60, whole % 60)
    text = " ".join(f"{count} {unit}" for count, unit in zip(parts, units, strict=True) if count)
    return text or f"0 {units[2]}"
