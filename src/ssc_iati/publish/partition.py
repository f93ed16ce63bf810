"""In which file each activity stands, when one file would be too large.

An activity stays in the file where it stood. A new one goes into the first file that has room, in the order of the
source; a file that outgrows the limit gives up the activities that came to it last. So a file's address keeps its
activities from release to release, and the first file keeps its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

FRAME = 1024
"""Bytes that stand around the activities of a file, at most."""
FILL = 0.9
"""A file is filled with new activities up to this share of the limit, so that they may grow where they are."""


class Piece(NamedTuple):
    """An activity, as far as the division is concerned: its size with its date-time, and since when it is published."""

    identifier: str
    size: int
    since: str


def named(base: str, number: int) -> str:
    """The file of this number: `activities.xml`, `activities-2.xml`, ..."""
    stem, _, suffix = base.rpartition(".")
    return base if number == 1 else f"{stem}-{number}.{suffix}"


def divided(pieces: Sequence[Piece], stood_in: Mapping[str, str], base: str, limit: int | None) -> dict[str, str]:
    """The file of each activity, none larger than the limit unless one activity is. Without a limit, all stand in
    one.
    """
    if limit is None:
        return dict.fromkeys((each.identifier for each in pieces), base)
    room = limit - FRAME
    if sum(each.size for each in pieces) <= room and not set(stood_in.values()) - {base}:
        return dict.fromkeys((each.identifier for each in pieces), base)
    stays = {each.identifier: stood_in[each.identifier] for each in pieces if each.identifier in stood_in}
    known = _Files(base, stays.values(), room)
    for each in pieces:
        if each.identifier in stays:
            known.filled[stays[each.identifier]] += each.size
    moved = set(_given_up(pieces, stays, known.filled, room))
    found = {identifier: name for identifier, name in stays.items() if identifier not in moved}
    for each in pieces:
        if each.identifier not in found:
            found[each.identifier] = known.first_with_room(each.size)
    return found


class _Files:
    """The files by number, and how full each is."""

    def __init__(self, base: str, names: Iterable[str], room: int) -> None:
        self._base = base
        self._room = room
        self.filled: dict[str, int] = defaultdict(int)
        self._names = {base: None} | dict.fromkeys(sorted(set(names), key=lambda name: (len(name), name)))

    def first_with_room(self, size: int) -> str:
        """The first file that takes so much more; a new one, if none does."""
        name = next((each for each in self._names if self.filled[each] + size <= self._room * FILL), None)
        if name is None:
            name = next(each for each in self._all() if not self.filled[each])
            self._names[name] = None
        self.filled[name] += size
        return name

    def _all(self) -> Iterator[str]:
        return (named(self._base, number) for number in count(1))


def _given_up(pieces: Sequence[Piece], stays: Mapping[str, str], filled: dict[str, int], room: int) -> Iterable[str]:
    """What must leave the files that outgrew the limit: the activities that were published last."""
    for name in [name for name, size in filled.items() if size > room]:
        within = [each for each in pieces if stays.get(each.identifier) == name]
        for each in sorted(within, key=lambda piece: piece.since, reverse=True):
            if filled[name] <= room or filled[name] == each.size:
                break
            filled[name] -= each.size
            yield each.identifier
