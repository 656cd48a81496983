"""What the picture knows of transactions and cases: those that go on, and those that ended a moment ago.

Only of halls with a rule about them; of others nothing is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from alerts.matter_facts import CaseFile, Service
from hall.calendar import WorkCalendar
from hall.case import Case
from hall.config import HallSettings
from hall.finding import Alert, Subject
from hall.journal import FactKind, JournalEntry
from hall.names import HallId, TransactionId
from hall.rule import OverdueStepRule, OverdueTransactionRule
from hall.wire import from_wire
from store import cases, matters
from store.database import Read
from store.matters import Handled

FOLLOWED = frozenset({FactKind.TRANSACTION, FactKind.PERIOD, FactKind.CASE})
LONGEST_SERVICE = timedelta(days=2)
"""How far back a transaction may have begun that still counts: it is of one day, in any time zone."""

MatterKey: TypeAlias = tuple[HallId, str]
"""Hall and `Subject.name`."""


class Matters:
    """Transactions and cases by the names of their subjects. No thread safety."""

    def __init__(self) -> None:
        self._handled: dict[MatterKey, Handled] = {}
        self._cases: dict[MatterKey, Case] = {}
        self._halls: Mapping[HallId, HallSettings] = {}
        self._calendar = WorkCalendar()

    def read(
        self,
        tx: Read,
        halls: Mapping[HallId, HallSettings],
        calendar: WorkCalendar,
        since: datetime,
        lasting: Iterable[Alert],
    ) -> None:
        """Read everything anew: what goes on, what ended at `since` or later, and what alerts last about."""
        self._halls, self._calendar = halls, calendar
        self._handled.clear()
        self._cases.clear()
        for hall in halls.values():
            if _judges(hall, OverdueStepRule):
                for handled in matters.recent(tx, hall.id, since - LONGEST_SERVICE, since):
                    self._handled[_service_key(hall.id, handled.transaction.id)] = handled
            if _judges(hall, OverdueTransactionRule):
                for case in cases.running(tx, hall.id, since):
                    self._cases[_case_key(hall.id, case.serial)] = case
        for alert in lasting:
            self.read_subject(tx, alert.subject)

    def read_subject(self, tx: Read, subject: Subject) -> None:
        """Read one subject anew, if it is a transaction or a case of a hall that is known."""
        if subject.hall not in self._halls:
            return
        if subject.serial is not None and (case := cases.find(tx, subject.hall, subject.serial)) is not None:
            self._cases[_case_key(subject.hall, subject.serial)] = case
        elif subject.transaction is not None:
            handled = matters.handled(tx, subject.transaction)
            if handled is not None:
                self._handled[_service_key(subject.hall, subject.transaction)] = handled

    def take(self, tx: Read, entry: JournalEntry) -> MatterKey | None:
        """Take in an entry of a kind that is FOLLOWED, and say whom it concerns."""
        hall = self._halls.get(entry.hall) if entry.hall is not None else None
        if hall is None:
            return None
        if entry.kind is FactKind.CASE:
            case = from_wire(Case, entry.body)
            key = _case_key(hall.id, case.serial)
            if _judges(hall, OverdueTransactionRule) or key in self._cases:
                self._cases[key] = case
                return key
            return None
        identifier = TransactionId(
            str(entry.body["id" if entry.kind is FactKind.TRANSACTION else "transaction"])
        )
        key = _service_key(hall.id, identifier)
        if not _judges(hall, OverdueStepRule) and key not in self._handled:
            return None
        self.read_subject(tx, Subject(hall.id, transaction=identifier))
        return key

    def keys(self) -> set[MatterKey]:
        """Every transaction and case that is known."""
        return {*self._handled, *self._cases}

    def facts(self, key: MatterKey) -> Service | CaseFile | None:
        """The facts of a transaction or a case, or None when it is not known."""
        hall = self._halls.get(key[0])
        if hall is None:
            return None
        if (handled := self._handled.get(key)) is not None:
            return Service(hall, handled.transaction, handled.periods)
        if (case := self._cases.get(key)) is not None:
            return CaseFile(hall, case, self._calendar)
        return None

    def forget(self, key: MatterKey) -> None:
        """What is over needs no further thought."""
        if (handled := self._handled.get(key)) is not None and handled.transaction.interval.end is not None:
            del self._handled[key]
        if (case := self._cases.get(key)) is not None and case.closed_at is not None:
            del self._cases[key]


def _judges(hall: HallSettings, rule: type[OverdueStepRule | OverdueTransactionRule]) -> bool:
    return any(isinstance(known, rule) and known.enabled for known in hall.rules)


def _service_key(hall: HallId, transaction: TransactionId) -> MatterKey:
    return hall, Subject(hall, transaction=transaction).name


def _case_key(hall: HallId, serial: str) -> MatterKey:
    return hall, Subject(hall, serial=serial).name
