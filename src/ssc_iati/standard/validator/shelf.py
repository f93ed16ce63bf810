"""Memory that processes share: one puts there what others take; quicker than sending so many bytes."""

from __future__ import annotations

import mmap
from typing import NamedTuple

SIZE = 1 << 19
"""Bytes that a compartment holds: a batch of activities, unless a single one is larger."""


class Lying(NamedTuple):
    """Where data lie on a shelf."""

    offset: int
    length: int


class Shelf:
    """So many compartments, taken in turn: what lies in one is gone when as many others have been put away.

    It must be there before the processes that take from it are forked.
    """

    def __init__(self, compartments: int) -> None:
        self._compartments = compartments
        self._memory = mmap.mmap(-1, compartments * SIZE)
        self._next = 0

    def put(self, data: bytes) -> Lying | None:
        """Put data away; None if they are too large."""
        if len(data) > SIZE:
            return None
        offset = self._next * SIZE
        self._memory[offset : offset + len(data)] = data
        self._next = (self._next + 1) % self._compartments
        return Lying(offset, len(data))

    def take(self, lying: Lying) -> bytes:
        """What lies there."""
        return self._memory[lying.offset : lying.offset + lying.length]
