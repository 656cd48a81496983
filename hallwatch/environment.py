"""The environment variables by which the supervisor tells its children what they need."""

from __future__ import annotations

from typing import Final

BUS_URL: Final = "HALLWATCH_BUS_URL"
"""The address of the bus with its token."""
DATABASE: Final = "HALLWATCH_DATABASE"
"""The address of the database. A role that has it takes the configuration in force from there."""
CONSOLE_PORT: Final = "HALLWATCH_CONSOLE_PORT"
"""The console's port, when the configuration leaves the choice to the system."""
ROLE: Final = "HALLWATCH_ROLE"
"""The role's name, for whoever looks at the list of processes."""
METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where each process keeps its metrics, for the console to add up."""

DOCUMENTED: Final = (BUS_URL, DATABASE, CONSOLE_PORT, ROLE, METRICS)
"""Every variable above: docs/operations.md explains each, and a test compares."""
