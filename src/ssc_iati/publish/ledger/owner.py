"""Whose turn it is, and whether that run still lives.

On the machine of the run its process tells; a process number that was given to another since is not taken for it. From
elsewhere only its beat tells: a run notes, now and then, that it is alive.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

STALE = 600.0
"""Seconds after which a run that nobody here can look at counts as dead, if it gave no sign."""
BEAT = 20.0
"""Seconds between two signs of life, at least."""


class Owner(NamedTuple):
    """A process: the machine's name, its number there, and what tells it from others that had the number (the boot,
    the space in which the number holds, and the tick at which it began).
    """

    host: str
    pid: int
    born: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def me() -> Owner:
    """The process that asks."""
    return Owner(socket.gethostname(), os.getpid(), _born(os.getpid()) or "")


def is_dead(other: Owner, beat: float, now: float, *, one_machine: bool) -> bool:
    """Whether a run has ended without saying so. `one_machine` says that the ledger is a file of this machine."""
    boot, space, _ = _parts(other.born)
    my_boot, my_space, _ = _parts(me().born)
    if one_machine and boot != my_boot:
        return True
    if (other.host, boot, space) == (socket.gethostname(), my_boot, my_space):
        return not _lives(other)
    return abs(now - beat) > STALE


def _lives(other: Owner) -> bool:
    if other.born:
        return _born(other.pid) == other.born
    try:
        os.kill(other.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _born(pid: int) -> str | None:
    """What tells a living process from earlier ones of its number; None if there is none, or no way to know."""
    with suppress(OSError, IndexError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        space = str(Path("/proc/self/ns/pid").readlink())
        state, *_, began = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:20]
        return None if state in {"Z", "X"} else f"{boot}|{space}|{began}"
    return None


def _parts(born: str) -> tuple[str, str, str]:
    boot, _, rest = born.partition("|")
    space, _, began = rest.partition("|")
    return boot, space, began
