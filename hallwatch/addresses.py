"""The addresses of database and bus with their secrets, for who connects; shown and stored without them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hall.config.settings import SiteSettings
from hall.errors import ConfigurationError, Problem
from hall.secrets import filled_in


def database_url(site: SiteSettings, environment: Mapping[str, str], source: Path) -> str:
    """Where the database is. Raises ConfigurationError that names a variable which is not set."""
    if site.database is None:
        return site.database_url
    return _address("site.database", site.database, environment, source)


def bus_url(site: SiteSettings, environment: Mapping[str, str], source: Path) -> str | None:
    """Where the bus is, or None when the supervisor starts one. Raises ConfigurationError as above."""
    if site.bus.url is None:
        return None
    return _address("site.bus.url", site.bus.url, environment, source)


def _address(field: str, url: str, environment: Mapping[str, str], source: Path) -> str:
    def refusal(why: str) -> ConfigurationError:
        return ConfigurationError([Problem(field, None, why)], str(source))

    return filled_in(url, environment, refusal)
