"""The audit trail: who viewed, sought, exported or changed what. Read by auditors, changed by nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from console.access.gate import may
from console.access.pacing import paced
from console.access.rates import Cost
from console.access.visitor import Visitor
from console.api.asked import Moment, Name
from console.api.shapes import Page
from console.dependencies import Given
from hall.errors import NotPermitted
from hall.permissions import Permission
from store import audit
from store.audit import AuditEntry

router = APIRouter(prefix="/audit", tags=["audit"])

LOOKED = "audit_search"

Auditor = Annotated[Visitor, may(Permission.AUDIT)]


class AuditQuery(BaseModel):
    """Which entries are sought: those that fit every member that is given.

    `who` and `action` are whole; `subject` is how a subject begins, as `camera:` or `alert:a1`; `text` stands
    anywhere in subject, detail or reason. Searches of the trail, which name what was sought, are found by who
    or by action alone.
    """

    who: Name | None = None
    action: Name | None = None
    subject: Name | None = None
    text: Name | None = None
    start: Annotated[Moment | None, Field(alias="from")] = None
    end: Annotated[Moment | None, Field(alias="to")] = None
    before: Annotated[int | None, Field(ge=1, lt=2**63)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AuditEntryView(BaseModel):
    """One accountable act. `sha256` covers it and the entry before it; `seq` orders all."""

    seq: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: str
    reason: str
    address: str
    sha256: str

    @classmethod
    def of(cls, entry: AuditEntry) -> AuditEntryView:
        """The view of an entry."""
        return cls(
            seq=entry.seq,
            at=entry.at,
            who=entry.who,
            action=entry.action,
            subject=entry.subject,
            detail=entry.detail,
            reason=entry.reason,
            address=entry.address,
            sha256=entry.sha256,
        )


class AuditPage(Page[AuditEntryView]):
    """Entries, the newest first; `next` is the `before` of the following part."""


class AuditNames(BaseModel):
    """Who and what stands in the trail, for those who look."""

    who: list[str]
    actions: list[str]


@router.get("", response_model=AuditPage, dependencies=[paced(Cost.SEARCHES)])
def search(visitor: Auditor, given: Given, asked: Annotated[AuditQuery, Query()]) -> AuditPage:
    """Entries that fit every given member. That somebody looked is entered too."""
    _check_whole(visitor)
    named = asked.model_dump(mode="json", exclude_none=True, exclude={"before", "limit"}, by_alias=True)
    words = ", ".join(f"{key}={value}" for key, value in named.items())
    given.trail.viewed(visitor, given.clock.now(), LOOKED, "audit", words)
    with given.database.read() as tx:
        found = audit.search(
            tx,
            who=asked.who,
            action=asked.action,
            subject=asked.subject,
            text=asked.text,
            start=asked.start,
            end=asked.end,
            before=asked.before,
            besides=LOOKED if asked.text is not None and asked.action is None else None,
            limit=asked.limit + 1,
        )
    page = found[: asked.limit]
    following = str(page[-1].seq) if len(found) > asked.limit else None
    return AuditPage(items=[AuditEntryView.of(entry) for entry in page], next=following)


@router.get("/names", response_model=AuditNames)
def list_names(visitor: Auditor, given: Given) -> AuditNames:
    """Every name and every kind of act in the trail."""
    _check_whole(visitor)
    with given.database.read() as tx:
        return AuditNames(who=audit.known(tx, "who"), actions=audit.known(tx, "action"))


def _check_whole(visitor: Visitor) -> None:
    """Raises NotPermitted for who does not see every hall: entries tell of all of them."""
    if visitor.rights.halls is not None or visitor.rights.cameras is not None:
        raise NotPermitted("the audit trail is of all halls: who is limited to some cannot read it")
