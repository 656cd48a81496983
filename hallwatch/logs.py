"""Logging: one JSON object a line on standard error, with the role's name and without secrets.

Libraries that log by the standard library (uvicorn, alembic) come out in the same form.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor

CREDENTIALS: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s@'\"]+@")
QUIET: Final = ("alembic", "aioice", "aiortc", "asyncio", "uvicorn.access")
"""Libraries whose notes are for their own developers: only warnings pass."""


def configure_logging(role: str, *, level: int = logging.INFO) -> None:
    """Send all logging of this process to standard error as JSON, each line naming the role."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _Role(role),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        without_credentials,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


class _Role:
    """Adds the role's name to each line."""

    def __init__(self, role: str) -> None:
        self._role = role

    def __call__(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        event["role"] = self._role
        return event


def without_credentials(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Strike out user and password of every address in a line."""
    _strike(event)
    return event


def _strike(event: MutableMapping[str, Any]) -> None:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = CREDENTIALS.sub(r"\g<scheme>***@", value)
