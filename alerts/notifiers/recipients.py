"""One message to several recipients: who has it already is not told again when another's fails for now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hall.errors import NotifyError

Tell = Callable[[list[str]], Mapping[str, NotifyError]]
"""Tells some recipients, and gives the failure of each that was not reached."""


class Recipients:
    """Who has had the message that is being told. In memory: after a restart all are told again."""

    def __init__(self, everybody: Sequence[str]) -> None:
        self._everybody = tuple(dict.fromkeys(everybody))
        self._key = ""
        self._told: set[str] = set()
        self._refused: dict[str, NotifyError] = {}

    def tell(self, key: str, tell: Tell) -> None:
        """Tell those who have not had the message `key` yet.

        Raises NotifyError: for now while anybody may take it later, else for good when somebody never will;
        recipients are named by their place in the configuration, counted from 1.
        """
        if key != self._key:
            self._key, self._told, self._refused = key, set(), {}
        left = [one for one in self._everybody if one not in self._told and one not in self._refused]
        failures = tell(left)
        self._told |= {one for one in left if one not in failures}
        self._refused |= {one: error for one, error in failures.items() if error.permanent}
        waiting = {one: error for one, error in failures.items() if not error.permanent}
        if waiting:
            raise NotifyError(self._words(waiting), permanent=False)
        if self._refused:
            raise NotifyError(self._words(self._refused), permanent=True)

    def _words(self, failures: Mapping[str, NotifyError]) -> str:
        first = next(iter(failures))
        place, many = self._everybody.index(first) + 1, len(self._everybody)
        if many == 1:
            return str(failures[first])
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        return f"recipient {place} of {many}{more}: {failures[first]}"
