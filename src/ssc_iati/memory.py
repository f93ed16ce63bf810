"""Memory, for work that makes much and drops it again: no search for circles of garbage, where so much is made that
lives and so little that is circular; and what was dropped is kept for what comes next.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """A chunk makes many values that live until its end and refer to each other in no circle: looking for some is in
    vain.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            # What lives on counts as old at once: else all of it would be looked through as soon as that is allowed.
            gc.freeze()
            gc.unfreeze()
            gc.enable()


def for_one_command() -> None:
    """For a process that does one thing and ends: what it begins with lives to its end, and at its end the system takes
    back all memory at once, in which nothing need be looked for.
    """
    gc.set_threshold(_MANY, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)
    memory_is_kept()


def memory_is_kept() -> None:
    """In a process of our own: what is given free stays with the process, which will want as much again at once; to
    have it from the system anew, page by page, takes more time than to fill it.

    Nothing beyond what was in use at the same time is kept. Only glibc can be told so; elsewhere this does nothing.
    """
    if sys.platform != "linux":
        return
    try:
        tell = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    tell(_M_MMAP_THRESHOLD, _LARGE)
    tell(_M_TRIM_THRESHOLD, 4 * _LARGE)


_MANY = 50_000
"""So many new values are made before circles are looked for among them; 700 would be usual."""

_LARGE = 16 << 20
"""From this size in bytes on, what is asked for is had from the system, and given back to it, by itself."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # as in glibc's malloc.h
