"""The statement for the states of a window over some time: put together once, and bounded.

States of a window do not overlap, so besides those that begin within the time only the last one before it can
reach into it. A condition on ends alone would read all that the window ever told.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select

from store.tables import window_statuses

_STANDING = (
    window_statuses.c.hall == bindparam("of_hall"),
    window_statuses.c.window == bindparam("of_window"),
    window_statuses.c.superseded_us.is_(None),
)
_LAST_BEFORE = (
    select(window_statuses.c.start_us)
    .where(*_STANDING, window_statuses.c.start_us < bindparam("from_us"))
    .order_by(window_statuses.c.start_us.desc())
    .limit(1)
    .scalar_subquery()
)
STATUS_HISTORY: Final[Select[Any]] = (
    select(window_statuses)
    .where(
        *_STANDING,
        window_statuses.c.start_us >= func.coalesce(_LAST_BEFORE, bindparam("from_us")),
        window_statuses.c.start_us < bindparam("until_us"),
        window_statuses.c.end_us.is_(None) | (window_statuses.c.end_us > bindparam("from_us")),
    )
    .order_by(window_statuses.c.start_us)
)
"""The states that overlap `[from_us, until_us)`, in order, of `of_window` in `of_hall`."""
