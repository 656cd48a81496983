"""Addresses as people see them, with the mark for every kept password, and as they are meant."""

from __future__ import annotations

from hall.address_secrets import MARK, STORED, host_of


def shown(url: str) -> str:
    """An address with the mark in place of every place of a kept password."""
    return STORED.sub(MARK, url)


def filled_from(told: str, kept: str) -> str | None:
    """The address with the places of `kept` where the mark stands; None when they do not belong to it.

    They do when the address leads to the same host and has as many marks.
    """
    places = STORED.findall(kept)
    if host_of(told.replace(MARK, "x")) != host_of(kept) or told.count(MARK) != len(places):
        return None
    for place in STORED.finditer(kept):
        told = told.replace(MARK, place.group(0), 1)
    return told
