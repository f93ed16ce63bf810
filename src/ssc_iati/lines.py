"""A line between two processes: what is said goes through memory that both have, where there is any; the line itself
says no more than that something lies there.

Quicker than to send it all: nothing is copied through the system, and neither side waits for the other.
"""

from __future__ import annotations

import mmap
import pickle
import struct
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

SIZE = 1 << 20
"""Bytes that a place on a shelf holds; what is larger goes over the line itself."""
_LENGTH = struct.Struct("<q")
_OVER_THE_LINE = -1

Letter: TypeAlias = int | bytes
"""What came over a line, unopened: how many bytes lie on the shelf, or the bytes themselves."""


class Shelf:
    """Some places in memory, used in turn; it must be there before the other process is forked."""

    def __init__(self, places: int) -> None:
        self._places = [mmap.mmap(-1, SIZE) for _ in range(places)]
        self._used = 0

    def put(self, write: Callable[[mmap.mmap], object]) -> int | None:
        """Let something be written to the next place; how long it is, or None if it is too large."""
        place = self._places[self._used % len(self._places)]
        place.seek(0)
        try:
            write(place)
        except ValueError:  # how a map of memory says that there is no more of it
            return None
        self._used += 1
        return place.tell()

    def take(self, length: int) -> memoryview:
        """What lies in the next place, until that is used again."""
        place = self._places[self._used % len(self._places)]
        self._used += 1
        return memoryview(place)[:length]


class Line:
    """One end of a line: what is said on one shelf, what is heard on another.

    Who speaks must know that no more is on its way, unopened, than the shelf has places.
    """

    def __init__(self, pipe: Connection, said: Shelf | None = None, heard: Shelf | None = None) -> None:
        self.pipe = pipe
        self._said, self._heard = said, heard

    def send(self, what: object) -> None:
        """Say something; ConnectionError if nobody is there any more."""
        length = None if self._said is None else self._said.put(lambda place: pickle.dump(what, place, _PROTOCOL))
        if length is None:
            data = pickle.dumps(what, _PROTOCOL)
            self.pipe.send_bytes(_LENGTH.pack(_OVER_THE_LINE))
            self.pipe.send_bytes(data)
        else:
            self.pipe.send_bytes(_LENGTH.pack(length))

    def receive(self) -> Letter:
        """Wait until something is said; EOFError or ConnectionError if nobody is there any more."""
        (length,) = _LENGTH.unpack(self.pipe.recv_bytes())
        return self.pipe.recv_bytes() if length == _OVER_THE_LINE else int(length)

    def opened(self, letter: Letter) -> Any:  # noqa: ANN401 - whatever was said
        """What was said: to be opened in the order in which it came."""
        if isinstance(letter, bytes):
            return pickle.loads(letter)  # noqa: S301 - from our own process
        assert self._heard is not None  # noqa: S101 - otherwise nothing lies there
        with self._heard.take(letter) as data:
            return pickle.loads(data)  # noqa: S301 - from our own process


_PROTOCOL = pickle.HIGHEST_PROTOCOL
