"""The page on access shows the table of roles and permissions as it is."""

from __future__ import annotations

import re

from hall.permissions import ROLES, Permission
from hall.roles import Role
from tests.unit.documentation.pages import page, rows

COLUMNS = (Role.OFFICER, Role.INVESTIGATOR, Role.MANAGER, Role.ADMINISTRATOR, Role.AUDITOR)


def test_the_page_shows_who_may_do_what() -> None:
    shown: dict[Role, set[str]] = {role: set() for role in COLUMNS}
    for cells in rows(page("docs/design/0016-access.md"), "permission"):
        for role, mark in zip(COLUMNS, cells[1:], strict=True):
            if mark:
                shown[role] |= set(re.findall(r"`(\w+)`", cells[0]))
    assert shown == {role: {str(one) for one in ROLES[role]} for role in Role}
    assert set().union(*shown.values()) == set(Permission)
