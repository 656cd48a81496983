"""What the rules judge: the facts of a post, a waiting ticket, a waiting area, an outage, a disk.

Each is a plain value. The rules see nothing else, so history can be judged again under new limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from alerts.desks import Desk
from alerts.matter_facts import CaseFile, Service, day_end
from hall.announcement import Announcement
from hall.config import HallSettings
from hall.finding import Subject
from hall.interval import Interval
from hall.media import Gap
from hall.names import CameraId, RuleId, WindowId, ZoneId
from hall.observing import Observation
from hall.place import Camera, Window
from hall.queueing import Ticket, WindowStatus
from hall.roster import Duties
from hall.storage import Disk


@dataclass(frozen=True, slots=True)
class Sight:
    """One zone of one camera over time.

    `observations` are of the kind that belongs to its role (presence, customer or people), in any order.
    They do not overlap. `watched` is the watermark: the last
    moment at which analysis is known to have seen a picture of this camera, which it does every
    `sample_every` seconds. `unseen` are stretches that no watermark covered although no observation
    says so (analysis was away). `is_followed`: whoever asks is told anyhow when the watermark stands still,
    and needs no due for that.
    """

    camera: CameraId
    zone: ZoneId
    observations: tuple[Observation, ...] = ()
    watched: datetime | None = None
    sample_every: float = 2.0
    unseen: tuple[Interval, ...] = ()
    is_followed: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """One window with its states and with everything that cameras tell of its zones.

    `sights` are its staff zones, `customers` its customer zones. `statuses` come in any order and do not
    overlap. Emptiness is never counted from before `counted_from`, where it is given. `duties` is what the
    roster says of the window, `announcements` are those of the hall, in any order.
    """

    hall: HallSettings
    window: Window
    statuses: tuple[WindowStatus, ...] = ()
    sights: tuple[Sight, ...] = ()
    counted_from: datetime | None = None
    customers: tuple[Sight, ...] = ()
    duties: Duties = field(default_factory=Duties)
    announcements: tuple[Announcement, ...] = ()

    @property
    def subject(self) -> Subject:
        """What an alert about this post names."""
        return Subject(self.hall.id, window=self.window.id)

    @property
    def cameras(self) -> tuple[CameraId, ...]:
        """The cameras that show the post."""
        return self.hall.cameras_of(self.window.id)


@dataclass(frozen=True, slots=True)
class Wait:
    """One ticket on its way through the hall, and the windows that may serve it (none: not known)."""

    hall: HallSettings
    ticket: Ticket
    desks: tuple[Desk, ...] = ()

    @property
    def subject(self) -> Subject:
        """What an alert about this wait names; the window once it is called."""
        ticket = self.ticket
        return Subject(self.hall.id, window=ticket.window, ticket=ticket.id, ticket_number=ticket.number)

    @property
    def cameras(self) -> tuple[CameraId, ...]:
        """The cameras that show a waiting area."""
        return tuple(
            camera.id for camera in self.hall.cameras if any(zone.window is None for zone in camera.zones)
        )

    @property
    def expires(self) -> datetime:
        """When the ticket stops to count as waiting though nobody called it: tickets are of one day."""
        return day_end(self.hall, self.ticket.taken_at)


@dataclass(frozen=True, slots=True)
class WaitingArea:
    """All waiting zones of one hall. No crowd is counted from before `counted_from`, where it is given."""

    hall: HallSettings
    sights: tuple[Sight, ...] = ()
    counted_from: datetime | None = None

    @property
    def subject(self) -> Subject:
        """What an alert about a crowd names: the hall."""
        return Subject(self.hall.id)

    @property
    def cameras(self) -> tuple[CameraId, ...]:
        """The cameras that show where people wait."""
        return tuple(dict.fromkeys(sight.camera for sight in self.sights))


@dataclass(frozen=True, slots=True)
class Carried:
    """A hall's finding under a rule that stood when an instance began, at `known_from`.

    What was before that is kept by nobody; the finding itself says that it began at `since`, and with which
    cameras.
    """

    rule: RuleId
    since: datetime
    known_from: datetime
    cameras: tuple[CameraId, ...] = ()


@dataclass(frozen=True, slots=True)
class Unexamined:
    """How analysis gets on with one camera: `watched` is the watermark, None where there never was one.

    `before` are stretches in which it had stood still for long, as far as this instance saw them. Nothing is
    counted from before `configured_at`, nor found from what this instance, which began at `known_from`, has
    not seen for long enough.
    """

    watched: datetime | None
    configured_at: datetime
    known_from: datetime
    before: tuple[Interval, ...] = ()
    carried: tuple[Carried, ...] = ()


@dataclass(frozen=True, slots=True)
class Outage:
    """One camera: the gaps in its recording, in any order, and what is known of its picture and its sound.

    `picture` and `microphone` are of the whole source (their zone is empty), None where nothing was read.
    `among` are all cameras of its hall; without it the camera stands alone.
    """

    hall: HallSettings
    camera: Camera
    gaps: tuple[Gap, ...] = ()
    picture: Sight | None = None
    microphone: Sight | None = None
    unexamined: Unexamined | None = None
    among: HallOutage | None = None

    @property
    def subject(self) -> Subject:
        """What an alert about this camera names."""
        return Subject(self.hall.id, camera=self.camera.id)

    @property
    def cameras(self) -> tuple[CameraId, ...]:
        """The camera itself: its last picture is the evidence."""
        return (self.camera.id,)


@dataclass(frozen=True, slots=True)
class HallOutage:
    """All cameras of one hall, for what happens to them together.

    `worked_out` is for who judges them: what follows for the hall is asked for each camera that is out.
    """

    hall: HallSettings
    all_cameras: tuple[Outage, ...] = ()
    worked_out: dict[object, object] = field(default_factory=dict, compare=False, repr=False)

    @property
    def subject(self) -> Subject:
        """What an alert about cameras that are out together names: the hall."""
        return Subject(self.hall.id)

    @property
    def cameras(self) -> tuple[CameraId, ...]:
        """All of them."""
        return tuple(outage.camera.id for outage in self.all_cameras)


@dataclass(frozen=True, slots=True)
class Voices:
    """How loud people speak at a window, or near a camera that shows none or several.

    `sights` are of whole cameras, with observations of voices.
    """

    hall: HallSettings
    sights: tuple[Sight, ...]
    window: Window | None = None

    @property
    def subject(self) -> Subject:
        """What an alert about raised voices names."""
        if self.window is not None:
            return Subject(self.hall.id, window=self.window.id)
        return Subject(self.hall.id, camera=self.sights[0].camera)

    @property
    def cameras(self) -> tuple[CameraId, ...]:
        """The cameras whose sound it is."""
        return tuple(sight.camera for sight in self.sights)


@dataclass(frozen=True, slots=True)
class HallQueue:
    """The queue of one hall: tickets and windows in any order, and what is seen in its waiting zones.

    `staff` are the staff zones of windows. How the queue stood before `known_from` is not known.
    """

    hall: HallSettings
    tickets: tuple[Ticket, ...] = ()
    desks: tuple[Desk, ...] = ()
    people: tuple[Sight, ...] = ()
    known_from: datetime | None = None
    staff: tuple[tuple[WindowId, tuple[Sight, ...]], ...] = ()

    @property
    def subject(self) -> Subject:
        """What an alert about a long queue names: the hall."""
        return Subject(self.hall.id)

    @property
    def cameras(self) -> tuple[CameraId, ...]:
        """The cameras that show where people wait."""
        return tuple(dict.fromkeys(sight.camera for sight in self.people))


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """One disk of recordings, as it was last measured."""

    hall: HallSettings
    disk: Disk

    @property
    def subject(self) -> Subject:
        """What an alert about this disk names."""
        return Subject(self.hall.id, disk=self.disk.path)

    @property
    def cameras(self) -> tuple[CameraId, ...]:
        """None: a disk is not to be seen."""
        return ()


Facts: TypeAlias = (
    Post | Wait | WaitingArea | HallQueue | Outage | HallOutage | Voices | DiskSpace | Service | CaseFile
)
