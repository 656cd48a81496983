"""Run a program that dies with the process that started it, even when that one is killed by SIGKILL.

Called as a script: `python -I -S leash.py PARENT PROGRAM [ARGUMENT…]`. It asks the kernel for SIGKILL at
the parent's death and becomes the program, so that the process id stays the same. A function run between
fork and exec would do as well, but not safely beside threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def leashed(command: Sequence[str]) -> tuple[str, ...]:
    """The command line that runs `command` on a leash held by this process.

    The leash is held by the thread that starts it: start it from one that lives as long as the process.
    """
    return (sys.executable, "-I", "-S", __file__, str(os.getpid()), *command)


def die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent ends; ends at once when it has ended already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(1)


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
