"""What the picture knows of cameras: gaps, how pictures and sounds are, and how far analysis has come.

Of one camera only what changed is read again. A camera that is out is judged again with each change of
another one of its hall, because they may be out together; all others are not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from alerts import sights
from alerts.facts import Carried, HallOutage, Outage, Sight, Unexamined, Voices
from alerts.lately import KEPT, KnownAlerts
from alerts.rules import audio_fault, camera_fault, detector_stale, recording_gap
from alerts.turns import Turn, turns
from hall.config import HallSettings
from hall.finding import Alert, AlertKind, Subject
from hall.interval import Interval
from hall.journal import FactKind, JournalEntry
from hall.media import Gap, GapReason
from hall.names import CameraId, HallId, RuleId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind
from hall.place import Camera
from hall.rule import AudioFaultRule, CameraFaultRule, DetectorStaleRule, DisputeRule, EquipmentRule
from store import observing, recording
from store.database import Read

SubjectKey: TypeAlias = tuple[HallId, str]

NEEDED_BY = {
    ObservationKind.PICTURE: CameraFaultRule,
    ObservationKind.MICROPHONE: AudioFaultRule,
    ObservationKind.VOICES: DisputeRule,
}
"""What is observed of a whole camera and judged by a rule of such a kind."""
FAULTS = camera_fault.PICTURE_FAULTS | audio_fault.MICROPHONE_FAULTS
A_DAY = timedelta(days=1)
LONG_AWAY = timedelta(seconds=30)
"""Alerts that were away for longer than a successor takes: the whole system may have been."""
SETTLING = timedelta(seconds=15)
"""In which a system that starts enters what it did not record, camera by camera."""
MOST_STRETCHES = 50
READ_BACK = timedelta(minutes=1)
"""How long the cameras of a hall are known as far back as a late fact made it necessary."""
MOST_ROUNDS = 100
"""How often it is read further back because something that belongs to it began earlier."""


class Equipment:
    """The cameras of all halls. No thread safety."""

    def __init__(self, at: datetime, away_since: datetime, alerts: KnownAlerts) -> None:
        """Begin at `at`: of analysis nothing is known from before. Nobody has judged since `away_since`."""
        self._alerts = alerts
        self._back: dict[HallId, tuple[datetime, datetime]] = {}
        """Halls of which a late fact tells: since when their cameras are read, and when that became so."""
        self._turning: dict[CameraId, list[Turn]] = {}
        self._turned_at = away_since
        self._known_from = at
        self.settles_at = at + SETTLING if at - away_since > LONG_AWAY else at
        """Until then cameras are not judged: what a system missed becomes known one after the other."""
        self._has_settled = self.settles_at == at
        self._configured_at = at
        self._halls: Mapping[HallId, HallSettings] = {}
        self._cameras: dict[CameraId, tuple[HallSettings, Camera]] = {}
        self._gaps: dict[CameraId, tuple[Gap, ...]] = {}
        self._observed: dict[tuple[CameraId, ObservationKind], tuple[Observation, ...]] = {}
        self._watermarks: Mapping[CameraId, datetime] = {}
        self._unseen: Mapping[CameraId, tuple[Interval, ...]] = {}
        self._unwatched: set[CameraId] = set()
        self._stale: Mapping[HallId, tuple[DetectorStaleRule, ...]] = {}
        """The rules of each hall about analysis itself."""
        self._still: dict[CameraId, tuple[datetime, datetime | None]] = {}
        """Cameras that stand still: since when, and at which watermark."""
        self._stood: dict[CameraId, tuple[Interval, ...]] = {}
        self._carried: dict[HallId, tuple[Carried, ...]] | None = None
        self._outages: dict[HallId, dict[CameraId, Outage]] = {}
        self._hall_outages: dict[HallId, HallOutage] = {}

    def read(
        self,
        tx: Read,
        halls: Mapping[HallId, HallSettings],
        at: datetime,
        configured_at: datetime,
        watermarks: Mapping[CameraId, datetime],
    ) -> None:
        """Read everything anew."""
        self._halls, self._configured_at, self._watermarks = halls, configured_at, watermarks
        self._cameras = {camera.id: (hall, camera) for hall in halls.values() for camera in hall.cameras}
        self._unwatched = self._cameras.keys() - watermarks.keys()
        self._stale = {
            hall.id: tuple(r for r in hall.rules if isinstance(r, DetectorStaleRule) and r.enabled)
            for hall in halls.values()
        }
        self._gaps.clear()
        self._observed.clear()
        self._turning.clear()
        if self._carried is None:
            lasting = self._alerts.lasting
            self._carried = {hall: tuple(self._carrying(lasting(_hall_key(hall)).values())) for hall in halls}
        for camera in self._cameras:
            self.read_camera(tx, camera, at)

    def read_camera(self, tx: Read, camera: CameraId, at: datetime) -> None:
        """Read all of one camera anew, if it is in the configuration."""
        if camera not in self._cameras:
            return
        self._read_gaps(tx, camera, at)
        for kind in NEEDED_BY:
            self._read_observed(tx, camera, kind, at)
        self._note_turns(camera, at)

    def turned(self, tx: Read, at: datetime) -> dict[SubjectKey, datetime]:
        """Of whom time alone now says something else, and since when it was so."""
        due = {
            camera: min(turn.tells_of for turn in known if turn.at <= at)
            for camera, known in self._turning.items()
            if any(turn.at <= at for turn in known)
        }
        self._turned_at = at
        found: dict[SubjectKey, datetime] = {}
        for camera, told in due.items():
            self._read_back(tx, camera, at, told)
            self._note_turns(camera, at)
            for key in self._concerned(camera, told):
                found[key] = min(told, found.get(key, told))
        return found

    def next_turn(self) -> datetime | None:
        """When time alone says something else of a camera, unless a fact comes before."""
        return min((turn.at for known in self._turning.values() for turn in known), default=None)

    def take(self, tx: Read, entry: JournalEntry, at: datetime, told: datetime) -> set[SubjectKey]:
        """Take in a gap or an observation of a whole camera, and say whom it concerns.

        It tells of the time after `told`.
        """
        camera = CameraId(str(entry.body["camera"]))
        if camera not in self._cameras:
            return set()
        if entry.kind is FactKind.GAP:
            if entry.body["reason"] == GapReason.DELETED_BY_RETENTION:
                return set()  # told for each file that goes, and no rule is about it
            self._read_back(tx, camera, at, told)
            self._read_gaps(tx, camera, at)
            self._note_turns(camera, at)
            return self._concerned(camera, told)
        kind = ObservationKind(str(entry.body["kind"]))
        if kind not in NEEDED_BY or not self._is_judged(camera, NEEDED_BY[kind]):
            return set()
        was_faulty = self._is_faulty(camera, kind)
        self._read_back(tx, camera, at, told)
        self._read_observed(tx, camera, kind, at)
        if kind is ObservationKind.VOICES:
            return {self._place(camera)}
        self._note_turns(camera, at)
        return self._concerned(camera, told) if was_faulty or self._is_faulty(camera, kind) else set()

    def look(
        self,
        at: datetime,
        watermarks: Mapping[CameraId, datetime],
        unseen: Mapping[CameraId, tuple[Interval, ...]],
        old: Collection[CameraId],
    ) -> set[SubjectKey]:
        """Take in how far analysis has come: the cameras that stand still now, or do so no longer.

        `old` are those whose watermarks are old enough to ask (alerts.watermarks); of `standing` the
        watermarks are up to date, too.
        """
        self._watermarks, self._unseen = watermarks, unseen
        self._forget_outages()
        self._back = {hall: back for hall, back in self._back.items() if at - READ_BACK < back[1] <= at}
        self._unwatched = {camera for camera in self._unwatched if camera not in watermarks}
        affected: set[SubjectKey] = set()
        for name in {*old, *self._still, *self._unwatched} & self._cameras.keys():
            hall, camera = self._cameras[name]
            stale = self._stale[hall.id]
            if stale and camera.record and self._turns(hall, camera, stale, at):
                affected |= self._concerned(name)
        return affected

    def standing(self) -> frozenset[CameraId]:
        """The cameras that stood still when last looked at."""
        return frozenset(self._still)

    def watched_anew(self) -> None:
        """Watermarks have been read: what was made of earlier ones counts no more."""
        self._forget_outages()

    def seen_again(self, camera: CameraId) -> set[SubjectKey]:
        """Whom it concerns that a camera is watched again after nobody had for long."""
        known = any(self._observed.get((camera, kind)) for kind in NEEDED_BY)
        if not known or camera not in self._cameras:
            return set()
        return self._concerned(camera) | {self._place(camera)}

    def settled(self, at: datetime) -> set[SubjectKey]:
        """Everything that can be judged, once, when cameras have settled."""
        if self._has_settled or at < self.settles_at:
            return set()
        self._has_settled = True
        return self.keys()

    def unsettled(self, hall: HallId, at: datetime) -> set[RuleId]:
        """The rules of a hall that are not judged yet."""
        settings = self._halls.get(hall)
        if at >= self.settles_at or settings is None:
            return set()
        return {rule.id for rule in settings.rules if isinstance(rule, EquipmentRule)}

    def keys(self) -> set[SubjectKey]:
        """Every camera, and every hall whose cameras are judged together."""
        found = {(hall.id, _camera_name(camera.id)) for hall, camera in self._cameras.values()}
        found |= {self._place(camera) for camera, kind in self._observed if kind is ObservationKind.VOICES}
        return found | {_hall_key(hall.id) for hall in self._halls.values() if _is_judged_together(hall)}

    def facts(self, key: SubjectKey) -> tuple[Outage | HallOutage | Voices, ...]:
        """What is known of a subject: of a camera, of all of a hall, of the voices at a window."""
        hall, (kind, _, identifier) = self._halls.get(key[0]), key[1].partition(":")
        if hall is None:
            return ()
        if kind == "window":
            return self._voices(hall, WindowId(identifier), None)
        if kind == "hall" and _is_judged_together(hall):
            return (self._among(hall),)
        if kind != "camera" or (own := self._all(hall).get(CameraId(identifier))) is None:
            return ()
        return (replace(own, among=self._among(hall)), *self._voices(hall, None, own.camera.id))

    def _all(self, hall: HallSettings) -> dict[CameraId, Outage]:
        if hall.id not in self._outages:
            self._outages[hall.id] = {camera.id: self._outage(hall, camera) for camera in hall.cameras}
        return self._outages[hall.id]

    def _among(self, hall: HallSettings) -> HallOutage:
        """All cameras of a hall: the same value until something changes."""
        if hall.id not in self._hall_outages:
            self._hall_outages[hall.id] = HallOutage(hall, tuple(self._all(hall).values()))
        return self._hall_outages[hall.id]

    def _forget_outages(self) -> None:
        self._outages.clear()
        self._hall_outages.clear()

    def _outage(self, hall: HallSettings, camera: Camera) -> Outage:
        carried = (self._carried or {}).get(hall.id, ())
        return Outage(
            hall,
            camera,
            self._gaps.get(camera.id, ()),
            self._sight(camera, ObservationKind.PICTURE),
            self._sight(camera, ObservationKind.MICROPHONE),
            Unexamined(
                self._watermarks.get(camera.id),
                self._configured_at,
                self._known_from,
                self._stood.get(camera.id, ()),
                carried,
            ),
        )

    def _sight(self, camera: Camera, kind: ObservationKind) -> Sight | None:
        observed = self._observed.get((camera.id, kind))
        if not observed:
            return None
        unseen = self._unseen.get(camera.id, ())
        watched = self._watermarks.get(camera.id)
        return Sight(camera.id, ZoneId(""), observed, watched, camera.sample_every, unseen)

    def _voices(
        self, hall: HallSettings, window: WindowId | None, alone: CameraId | None
    ) -> tuple[Voices, ...]:
        """The voices at a window, or, of a camera that shows none or several, near it."""
        if not any(isinstance(rule, DisputeRule) and rule.enabled for rule in hall.rules):
            return ()
        heard = [
            sight
            for camera in hall.cameras
            if (camera.windows == (window,) if window is not None else camera.id == alone)
            and (window is not None or len(camera.windows) != 1)
            and (sight := self._sight(camera, ObservationKind.VOICES)) is not None
        ]
        return (Voices(hall, tuple(heard), hall.window(window) if window else None),) if heard else ()

    def _place(self, camera: CameraId) -> SubjectKey:
        """Where it is heard what one camera hears."""
        hall, known = self._cameras[camera]
        if len(known.windows) == 1:
            return hall.id, Subject(hall.id, window=known.windows[0]).name
        return hall.id, _camera_name(camera)

    def _concerned(self, camera: CameraId, told: datetime | None = None) -> set[SubjectKey]:
        """A camera, its hall, and the others of it that are out, or were at some time after `told`."""
        hall, _ = self._cameras[camera]
        others = {(hall.id, _camera_name(other.id)) for other in hall.cameras if self._is_out(other.id, told)}
        return {(hall.id, _camera_name(camera)), _hall_key(hall.id), *others}

    def _is_out(self, camera: CameraId, told: datetime | None) -> bool:
        """Whether something may be wrong with a camera now, or was of late."""
        if camera in self._still or any(
            gap.interval.end is None or (told is not None and gap.interval.end > told)
            for gap in self._gaps.get(camera, ())
            if gap.reason not in recording_gap.EXPECTED
        ):
            return True
        return any(self._is_faulty(camera, kind) for kind in NEEDED_BY)

    def _is_faulty(self, camera: CameraId, kind: ObservationKind) -> bool:
        return any(seen.state in FAULTS for seen in self._observed.get((camera, kind), ()))

    def _is_judged(self, camera: CameraId, rule: type) -> bool:
        hall, _ = self._cameras[camera]
        return any(isinstance(known, rule) and known.enabled for known in hall.rules)

    def _turns(
        self, hall: HallSettings, camera: Camera, rules: Collection[DetectorStaleRule], at: datetime
    ) -> bool:
        """Note whether a camera stands still. True when that has changed."""
        watched, still = self._watermarks.get(camera.id), self._still.get(camera.id)
        half = min(detector_stale.asked_after(camera, rule) for rule in rules)
        if still is None and at - (watched or self._configured_at) < half:
            return False
        # Not among the others: their watermarks may not have been read.
        outage = self._outage(hall, camera)
        assert outage.unexamined is not None
        since = detector_stale.still_since(outage, outage.unexamined, at)
        if still is not None and still[1] == watched and still[0] == since:
            return False
        if still is not None and still[1] != watched and watched is not None:
            stood = Interval(still[0], max(still[0], min(watched, at)))
            self._stood[camera.id] = (*self._stood.get(camera.id, ()), stood)[-MOST_STRETCHES:]
            self._forget_outages()
        if since is None or at - since < half:
            return self._still.pop(camera.id, None) is not None
        self._still[camera.id] = since, watched
        return True

    def _carrying(self, alerts: Iterable[Alert]) -> list[Carried]:
        """The findings of analysis that stand for a whole hall."""
        return [
            Carried(alert.rule, alert.interval.start, self._known_from, alert.cameras)
            for alert in alerts
            if alert.kind is AlertKind.DETECTOR_STALE
        ]

    def known_from(self, hall: HallId, at: datetime) -> datetime:
        """Of which causes the facts of a hall's cameras tell: those that began at this moment or later."""
        back = self._back.get(hall)
        return min(at - KEPT, back[0]) if back is not None else at - KEPT

    def _since(self, camera: CameraId, at: datetime) -> datetime:
        """How far back a camera is read: further where an alert that lasts began earlier."""
        hall, _ = self._cameras[camera]
        keys = (hall.id, _camera_name(camera)), _hall_key(hall.id), self._place(camera)
        since, back = self._alerts.since(keys, at), self._back.get(hall.id)
        return min(since, back[0]) if back is not None else since

    def _read_back(self, tx: Read, camera: CameraId, at: datetime, told: datetime) -> None:
        """Read all cameras of a hall further back where a late fact makes it necessary.

        What they were together then says whether each of them was told of by itself.
        """
        hall, _ = self._cameras[camera]
        if told > at - KEPT and not self._alerts.has_changed_since(hall.id, told):
            return
        keys = {(hall.id, _camera_name(each.id)) for each in hall.cameras} | {_hall_key(hall.id)}
        keys |= {self._place(each.id) for each in hall.cameras}
        since = self._alerts.told_since(keys, at, told)
        if since < self.known_from(hall.id, at):
            self._back[hall.id] = since, at
            for each in hall.cameras:
                self.read_camera(tx, each.id, at)

    def _note_turns(self, camera: CameraId, at: datetime) -> None:
        """Turns of what stands now, and those since the last look that nobody has judged yet."""
        hall, known = self._cameras[camera]
        outage = self._outage(hall, known)
        found = {turn for since in (self._turned_at, at) for turn in turns(outage, hall.rules, since)}
        if found:
            self._turning[camera] = list(found)
        else:
            self._turning.pop(camera, None)

    def _read_gaps(self, tx: Read, camera: CameraId, at: datetime) -> None:
        self._forget_outages()
        since = self._since(camera, at)
        for _ in range(MOST_ROUNDS):
            gaps = recording.gaps_between(tx, camera, since, at + A_DAY)
            earlier = [g.interval.start for g in gaps if g.reason not in recording_gap.EXPECTED]
            if not earlier or min(earlier) > since:
                break
            since = min(earlier) - sights.BEFORE
        self._gaps[camera] = tuple(gaps)

    def _read_observed(self, tx: Read, camera: CameraId, kind: ObservationKind, at: datetime) -> None:
        self._forget_outages()
        if not self._is_judged(camera, NEEDED_BY[kind]):
            return
        since = self._since(camera, at)
        for _ in range(MOST_ROUNDS):
            seen = observing.between(tx, since, at + A_DAY, camera=camera, kinds=[kind], limit=sights.MOST)
            if not seen or seen[0].interval.start > since or seen[0].state in ENDINGS:
                break
            since = seen[0].interval.start - sights.BEFORE
        self._observed[camera, kind] = tuple(seen)


ENDINGS = frozenset({"clear", "good", "calm"})
"""States before which nothing belongs to what comes after."""


def _is_judged_together(hall: HallSettings) -> bool:
    return any(isinstance(rule, EquipmentRule) and rule.enabled for rule in hall.rules)


def _hall_key(hall: HallId) -> SubjectKey:
    return hall, Subject(hall).name


def _camera_name(camera: CameraId) -> str:
    return f"camera:{camera}"


def is_about_equipment(entry: JournalEntry) -> bool:
    """A gap, or an observation of a whole camera that rules judge."""
    if entry.kind is FactKind.GAP:
        return True
    return entry.kind is FactKind.OBSERVATION and entry.body["kind"] in NEEDED_BY
