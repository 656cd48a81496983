"""How far facts have been judged: what a successor of the evaluator has to go on from.

A lease says who may write, not what has been done: its holder may have been killed in the midst of a pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from hall.clock import from_microseconds, to_microseconds
from store.database import Read, Write
from store.judged_table import judged


@dataclass(frozen=True, slots=True)
class Judged:
    """Every journal entry up to `seq`, and all that time alone had made due by `at`, has been judged.

    `began` is when judging began in this store: what was over before that is nobody's finding.
    """

    began: datetime
    at: datetime
    seq: int


def find(tx: Read, name: str) -> Judged | None:
    """How far those who hold the lease `name` have come, or None when nobody ever noted it."""
    row = tx.connection.execute(select(judged).where(judged.c.name == name)).first()
    if row is None:
        return None
    return Judged(from_microseconds(row.began_us), from_microseconds(row.at_us), row.seq)


def note(tx: Write, name: str, reached: Judged) -> None:
    """Note how far the holder of the lease `name` has come."""
    tx.connection.execute(delete(judged).where(judged.c.name == name))
    tx.connection.execute(
        insert(judged).values(
            name=name,
            began_us=to_microseconds(reached.began),
            at_us=to_microseconds(reached.at),
            seq=reached.seq,
        )
    )
