"""Who asks: the user behind a request."""

from __future__ import annotations

from dataclasses import dataclass

from hall.permissions import Permission, Rights
from store.accounts import User


@dataclass(frozen=True, slots=True)
class Visitor:
    """A user with a session in force, and from which address. Unsafe requests must carry `csrf`.

    A machine that shows its key is a visitor of the key's `reach`, whatever its stand-in user may.
    """

    user: User
    csrf: str
    address: str
    reach: Rights | None = None
    reason: str = ""
    """What the user says the looking is for, as long as that holds."""
    owes_reason_for: frozenset[Permission] = frozenset()
    """For what a reason has to be stated before anything is shown."""
    owes_second_factor: bool = False
    """Whether policy demands a second factor of this user that is not set up yet: till then nothing else."""

    @property
    def rights(self) -> Rights:
        """What this visitor may do, and where."""
        if self.owes_second_factor:
            return Rights(frozenset())
        return self.reach if self.reach is not None else self.user.rights

    def may(self, *permissions: Permission) -> bool:
        """Whether all of the permissions are held."""
        return self.rights.may(*permissions)
