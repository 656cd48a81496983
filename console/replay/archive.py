"""The archive as replay asks it: that of the configuration in force, by one client a process."""

from __future__ import annotations

import threading
from typing import Final

from capture.archive.objects import S3Objects
from hall.config import Configuration
from hall.config.archive import ArchiveSettings

PATIENCE_SECONDS: Final = 10.0
"""How long a viewer waits for one piece."""


class ReplayArchive:
    """Makes the client when it is first needed, and another when other settings are in force."""

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._made: tuple[ArchiveSettings, S3Objects] | None = None

    def of(self, configuration: Configuration) -> S3Objects | None:
        """The archive of this configuration; None when it has none. Nobody is asked yet."""
        settings = configuration.site.storage.archive
        if settings is None:
            return None
        with self._making:
            if self._made is None or self._made[0] != settings:
                self._made = settings, S3Objects(settings, patience=PATIENCE_SECONDS)
            return self._made[1]
