"""What was found in some activities of a file: kept and sent sealed, as bytes, and made findings of at last."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from typing import Any, NamedTuple, Self

from ssc_iati.findings import Finding
from ssc_iati.standard.rules import ADVICE
from ssc_iati.standard.validator.batch import Note, Noted, PlainNote, as_finding
from ssc_iati.standard.validator.own.names import Said


class Judged(NamedTuple):
    """What was found in one activity (`number` counts from 0 in the file), or about the file itself (`number` is None).

    `identifier` is its own, empty if it has none, None for the file; `title` its first, if it has one; `occurrence`
    counts from 1 the activities of the file that bear that identifier.
    """

    number: int | None
    identifier: str | None
    title: str
    findings: tuple[Finding, ...]
    occurrence: int = 1


class Told(NamedTuple):
    """What the whole file has to hear of one activity: `noted` says whether there are notes of it; for the others see
    `Noted`.
    """

    number: int
    title: str
    identifiers: tuple[str, ...]
    line: int
    said: tuple[Said, ...]
    noted: bool


class Sealed(NamedTuple):
    """A batch that was judged: what the whole file must hear, and the notes as `marshal` writes them, which nobody
    reads before they are shown; `advised`: the activities that advice is about, as it names them.
    """

    told: Sequence[Told]
    notes: bytes
    advised: tuple[str, ...]

    @classmethod
    def of(cls, judged: Iterable[Noted]) -> Self:
        """What was noted, sealed."""
        told, notes, advised = list[Told](), list[list[PlainNote]](), dict[str, None]()
        for each in judged:
            told.append(Told(each.number, each.title, each.identifiers, each.line, each.said, bool(each.notes)))
            if each.notes:
                notes.append([tuple(note) for note in each.notes])
                advised.update(
                    dict.fromkeys(note.values["value"] for note in each.notes if note.rule.startswith(ADVICE))
                )
        return cls(told, marshal.dumps(notes), tuple(advised))

    def plain(self) -> bytes:
        """The same in plain values, since they are sent ten times as fast."""
        return marshal.dumps(([tuple(each) for each in self.told], self.notes, self.advised))

    @classmethod
    def read(cls, plain: bytes) -> Self:
        """What `plain` gave."""
        told, notes, advised = marshal.loads(plain)  # noqa: S302 - from our own process
        return cls([Told._make(each) for each in told], notes, advised)


Heading = tuple[int | None, str | None, str, int]
"""Of an activity with notes, or of the file itself: number, identifier, title, occurrence; see `Judged`."""
Kept = tuple[Heading, Sequence[PlainNote]]


class Chunk(NamedTuple):
    """What was found in some activities of a file, or about the file itself.

    `notes` holds, sealed, those of each heading; `here` the activities that the file itself holds, of which advice says
    nothing then; `more` what else was found in activities, in order.
    """

    file: str
    headings: Sequence[Heading]
    notes: bytes
    here: frozenset[str] = frozenset()
    more: Sequence[Kept] = ()

    def judged(self) -> Iterator[Judged]:
        """The findings, activity by activity."""
        for heading, notes in self._all():
            left = [each for each in notes if not self._is_idle(each)] if self.here else notes
            if left:
                number, identifier, title, occurrence = heading
                findings = tuple([as_finding(note, self.file, identifier) for note in left])
                yield Judged(number, identifier, title, findings, occurrence)

    def _all(self) -> Iterator[Kept]:
        kept: Iterator[Kept] = zip(self.headings, marshal.loads(self.notes), strict=True)  # noqa: S302 - our own
        if not self.more:
            return kept
        together = groupby(merge(kept, self.more, key=number_of), key=number_of)
        return (_joined(*alike) for _, alike in together)

    def _is_idle(self, note: PlainNote) -> bool:
        return note[0].startswith(ADVICE) and note[4]["value"] in self.here


NOTHING = marshal.dumps([])


def about_file(file: str, findings: Iterable[Finding]) -> Chunk:
    """What is to be said of the file itself."""
    return Chunk(file, [(None, None, "", 1)], marshal.dumps([[tuple(as_note(each)) for each in findings]]))


def as_note(item: Finding) -> Note:
    """The note that a finding was, or might have been, made of."""
    places = tuple([(each.line, each.character, each.path) for each in (item.where, *item.also)])
    return Note(item.rule, item.severity.value, item.category, item.words, dict(item.values), places)


def plain(chunk: Chunk) -> tuple[Any, ...]:
    """The same as `marshal` takes it."""
    more = [(heading, [tuple(note) for note in notes]) for heading, notes in chunk.more]
    return (chunk.file, list(chunk.headings), chunk.notes, chunk.here, more)


def number_of(kept: Kept) -> int:
    """By which what was kept is in the file's order."""
    number = kept[0][0]
    return -1 if number is None else number


def _joined(first: Kept, *others: Kept) -> Kept:
    """What was kept of the same activity, as one."""
    heading, notes = first
    return (heading, [*notes, *(note for _, more in others for note in more)]) if others else first
