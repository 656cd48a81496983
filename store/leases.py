"""Leases: who may act alone, until when. The epoch grows with each new holder and fences the old one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update

from hall.clock import from_microseconds, to_microseconds
from store.database import Read, Write
from store.tables import leases

# Put together once: each flip confirms the lease with them.
_FIND = select(leases).where(leases.c.name == bindparam("lease"))
_RENEW = update(leases).where(leases.c.name == bindparam("lease"))


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to act alone under `name` until `expires`."""

    name: str
    holder: str
    epoch: int
    expires: datetime


def find(tx: Read, name: str) -> Lease | None:
    """The lease as it was last taken, renewed or released, or None when nobody ever held it."""
    row = tx.connection.execute(_FIND, {"lease": name}).first()
    return None if row is None else Lease(name, row.holder, row.epoch, from_microseconds(row.expires_us))


def acquire(
    tx: Write, name: str, holder: str, now: datetime, ttl: timedelta, *, gone: str | None = None
) -> Lease | None:
    """Take or renew a lease. None while another holds it; the epoch grows only when the holder changes.

    A lease of `gone`, a holder that is known to be dead, is taken over before it runs out.
    """
    expires = now + ttl
    row = tx.connection.execute(_FIND, {"lease": name}).first()
    if row is None:
        tx.connection.execute(
            insert(leases).values(name=name, holder=holder, epoch=1, expires_us=to_microseconds(expires))
        )
        return Lease(name, holder, 1, expires)
    if row.holder not in (holder, gone) and row.expires_us > to_microseconds(now):
        return None
    epoch = row.epoch if row.holder == holder else row.epoch + 1
    values = {"lease": name, "holder": holder, "epoch": epoch, "expires_us": to_microseconds(expires)}
    tx.connection.execute(_RENEW, values)
    return Lease(name, holder, epoch, expires)
