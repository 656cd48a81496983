"""What the API answers with about users, sessions and keys, and what it takes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from console.api.asked import Name
from console.api.shapes import PRINTABLE, Page
from hall.names import CameraId, HallId
from hall.permissions import Permission
from hall.place import Strict, Text
from hall.roles import Role
from hall.secrets import SHORTEST_PASSWORD
from store.accounts import Session, User
from store.api_keys import ApiKey

Password = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=256)]
UserName = Annotated[str, Field(min_length=1, max_length=63, pattern=PRINTABLE)]
Code = Annotated[str, Field(min_length=6, max_length=32, pattern=PRINTABLE)]
Names = Annotated[list[Name], Field(max_length=200)]


class PasswordChange(Strict):
    """The own password, and the one in its place."""

    old: Annotated[str, Field(min_length=1, max_length=256)]
    new: Password


class StatedReason(Strict):
    """What the looking is for, as the number of a complaint."""

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]


class LogInWays(BaseModel):
    """How one can log in: with a password of the console, and by single sign-on, as its button is called."""

    passwords: bool
    single_sign_on: bool
    name: Text | None


class CodeAwaitedView(BaseModel):
    """The password was right; POST /session/code with `token` and a code, until `expires_at`."""

    token: str
    expires_at: datetime


class CodeGiven(Strict):
    """The second step of a log-in: a code of the authenticator, or a recovery code."""

    token: Annotated[str, Field(min_length=1, max_length=256)]
    code: Code


class GivenCode(Strict):
    """A code of the own authenticator, or a recovery code."""

    code: Code


class OwnPassword(Strict):
    """The own password, once more."""

    password: Annotated[str, Field(min_length=1, max_length=256)]


class SecondFactorEnd(OwnPassword):
    """What it takes to end the second factor."""

    code: Code


class SecondFactorView(BaseModel):
    """The own second factor: since when it is in force (null: it is not), and whether policy demands one.

    Not `possible` for who logs in by single sign-on: there it is kept.
    """

    since: datetime | None
    recovery_codes_left: int
    demanded: bool
    possible: bool


class SecondFactorBegun(BaseModel):
    """A secret, shown this once: as text, as `otpauth` address, and that as a picture (`data:`, SVG)."""

    secret: str
    address: str
    picture: str


class RecoveryCodes(BaseModel):
    """Codes that are good once each, in the place of the authenticator. They are shown this once."""

    codes: list[str]


class SessionItem(BaseModel):
    """One log-in of a user; `current` is the one that asks."""

    id: str
    opened_at: datetime
    expires_at: datetime
    address: str
    current: bool

    @classmethod
    def of(cls, session: Session, current: str = "") -> SessionItem:
        """The view of a session."""
        return cls(
            id=session.id,
            opened_at=session.opened_at,
            expires_at=session.expires_at,
            address=session.address,
            current=session.id == current,
        )


class SessionItemList(Page[SessionItem]):
    """Sessions in force, the newest first."""


class UserDetail(BaseModel):
    """A user: no `halls` or `cameras` means all; `permissions` are what is left of the role's.

    `single_sign_on`: the provider knows this user, who has no password here.
    """

    id: str
    name: str
    role: Role
    disabled: bool
    halls: list[HallId]
    cameras: list[CameraId]
    withheld: list[Permission]
    permissions: list[Permission]
    second_factor: bool
    single_sign_on: bool

    @classmethod
    def of(cls, user: User) -> UserDetail:
        """The view of a user."""
        return cls(
            id=user.id,
            name=user.name,
            role=user.role,
            disabled=user.disabled,
            halls=list(user.halls),
            cameras=list(user.cameras),
            withheld=list(user.withheld),
            permissions=sorted(user.rights.permissions),
            second_factor=user.second_factor_since is not None,
            single_sign_on=user.subject is not None,
        )


class UserList(Page[UserDetail]):
    """Users, by name."""


class UserRequest(Strict):
    """A new user."""

    name: UserName
    password: Password
    role: Role
    halls: Names = Field(default_factory=list)
    cameras: Names = Field(default_factory=list)
    withheld: Annotated[list[Permission], Field(default_factory=list, max_length=50)]


class UserChange(Strict):
    """What is to be different about a user; what is left out, or null, stays. Ends the user's sessions."""

    role: Role | None = None
    disabled: bool | None = None
    password: Password | None = None
    halls: Names | None = None
    cameras: Names | None = None
    withheld: Annotated[list[Permission] | None, Field(max_length=50)] = None


class KeyView(BaseModel):
    """The key of a machine, without the key."""

    name: str
    scopes: list[str]
    halls: list[HallId]
    created_at: datetime

    @classmethod
    def of(cls, known: ApiKey) -> KeyView:
        """The view of a key."""
        return cls(
            name=known.name,
            scopes=list(known.scopes),
            halls=list(known.halls),
            created_at=known.created_at,
        )


class KeyList(Page[KeyView]):
    """Keys, by name."""


class KeyRequest(Strict):
    """A new key: what it opens, in which halls (none named: in all)."""

    name: UserName
    scopes: Annotated[list[str], Field(min_length=1, max_length=10)]
    halls: Names = Field(default_factory=list)


class NewKey(KeyView):
    """A key that was just made. `key` is shown this once."""

    key: str
