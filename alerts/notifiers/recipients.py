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
            raise self._joined(waiting, permanent=False)
        if self._refused:
            raise self._joined(self._refused, permanent=True)

    def _joined(self, failures: Mapping[str, NotifyError], *, permanent: bool) -> NotifyError:
        first = next(iter(failures))
        place, many, error = self._everybody.index(first) + 1, len(self._everybody), failures[first]
        if many == 1:
            return NotifyError(str(error), error.zh, permanent=permanent)
        more, more_zh = "", ""
        if others := len(failures) - 1:
            more, more_zh = f" (and {others} more)", f"（另有 {others} 个）"
        return NotifyError(
            f"recipient {place} of {many}{more}: {error}",
            f"第 {place} 个收件人（共 {many} 个）{more_zh}：{error.zh}",
            permanent=permanent,
        )
