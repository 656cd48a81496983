"""How the whole system is: processes, lateness, disks, and what waits; facts that others measured."""
