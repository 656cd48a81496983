"""Everything that hall.yaml may say. Unknown keys are refused; docs/configuration.md explains each key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from hall.calendar import WorkCalendar
from hall.config.access import AccessSettings
from hall.config.archive import ArchiveSettings
from hall.config.detectors import USUAL_SIZE, OnnxSettings
from hall.config.evidence import EvidenceSettings
from hall.config.notifiers import Address, NotifierSettings
from hall.config.queues import QueueSettings
from hall.config.telling import EscalationStep, QuietHours
from hall.item import Item
from hall.names import CameraId, RuleId, WindowId
from hall.place import Camera, Hall, Keep, Staff, Strict, Unit, Window
from hall.rule import (
    AbsenceRule,
    CameraFaultRule,
    DetectorStaleRule,
    DiskRule,
    LimitKind,
    LongQueueRule,
    OverdueTransactionRule,
    OverlongPauseRule,
    OverlongWaitRule,
    RecordingGapRule,
    Rule,
    UnattendedCustomerRule,
)
from hall.schedule import Schedule


class BusSettings(Strict):
    """Where the bus is. Without `url` the supervisor starts a server of its own on loopback.

    `${NAME}` in it is filled in from the environment by who connects.
    """

    url: str | None = None


class ConsoleSettings(Strict):
    """Where the console listens. Port 0 lets the system choose one."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    session_hours: Annotated[float, Field(gt=0, le=168)] = 12
    address: Annotated[Address | None, Field(max_length=200)] = None
    """Where people reach the console, as messages to them name it; none: messages hold no link."""
    secure_cookies: bool = False
    """Set to true behind HTTPS: the session cookie is then never sent over plain HTTP."""


class CaptureSettings(Strict):
    """How recording is cut and how long a silent source is waited for (seconds)."""

    segment_seconds: Annotated[float, Field(ge=2, le=600)] = 60
    stall_seconds: Annotated[float, Field(ge=1, le=120)] = 10
    retry_first_seconds: Annotated[float, Field(gt=0, le=60)] = 1
    retry_longest_seconds: Annotated[float, Field(gt=0, le=600)] = 30
    cameras_per_process: Annotated[int, Field(ge=1, le=64)] = 32


class SoundSettings(Strict):
    """When speech counts as raised voices: so many dB over the room's usual talk, for so many seconds."""

    voices_over_db: Annotated[float, Field(ge=3, le=40)] = 10
    voices_seconds: Annotated[int, Field(ge=5, le=600)] = 20


class AnalysisSettings(Strict):
    """What watches. `window_samples` samples form the sliding window of the presence state machine."""

    detector: str = "movenet"
    model: Path | None = None
    """Where the built-in detector's weights lie, when not in the installation: the same ones, by SHA-256."""
    onnx: OnnxSettings | None = None
    """The model of the detector `onnx`."""
    crop_size: Annotated[int, Field(ge=96, le=512)] = 192
    score: Annotated[float, Field(gt=0, lt=1)] = 0.2
    window_samples: Annotated[int, Field(ge=1, le=60)] = 5
    on_ratio: Annotated[float, Field(gt=0, le=1)] = 0.6
    off_ratio: Annotated[float, Field(ge=0, lt=1)] = 0.2
    blind_samples: Annotated[float, Field(ge=1, le=60)] = 4
    """After so many sampling periods without a picture the camera counts as blind."""
    sound: SoundSettings = SoundSettings()

    @property
    def detail(self) -> int:
        """Side in pixels of the square in which the detector sees a zone: so large pictures are decoded."""
        if self.detector == "onnx" and self.onnx is not None:
            return self.onnx.size or USUAL_SIZE
        return self.crop_size


class StorageSettings(Strict):
    """Where recordings lie. Without `disks`: in the folder `recordings` of `data`.

    New segments go to the disk with the most free space. Below `keep_free_percent` free the oldest segments
    that no lock holds make room; `warn_hours` ahead of the moment at which footage would have to go before
    its promised age an alert is raised.
    """

    disks: tuple[Path, ...] = ()
    keep_free_percent: Annotated[float, Field(ge=0.1, le=50)] = 5
    warn_hours: Annotated[float, Field(ge=0, le=8760)] = 72
    archive: ArchiveSettings | None = None


class SiteSettings(Strict):
    """What belongs to the machine rather than to the hall.

    A relative `data` or disk is meant from the folder of the file.
    """

    data: Path = Path("data")
    secret_key: Path | None = None
    """The file of the keys that encrypt stored passwords; without it `secret.key` in `data`."""
    database: str | None = None
    """SQLAlchemy URL; without it a SQLite file in `data`. `${NAME}` is filled in by who connects."""
    bus: BusSettings = BusSettings()
    console: ConsoleSettings = ConsoleSettings()
    capture: CaptureSettings = CaptureSettings()
    storage: StorageSettings = StorageSettings()
    keep: Keep = Keep()
    analysis: AnalysisSettings = AnalysisSettings()
    notifiers: tuple[NotifierSettings, ...] = ()
    access: AccessSettings = AccessSettings()
    evidence: EvidenceSettings = EvidenceSettings()

    @property
    def database_url(self) -> str:
        """The URL of the database in use, its secrets not filled in."""
        return self.database or f"sqlite:///{self.data / 'hallwatch.db'}"

    @property
    def secret_key_file(self) -> Path:
        """Where the keys of stored passwords lie, unless the environment hands them over."""
        return self.secret_key or self.data / "secret.key"

    @property
    def disks(self) -> tuple[Path, ...]:
        """The folders of recorded files, one a disk."""
        return self.storage.disks or (self.data / "recordings",)

    def keep_of(self, camera: Camera) -> Keep:
        """What holds for a camera: its own limits, and the site's where it has none."""
        own = camera.keep.model_dump(exclude_none=True) if camera.keep is not None else {}
        return self.keep.model_copy(update=own)


def default_rules() -> tuple[Rule, ...]:
    """The rules of a hall that names none.

    Without those whose limits depend on the hall (crowding, steps), on its queue system (calls), or on what
    its microphones are like (disputes, faults of sound).
    """
    return (
        AbsenceRule(id=RuleId("absence")),
        UnattendedCustomerRule(id=RuleId("unattended-customer")),
        OverlongPauseRule(id=RuleId("overlong-pause")),
        OverlongWaitRule(id=RuleId("overlong-wait")),
        LongQueueRule(id=RuleId("long-queue")),
        CameraFaultRule(id=RuleId("camera-fault")),
        RecordingGapRule(id=RuleId("recording-gap")),
        DetectorStaleRule(id=RuleId("detector-stale")),
        DiskRule(id=RuleId("disk")),
        OverdueTransactionRule(id=RuleId("overdue-promised")),
        OverdueTransactionRule(id=RuleId("overdue-statutory"), limit=LimitKind.STATUTORY),
    )


class RuleFile(Strict):
    """Rules alone, as `hallwatch rules replay --rules` takes them."""

    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


class HallSettings(Hall):
    """One hall with all its parts."""

    schedule: Schedule = Schedule()
    units: Annotated[tuple[Unit, ...], Field(min_length=1)]
    staff: tuple[Staff, ...] = ()
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
    cameras: tuple[Camera, ...] = ()
    items: tuple[Item, ...] = ()
    """What is applied for, as queue events name it, with the limits in working days."""
    queues: tuple[QueueSettings, ...] = ()
    """Queue systems that are asked; others post their events."""
    rules: tuple[Rule, ...] = Field(default_factory=default_rules)
    quiet: QuietHours = QuietHours()
    escalation: tuple[EscalationStep, ...] = ()
    """Who is told next of an alert that nobody acknowledges, in order."""

    def with_calendar(self, calendar: WorkCalendar) -> HallSettings:
        """The hall with opening hours, its own and its rules', that follow a calendar.

        Those whose schedule says that it does not stay as they are.
        """
        rules = tuple(rule.with_calendar(calendar.days) for rule in self.rules)
        schedule = self.schedule.with_calendar(calendar.days)
        return self.model_copy(update={"schedule": schedule, "rules": rules})

    @property
    def zone_info(self) -> ZoneInfo:
        """The hall's time zone."""
        return ZoneInfo(self.timezone)

    def window(self, window: WindowId) -> Window | None:
        """The window with this id, or None."""
        return next((known for known in self.windows if known.id == window), None)

    def item(self, item: str | None) -> Item | None:
        """The item that queue events call so, or None."""
        return next((known for known in self.items if known.id == item), None)

    def cameras_by_window(self) -> dict[WindowId, tuple[CameraId, ...]]:
        """`cameras_of` for every window that a camera shows: looked for once, not once for each window."""
        shown: dict[WindowId, list[CameraId]] = {}
        for camera in self.cameras:
            for window in camera.windows:
                shown.setdefault(window, []).append(camera.id)
        return {window: tuple(cameras) for window, cameras in shown.items()}

    def cameras_of(self, window: WindowId) -> tuple[CameraId, ...]:
        """The cameras that show a window."""
        return tuple(camera.id for camera in self.cameras if window in camera.windows)


class Configuration(Strict):
    """The whole of hall.yaml."""

    version: Annotated[int, Field(ge=1, le=1)] = 1
    site: SiteSettings = SiteSettings()
    halls: Annotated[tuple[HallSettings, ...], Field(min_length=1)]

    def camera(self, camera: CameraId) -> tuple[HallSettings, Camera] | None:
        """The camera with this id and its hall, or None. Camera ids are unique over all halls."""
        for hall in self.halls:
            for known in hall.cameras:
                if known.id == camera:
                    return hall, known
        return None
