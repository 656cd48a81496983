"""Who holds the lease, in words that let a successor on the same machine see that the holder is dead.

A process that was killed cannot give its lease back. Its successor mostly runs on the same machine and can
look: when no process has that id, or one that began at another time has it, nobody holds the lease.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

PROC = Path("/proc")


def own_name(proc: Path = PROC) -> str:
    """This process: machine, boot, process namespace, process id, and when it began (clock ticks)."""
    return "/".join((*_place(proc), str(os.getpid()), _began(proc, os.getpid()) or ""))


def is_gone(holder: str, proc: Path = PROC) -> bool:
    """True only when it is certain that the holder's process has ended: it ran here, and is not here now."""
    place, _, process = holder.rpartition("/")
    place, _, identifier = place.rpartition("/")
    if place != "/".join(_place(proc)) or not identifier.isdecimal() or not process:
        return False
    return _began(proc, int(identifier)) != process


def _place(proc: Path) -> tuple[str, str, str]:
    """Two containers may share a host name, but not the boot and the process namespace as well."""
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text()[:8]
        return socket.gethostname(), boot, (proc / "self/ns/pid").readlink().name
    except OSError:
        return socket.gethostname(), "", ""


def _began(proc: Path, process: int) -> str | None:
    """Field 22 of /proc/PID/stat (proc(5)); the command before it may hold blanks, but ends with ')'."""
    try:
        fields = (proc / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[19]
