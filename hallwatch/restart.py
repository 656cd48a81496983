"""What a running hall cannot take over from a new configuration: it must be stopped and run again for it.

The supervisor opens its data folder, its database, the bus and the console's port once. Roles that started
again with others than it has would record where nobody looks.
"""

from __future__ import annotations

from pathlib import Path

from hall.config import Configuration
from hall.config.settings import SiteSettings
from hall.errors import ConfigurationError, Problem
from hallwatch.folder import holder

ADVICE = "stop it (Ctrl-C, or its service), then start hallwatch run again with this file"


def fixed_at_start(site: SiteSettings) -> dict[str, object]:
    """The settings that are read once, by field."""
    console = {f"site.console.{name}": value for name, value in site.console}
    return {
        "site.data": site.data,
        "site.database": site.database,
        "site.secret_key": site.secret_key,
        "site.bus.url": site.bus.url,
        **console,
    }


def refuse_half_effects(wanted: Configuration, in_force: Configuration | None, source: Path) -> None:
    """Raises ConfigurationError when a hall runs on this machine that can take over but a part of `wanted`.

    `in_force` is what the database of `wanted` holds.
    """
    here = holder(wanted.site.data)
    if in_force is None:
        if here is not None:
            why = f"Hallwatch runs in {wanted.site.data} as process {here} with another database; {ADVICE}"
            raise ConfigurationError([Problem("site.database", None, why)], str(source))
        return
    process = holder(in_force.site.data) or here
    if process is None:
        return
    old, new = fixed_at_start(in_force.site), fixed_at_start(wanted.site)
    why = f"differs from what process {process} runs with; {ADVICE}"
    changed = [Problem(field, None, why) for field in new if new[field] != old[field]]
    if changed:
        raise ConfigurationError(changed, str(source))
