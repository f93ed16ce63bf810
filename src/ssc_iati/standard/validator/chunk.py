"""What was found in some activities of a file, in the plainest values: to be kept and sent, and made findings of at
last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Self

from ssc_iati.findings import Finding
from ssc_iati.standard.validator.batch import Note, PlainNote, as_finding


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


class Kept(NamedTuple):
    """What is kept of one activity, or of the file itself: see `Judged`."""

    number: int | None
    identifier: str | None
    title: str
    occurrence: int
    notes: Sequence[PlainNote]


class Chunk(NamedTuple):
    """What was found in some activities of a file, or about the file itself."""

    file: str
    kept: list[Kept]

    @classmethod
    def of(cls, file: str, plain: Iterable[tuple[Any, ...]]) -> Self:
        """A chunk of what `plain` gave."""
        return cls(file, [Kept._make(each) for each in plain])

    def judged(self) -> Iterator[Judged]:
        """The findings."""
        for number, identifier, title, occurrence, notes in self.kept:
            findings = tuple([as_finding(note, self.file, identifier) for note in notes])
            yield Judged(number, identifier, title, findings, occurrence)

    def without(self, unwanted: Callable[[PlainNote], bool]) -> Self:
        """The same without some notes, and without the activities of which nothing is left."""
        left = [each._replace(notes=[note for note in each.notes if not unwanted(note)]) for each in self.kept]
        return self._replace(kept=[each for each in left if each.notes])


def about_file(file: str, findings: Iterable[Finding]) -> Chunk:
    """What is to be said of the file itself."""
    return Chunk(file, [Kept(None, None, "", 1, [as_note(each) for each in findings])])


def plain(kept: Iterable[Kept]) -> list[tuple[Any, ...]]:
    """The same as `marshal` takes it."""
    return [(*each[:-1], [tuple(note) for note in each.notes]) for each in kept]


def as_note(item: Finding) -> Note:
    """The note that a finding was, or might have been, made of."""
    places = tuple([(each.line, each.character, each.path) for each in (item.where, *item.also)])
    return Note(item.rule, item.severity.value, item.category, item.words, dict(item.values), places)
