"""Which configuration a start takes: the file, or what was changed on the console since it was applied.

A start never loses a change that somebody made on the console. As long as what is in force is what a file
said, the file counts, changed or not. After a change on the console what is in force stays, whatever the file
says; `hallwatch apply --replace` decides otherwise. What is read once, at the start (the data folder, the
database, the bus, the console's address), comes from the file always.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hall.config import Configuration
from hall.config.difference import changes
from hall.config.parts import started_with
from hall.errors import ConfigurationError, Problem
from store import configuration as store_configuration
from store import configuration_versions, putting_away, rule_versions
from store.configuration import Author, Origin
from store.database import Read, Write

DECIDE = "'hallwatch config export' writes what is in force; 'hallwatch apply --replace' takes the file"


@dataclass(frozen=True, slots=True)
class Taken:
    """What is in force after a start.

    `is_new`: it was not before. `passed_over`: the file was changed, but so was the configuration on the
    console, which stays.
    """

    configuration: Configuration
    is_new: bool
    passed_over: bool = False


def take_up(tx: Write, from_file: Configuration, now: datetime, *, file_wins: bool = False) -> Taken:
    """Put in force what a start with this file is to run with."""
    newest = configuration_versions.newest(tx)
    if newest is None or newest.of_file or file_wins:
        is_new = store_configuration.apply(tx, from_file, now)
        return Taken(store_configuration.current(tx) or from_file, is_new)
    in_force = configuration_versions.configuration_of(tx, newest.number)
    wanted = started_with(in_force, from_file.site)
    is_new = store_configuration.apply(tx, wanted, now, Author(origin=Origin.START))
    file = configuration_versions.last_file(tx)
    passed_over = file is None or file[1] != store_configuration.file_digest(from_file)
    if passed_over:
        store_configuration.pass_over(tx, now)
    return Taken(wanted, is_new, passed_over)


def refuse_to_lose(tx: Read, from_file: Configuration, source: str) -> None:
    """Raises ConfigurationError naming what was changed on the console, when the file says otherwise."""
    newest = configuration_versions.newest(tx)
    if newest is None or newest.of_file:
        return
    in_force = store_configuration.current(tx)
    said = putting_away.without_passwords(from_file)
    if in_force is None or rule_versions.numbered(tx, said) == in_force:
        return
    problems = [Problem(part, None, why) for part, why in _changed_on_console(tx, in_force)]
    raise ConfigurationError([*problems, Problem("file", None, DECIDE)], source)


def _changed_on_console(tx: Read, in_force: Configuration) -> Iterator[tuple[str, str]]:
    file = configuration_versions.last_file(tx)
    if file is None:
        return
    before = configuration_versions.configuration_of(tx, file[0].number)
    who = {}
    for version in configuration_versions.after(tx, file[0].number):
        for part, _ in version.changed:
            who[part] = f"by {version.who or 'somebody'} on {version.at:%Y-%m-%d %H:%M} UTC"
    for change in changes(before, in_force):
        yield str(change.part), f"was {change.kind} on the console {who.get(change.part, '')}".rstrip()
