"""What must hold between the parts of a configuration, each fault with the path of its field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from itertools import combinations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hall.config.detectors import ModelLayout
from hall.config.notifiers import (
    EmailSettings,
    MailSecurity,
    NotifierSettings,
    SignalSettings,
    Signed,
    SmsSettings,
)
from hall.config.rule_checks import hall_rule_faults, rule_faults, schedule_faults, uncounted_faults
from hall.config.settings import AnalysisSettings, Configuration, HallSettings, SiteSettings
from hall.place import Camera, Point, Zone, ZoneRole
from hall.polygon import crosses_itself, overlap_share

Path = tuple[str | int, ...]
Fault = tuple[Path, str]

SHARED_AT_MOST = 0.02
"""Share of the smaller staff zone that may lie in a neighbour's: hand-drawn borders touch."""


def faults(configuration: Configuration) -> Iterator[Fault]:
    """Every fault between parts, as (path of the field, what is wrong)."""
    yield from _repeated([hall.id for hall in configuration.halls], ("halls",), "id")
    every_camera = [
        (("halls", index, "cameras", place, "id"), camera.id)
        for index, hall in enumerate(configuration.halls)
        for place, camera in enumerate(hall.cameras)
    ]
    seen: set[str] = set()
    for path, camera in every_camera:
        if camera in seen:
            yield path, f"camera '{camera}' stands here for the second time"
        seen.add(camera)
    capture = configuration.site.capture
    if capture.retry_first_seconds > capture.retry_longest_seconds:
        yield ("site", "capture", "retry_first_seconds"), "is longer than retry_longest_seconds"
    analysis = configuration.site.analysis
    if analysis.off_ratio >= analysis.on_ratio:
        yield ("site", "analysis", "off_ratio"), "must be below on_ratio, or presence would flicker"
    yield from _detector_faults(analysis)
    notifiers = configuration.site.notifiers
    yield from _repeated([notifier.id for notifier in notifiers], ("site", "notifiers"), "id")
    known_halls = {hall.id for hall in configuration.halls}
    yield from _access_faults(configuration.site, known_halls)
    for index, notifier in enumerate(notifiers):
        yield from _notifier_faults(notifier, known_halls, ("site", "notifiers", index))
    for index, hall in enumerate(configuration.halls):
        yield from _hall_faults(hall, ("halls", index))
        yield from _chain_faults(hall, {notifier.id for notifier in notifiers}, ("halls", index))


def _access_faults(site: SiteSettings, halls: Container[str]) -> Iterator[Fault]:
    oidc, path = site.access.oidc, ("site", "access", "oidc")
    if oidc is None:
        if not site.access.passwords:
            yield ("site", "access", "passwords"), "nobody could log in: name a provider in oidc first"
        return
    if site.console.address is None:
        yield path, "needs site.console.address: the provider sends people back there"
    if "openid" not in oidc.scopes:
        yield (*path, "scopes"), "openid is missing"
    for index, mapping in enumerate(oidc.roles):
        for place, hall in enumerate(mapping.halls):
            if hall not in halls:
                yield (*path, "roles", index, "halls", place), f"there is no hall '{hall}'"


def _notifier_faults(notifier: NotifierSettings, halls: Container[str], path: Path) -> Iterator[Fault]:
    for place, hall in enumerate(notifier.halls):
        if hall not in halls:
            yield (*path, "halls", place), f"there is no hall '{hall}'"
    if isinstance(notifier, Signed) and None not in (notifier.secret, notifier.secret_file):
        yield (*path, "secret_file"), "the secret comes from here or from secret, not both"
    if isinstance(notifier, EmailSettings):
        has_password = (notifier.password is not None) + (notifier.password_file is not None)
        if has_password == 2:
            yield (*path, "password_file"), "the password comes from here or from password, not both"
        if (notifier.user is None) != (has_password == 0):
            yield (*path, "user"), "a user needs a password, and a password its user"
        elif notifier.user is not None and notifier.security is MailSecurity.NONE:
            yield (*path, "security"), "a password is not sent in the clear: use starttls or tls"
    if isinstance(notifier, SignalSettings) and notifier.shows == "standing" and notifier.statuses:
        yield (*path, "statuses"), "a signal that shows what stands must hear of every change: leave this out"
    if isinstance(notifier, SmsSettings) and not notifier.names_numbers:
        yield (*path, "phones"), "the numbers stand nowhere in the call: write {phone} or {phones}"


def _detector_faults(analysis: AnalysisSettings) -> Iterator[Fault]:
    onnx = analysis.onnx
    if analysis.detector == "onnx" and onnx is None:
        yield ("site", "analysis", "onnx"), "is missing: the detector 'onnx' needs a model and its layout"
    if onnx is not None and onnx.boxes is not None and onnx.layout is not ModelLayout.YOLOX:
        yield ("site", "analysis", "onnx", "boxes"), f"belongs to the layout yolox, not to {onnx.layout}"


def _hall_faults(hall: HallSettings, path: Path) -> Iterator[Fault]:
    try:
        ZoneInfo(hall.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield (*path, "timezone"), f"'{hall.timezone}' is not a time zone, write for example Asia/Shanghai"
    yield from _repeated([unit.id for unit in hall.units], (*path, "units"), "id")
    yield from _repeated([person.id for person in hall.staff], (*path, "staff"), "id")
    yield from _repeated([window.id for window in hall.windows], (*path, "windows"), "id")
    yield from _repeated([window.number for window in hall.windows], (*path, "windows"), "number")
    yield from _repeated([item.id for item in hall.items], (*path, "items"), "id")
    yield from _repeated([queue.id for queue in hall.queues], (*path, "queues"), "id")
    units = {unit.id for unit in hall.units}
    for place, window in enumerate(hall.windows):
        if window.unit not in units:
            yield (*path, "windows", place, "unit"), f"there is no unit '{window.unit}'"
    for place, person in enumerate(hall.staff):
        if person.unit not in units:
            yield (*path, "staff", place, "unit"), f"there is no unit '{person.unit}'"
    yield from schedule_faults(hall.schedule, (*path, "schedule"))
    yield from rule_faults(hall.rules, (*path, "rules"))
    yield from hall_rule_faults(hall, hall.rules, (*path, "rules"))
    yield from uncounted_faults(hall, (*path, "rules"))
    windows = {window.id for window in hall.windows}
    for place, camera in enumerate(hall.cameras):
        yield from _camera_faults(camera, windows, (*path, "cameras", place))


def _chain_faults(hall: HallSettings, notifiers: Container[str], path: Path) -> Iterator[Fault]:
    for place, step in enumerate(hall.escalation):
        where = (*path, "escalation", place)
        if place and step.after_minutes < hall.escalation[place - 1].after_minutes:
            yield (*where, "after_minutes"), "is shorter than that of the step before: write them in order"
        for number, notifier in enumerate(step.notifiers):
            if notifier not in notifiers:
                yield (*where, "notifiers", number), f"there is no notifier '{notifier}' in site.notifiers"


def _camera_faults(camera: Camera, windows: Iterable[str], path: Path) -> Iterator[Fault]:
    known = set(windows)
    yield from _repeated([zone.id for zone in camera.zones], (*path, "zones"), "id")
    sound: list[tuple[int, Zone]] = []
    for place, zone in enumerate(camera.zones):
        where = (*path, "zones", place)
        if zone.role is ZoneRole.WAITING and zone.window is not None:
            yield (*where, "window"), "a waiting zone belongs to the hall, not to a window"
        if zone.role is not ZoneRole.WAITING and zone.window is None:
            yield (*where, "window"), f"a {zone.role} zone needs its window"
        if zone.window is not None and zone.window not in known:
            yield (*where, "window"), f"there is no window '{zone.window}' in this hall"
        outside = [point for point in zone.polygon if not _inside_picture(point)]
        if outside:
            yield (*where, "polygon"), f"point {list(outside[0])} lies outside the picture; use 0 to 1"
        elif crosses_itself(zone.polygon):
            yield (*where, "polygon"), "the outline crosses itself"
        else:
            sound.append((place, zone))
    staff = [(place, zone) for place, zone in sound if zone.role is ZoneRole.STAFF]
    for (_, first), (place, second) in combinations(staff, 2):
        if first.window != second.window and overlap_share(first.polygon, second.polygon) > SHARED_AT_MOST:
            yield (
                (*path, "zones", place, "polygon"),
                f"the staff zones of windows '{first.window}' and '{second.window}' overlap: "
                "one person would be on two posts",
            )


def _inside_picture(point: Point) -> bool:
    return 0.0 <= point[0] <= 1.0 and 0.0 <= point[1] <= 1.0


def _repeated(values: list[str], path: Path, key: str) -> Iterator[Fault]:
    counts = Counter(values)
    seen: set[str] = set()
    for place, value in enumerate(values):
        if counts[value] > 1 and value in seen:
            yield (*path, place, key), f"'{value}' stands here for the second time"
        seen.add(value)
