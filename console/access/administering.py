"""What an administrator may give: who is limited to halls gives away no more than that reaches.

Administrators who see all halls may give any role, also that of an auditor, whose rights they do not have.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from console.access import scope
from console.access.visitor import Visitor
from console.dependencies import Dependencies
from hall.errors import Conflict, NotFound, NotPermitted, RequestRefused
from hall.names import CameraId, HallId
from hall.permissions import Permission, Rights
from hall.roles import Role
from store import accounts
from store.accounts import User
from store.database import Read

MACHINES = "key:"
"""How machines are called in the trail: no person is called so."""


def checked_name(name: str) -> str:
    """A name for a new user. Raises RequestRefused."""
    if name.startswith(MACHINES) or name != name.strip():
        raise RequestRefused("name", f"must not begin with '{MACHINES}', nor begin or end with a space")
    return name


def checked_limits(
    visitor: Visitor, given: Dependencies, tx: Read, halls: Collection[str], cameras: Collection[str]
) -> tuple[tuple[HallId, ...], tuple[CameraId, ...]]:
    """Halls and cameras that exist, within the visitor's own reach. Raises RequestRefused."""
    known = {hall.id: hall for hall in scope.halls(visitor, given, tx)}
    for hall in halls:
        if hall not in known:
            raise RequestRefused("halls", f"there is no hall '{hall}'")
    within = {camera.id for hall in known.values() for camera in hall.cameras}
    for camera in cameras:
        if camera not in within or not visitor.rights.sees_camera(CameraId(camera)):
            raise RequestRefused("cameras", f"there is no camera '{camera}'")
    return tuple(HallId(hall) for hall in dict.fromkeys(halls)), tuple(
        CameraId(camera) for camera in dict.fromkeys(cameras)
    )


def check_gift(visitor: Visitor, rights: Rights) -> None:
    """Whether a visitor may give somebody these rights. Raises NotPermitted."""
    if not reaches(visitor.rights, rights):
        raise NotPermitted("nobody may give rights that reach beyond the own ones")


def reaches(own: Rights, other: Rights) -> bool:
    """Whether own rights cover another's halls and cameras, and the permissions of who is limited."""
    halls = own.halls is None or (other.halls is not None and other.halls <= own.halls)
    cameras = own.cameras is None or (other.cameras is not None and other.cameras <= own.cameras)
    is_whole = own.halls is None and own.cameras is None
    return halls and cameras and (is_whole or other.permissions <= own.permissions)


def user_of(visitor: Visitor, tx: Read, identifier: str) -> User:
    """A user whom the visitor may administer. Raises NotFound."""
    found = accounts.user_by_id(tx, identifier)
    if found is None or not reaches(visitor.rights, found.rights):
        raise NotFound(f"there is no user {identifier}")
    return found


def changed(
    visitor: Visitor,
    user: User,
    *,
    role: Role | None,
    disabled: bool | None,
    withheld: Collection[Permission] | None,
    limits: tuple[tuple[HallId, ...], tuple[CameraId, ...]],
) -> User:
    """A user as changed. Raises NotPermitted, or Conflict when somebody would lock themselves out."""
    made = replace(
        user,
        role=role or user.role,
        disabled=user.disabled if disabled is None else disabled,
        withheld=user.withheld if withheld is None else tuple(dict.fromkeys(withheld)),
        halls=limits[0],
        cameras=limits[1],
    )
    check_gift(visitor, made.rights)
    if user.id == visitor.user.id and (made.disabled or not made.rights.may(Permission.USERS)):
        raise Conflict("user: nobody takes the administration from themselves: let somebody else do it")
    return made
