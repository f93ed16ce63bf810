"""What a process and those that it starts cost: CPU from the kernel's own account, wall time, the peak memory of each.

Linux only: peaks are `VmHWM` of `/proc`, looked at every few milliseconds, since the account that `wait4` gives of
memory is that of the largest process alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

PROGRAM = str(Path(sys.executable).with_name("ssc-iati"))
"""Our own command, as it was installed."""
_EVERY = 0.02
_MEGABYTE = 1 << 20


class Cost(NamedTuple):
    """Seconds and megabytes: `largest` is the peak of the largest process, `together` the sum of all peaks."""

    cpu: float
    wall: float
    largest: float
    together: float
    processes: int


class FailedError(Exception):
    """The process did not end well."""


class _Watch(threading.Thread):
    """Notes the peak memory of a process and of all below it, until it is told to stop."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._over = threading.Event()
        self.peaks: dict[int, int] = {}

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            for each in _family(self._process):
                self.peaks[each] = max(self.peaks.get(each, 0), _peak(each))

    def stop(self) -> None:
        self._over.set()
        self.join()


def _family(process: int) -> list[int]:
    found = [process]
    for each in found:
        try:
            found += map(int, Path(f"/proc/{each}/task/{each}/children").read_text("ascii").split())
        except OSError:
            continue
    return found


def _peak(process: int) -> int:
    """The most memory that a process has held so far, in bytes; 0 if it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024


def run(command: Sequence[str], *, well: Collection[int] = (0,)) -> Cost:
    """Run a command to its end; FailedError, with what it said, if it does not end with a code that is well."""
    began = time.perf_counter()
    # Compiled modules are kept, as in any installation: else each run would compile ours anew, and the peer's not.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=kept) as process:
        watch = _Watch(process.pid)
        watch.start()
        said = process.stderr.read() if process.stderr else ""
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
    if process.returncode not in well:
        raise FailedError(f"{' '.join(command)}: exit code {process.returncode}\n{said}")
    peaks = [peak / _MEGABYTE for peak in watch.peaks.values()]
    return Cost(usage.ru_utime + usage.ru_stime, wall, max(peaks), sum(peaks), len(peaks))
