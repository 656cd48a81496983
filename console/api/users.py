"""Users and the keys of machines, for administrators. Each change ends what was allowed before at once."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter

from console.access import administering
from console.access.gate import READ_SCOPES, SCOPES, may
from console.access.passwords import hash_password
from console.access.second_factor import check_has_password
from console.access.visitor import Visitor
from console.api.account_shapes import (
    KeyList,
    KeyRequest,
    KeyView,
    NewKey,
    SessionItem,
    SessionItemList,
    UserChange,
    UserDetail,
    UserList,
    UserRequest,
)
from console.api.asked import Name
from console.dependencies import Given
from hall.errors import Conflict, NotFound, RequestRefused
from hall.permissions import Permission, Rights, rights_of
from store import accounts, api_keys, audit, second_factors
from store.database import Write

router = APIRouter(tags=["users"])

Administrator = Annotated[Visitor, may(Permission.USERS)]


@router.get("/users", response_model=UserList)
def list_users(visitor: Administrator, given: Given) -> UserList:
    """Everybody whom the visitor may administer, disabled users as well."""
    with given.database.read() as tx:
        found = accounts.all_users(tx)
    within = [user for user in found if administering.reaches(visitor.rights, user.rights)]
    return UserList(items=[UserDetail.of(user) for user in within])


@router.post("/users", status_code=201, response_model=UserDetail)
def add_user(visitor: Administrator, given: Given, asked: UserRequest) -> UserDetail:
    """Enter a user. 409 when the name is taken."""
    name, now = administering.checked_name(asked.name), given.clock.now()
    hashed = hash_password(asked.password)
    with given.database.write() as tx:
        if accounts.user_by_name(tx, name) is not None:
            raise Conflict(f"name: there is a user '{name}' already")
        halls, cameras = administering.checked_limits(visitor, given, tx, asked.halls, asked.cameras)
        withheld = tuple(dict.fromkeys(asked.withheld))
        administering.check_gift(visitor, rights_of(asked.role, withheld, halls, cameras))
        entered = accounts.save_user(tx, name, asked.role, hashed, now)
        user = replace(entered, halls=halls, cameras=cameras, withheld=withheld)
        accounts.change_user(tx, user)
        _note(tx, visitor, given, "user_add", f"user:{name}", user.described)
    return UserDetail.of(user)


@router.patch("/users/{user}", response_model=UserDetail)
def change_user(visitor: Administrator, given: Given, user: Name, asked: UserChange) -> UserDetail:
    """Change a user. All sessions of that user end, open screens within ten seconds."""
    hashed = hash_password(asked.password) if asked.password is not None else None
    with given.database.write() as tx:
        known = administering.user_of(visitor, tx, user)
        if hashed is not None:
            check_has_password(known)
        halls = known.halls if asked.halls is None else asked.halls
        cameras = known.cameras if asked.cameras is None else asked.cameras
        limits = administering.checked_limits(visitor, given, tx, halls, cameras)
        made = administering.changed(
            visitor, known, role=asked.role, disabled=asked.disabled, withheld=asked.withheld, limits=limits
        )
        made = replace(made, password_hash=hashed) if hashed is not None else made
        accounts.change_user(tx, made)
        detail = made.described + (", new password" if hashed is not None else "")
        _note(tx, visitor, given, "user_change", f"user:{made.name}", detail)
    return UserDetail.of(made)


@router.get("/users/{user}/sessions", response_model=SessionItemList)
def list_sessions_of(visitor: Administrator, given: Given, user: Name) -> SessionItemList:
    """Where a user is logged in."""
    with given.database.read() as tx:
        known = administering.user_of(visitor, tx, user)
        found = accounts.sessions_of(tx, known.id, given.clock.now())
    return SessionItemList(items=[SessionItem.of(session) for session in found])


@router.delete("/users/{user}/sessions", status_code=204)
def end_sessions_of(visitor: Administrator, given: Given, user: Name) -> None:
    """Log a user out everywhere."""
    with given.database.write() as tx:
        known = administering.user_of(visitor, tx, user)
        accounts.end_sessions(tx, known.id)
        _note(tx, visitor, given, "sessions_end", f"user:{known.name}", "all")


@router.delete("/users/{user}/second-factor", status_code=204)
def reset_second_factor_of(visitor: Administrator, given: Given, user: Name) -> None:
    """Take a lost second factor from a user, whose sessions end. 404 when there was none."""
    with given.database.write() as tx:
        known = administering.user_of(visitor, tx, user)
        if not second_factors.reset(tx, known.id):
            raise NotFound(f"the user {user} has no second factor")
        _note(tx, visitor, given, "second_factor_reset", f"user:{known.name}", "")


@router.get("/keys", response_model=KeyList)
def list_keys(visitor: Administrator, given: Given) -> KeyList:
    """The keys of machines."""
    with given.database.read() as tx:
        found = api_keys.all_keys(tx)
    return KeyList(items=[KeyView.of(key) for key in found if _administers(visitor, key)])


@router.post("/keys", status_code=201, response_model=NewKey)
def add_key(visitor: Administrator, given: Given, asked: KeyRequest) -> NewKey:
    """Make a key and show it this once: only its hash is stored. 409 when the name is taken."""
    for one in asked.scopes:
        if one not in SCOPES:
            raise RequestRefused("scopes", f"'{one}' is none of {', '.join(SCOPES)}")
    secret = secrets.token_urlsafe(32)
    with given.database.write() as tx:
        halls, _ = administering.checked_limits(visitor, given, tx, asked.halls, ())
        opened = frozenset(Permission(one) for one in asked.scopes if one in READ_SCOPES)
        administering.check_gift(visitor, Rights(opened, frozenset(halls) or None, visitor.rights.cameras))
        made = api_keys.add(tx, asked.name, set(asked.scopes), secret, given.clock.now(), halls)
        words = f"{', '.join(made.scopes)} in {', '.join(made.halls) or 'all halls'}"
        _note(tx, visitor, given, "key_add", f"key:{made.name}", words)
    return NewKey(**dict(KeyView.of(made)), key=secret)


@router.delete("/keys/{key}", status_code=204)
def remove_key(visitor: Administrator, given: Given, key: Name) -> None:
    """Withdraw a key: it opens nothing from this moment."""
    with given.database.write() as tx:
        known = next((one for one in api_keys.all_keys(tx) if one.name == key), None)
        if known is None or not _administers(visitor, known):
            raise NotFound(f"there is no key {key}")
        api_keys.remove(tx, key)
        _note(tx, visitor, given, "key_remove", f"key:{key}", "")


def _administers(visitor: Visitor, key: api_keys.ApiKey) -> bool:
    """Whether a key opens halls within reach alone."""
    own = visitor.rights.halls
    return own is None or (bool(key.halls) and own.issuperset(key.halls))


def _note(tx: Write, visitor: Visitor, given: Given, action: str, subject: str, detail: str) -> None:
    audit.record(
        tx,
        at=given.clock.now(),
        who=visitor.user.name,
        action=action,
        subject=subject,
        detail=detail,
        address=visitor.address,
    )
