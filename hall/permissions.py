"""Who may do what: permissions of roles, and what narrows them for one user.

A role is a set of permissions. A user has those of the role, less what is withheld from that user by name;
never more. Halls and cameras say over what the permissions reach. Pure: the console asks, here it is decided.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from hall.journal import FactKind
from hall.names import CameraId, HallId
from hall.roles import Role


class Permission(StrEnum):
    """One thing that somebody may do or see."""

    BOARD = "board"
    """Halls, windows, how their cameras fare, and the board."""
    ALERTS = "alerts"
    """Alerts and silences, read."""
    ALERTS_COMMENT = "alerts_comment"
    ALERTS_ACT = "alerts_act"
    """Settle alerts, as far as `hall.alert_life` lets the role."""
    SILENCE = "silence"
    ANNOUNCE = "announce"
    LIVE = "live"
    """Live pictures."""
    REPLAY = "replay"
    """Recorded pictures."""
    SOUND = "sound"
    """What cameras and microphones heard, live, recorded and in packages."""
    SEARCH = "search"
    """Transactions and cases: who was served with what."""
    LOCK = "lock"
    EVIDENCE = "evidence"
    """What was ordered and locked, but not the packages themselves."""
    EXPORT = "export"
    """Order, fetch and delete packages."""
    QUEUE = "queue"
    """Refused queue events."""
    NOTIFIERS = "notifiers"
    """How notifiers fare, and trials of them."""
    ROSTER = "roster"
    """Shifts and approved leave, read and changed; what a leave is for is nobody else's business."""
    CAMERAS = "cameras"
    """Say that what a camera shows is right."""
    RULES = "rules"
    """Rules, read."""
    CONFIGURE = "configure"
    """Rules, calendar and everything else by which halls are supervised."""
    USERS = "users"
    """Users, their sessions, and the keys of machines."""
    SYSTEM = "system"
    """How processes, disks and the configuration are."""
    AUDIT = "audit"
    """The audit trail. An auditor's alone: who is watched does not watch the watching."""


_READ = frozenset({Permission.BOARD, Permission.ALERTS, Permission.RULES, Permission.EVIDENCE})
_LOOK = _READ | {
    Permission.LIVE,
    Permission.REPLAY,
    Permission.SEARCH,
    Permission.ALERTS_COMMENT,
    Permission.LOCK,
}

ROLES: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.OFFICER: _LOOK
        | {
            Permission.ALERTS_ACT,
            Permission.SOUND,
            Permission.SILENCE,
            Permission.ANNOUNCE,
            Permission.EXPORT,
            Permission.QUEUE,
            Permission.NOTIFIERS,
            Permission.CAMERAS,
        },
        Role.INVESTIGATOR: _LOOK | {Permission.SOUND, Permission.EXPORT},
        # Who is supervised neither silences nor settles alerts, and hears nobody's talk.
        Role.MANAGER: _LOOK | {Permission.ANNOUNCE, Permission.QUEUE, Permission.ROSTER},
        Role.ADMINISTRATOR: frozenset(Permission) - {Permission.AUDIT},
        Role.AUDITOR: _READ | {Permission.SYSTEM, Permission.AUDIT},
    }
)
"""What each role may do."""

FACTS: Mapping[FactKind, Permission] = MappingProxyType(
    {
        FactKind.CONFIGURATION: Permission.BOARD,
        FactKind.CALENDAR: Permission.BOARD,
        FactKind.ROLE: Permission.BOARD,
        FactKind.DISK: Permission.BOARD,
        FactKind.ROSTER: Permission.BOARD,
        FactKind.ANNOUNCEMENT: Permission.BOARD,
        FactKind.RUN: Permission.BOARD,
        FactKind.GAP: Permission.BOARD,
        FactKind.OBSERVATION: Permission.BOARD,
        FactKind.TICKET: Permission.BOARD,
        FactKind.WINDOW_STATUS: Permission.BOARD,
        FactKind.TRANSACTION: Permission.SEARCH,
        FactKind.PERIOD: Permission.SEARCH,
        FactKind.CASE: Permission.SEARCH,
        FactKind.SEGMENT: Permission.REPLAY,
        FactKind.SEGMENT_CHANGED: Permission.REPLAY,
        FactKind.SEGMENT_DELETED: Permission.REPLAY,
        FactKind.ALERT: Permission.ALERTS,
        FactKind.FLIP: Permission.ALERTS,
        FactKind.SILENCE: Permission.ALERTS,
        FactKind.LOCK: Permission.EVIDENCE,
        FactKind.EXPORT: Permission.EVIDENCE,
        FactKind.QUEUE_EVENT: Permission.QUEUE,
        FactKind.EVENT_REFUSED: Permission.QUEUE,
    }
)
"""Who is told of a fact as it happens. A kind that is missing is told to nobody."""

OF_NO_HALL = frozenset({FactKind.CONFIGURATION, FactKind.CALENDAR, FactKind.ROLE})
"""Facts that concern every hall alike. Others without a hall are told to those alone who see all halls."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do, and where. `halls`, `cameras`: None means all."""

    permissions: frozenset[Permission]
    halls: frozenset[HallId] | None = None
    cameras: frozenset[CameraId] | None = None

    def may(self, *permissions: Permission) -> bool:
        """Whether all of the permissions are held."""
        return self.permissions.issuperset(permissions)

    def sees_hall(self, hall: HallId | None) -> bool:
        """Whether a hall is within reach; what belongs to no known hall only for those who see all."""
        return self.halls is None or hall in self.halls

    def sees_camera(self, camera: CameraId) -> bool:
        """Whether a camera of a hall within reach is."""
        return self.cameras is None or camera in self.cameras

    def hears(self, kind: FactKind, hall: HallId | None, cameras: Collection[str]) -> bool:
        """Whether a fact of a hall, about these cameras (or none), is told."""
        needed = FACTS.get(kind)
        if needed is None or needed not in self.permissions:
            return False
        if self.halls is not None and hall not in self.halls and not (hall is None and kind in OF_NO_HALL):
            return False
        return self.cameras is None or self.cameras.issuperset(cameras)


def rights_of(
    role: Role,
    withheld: Collection[Permission] = (),
    halls: Collection[HallId] = (),
    cameras: Collection[CameraId] = (),
) -> Rights:
    """The rights of a user of `role`; no halls or cameras named means all."""
    return Rights(ROLES[role] - frozenset(withheld), frozenset(halls) or None, frozenset(cameras) or None)
