"""The story of one file: its head, its activities batch by batch, its end; then what only the whole can show.

Nothing is said before the last byte was seen: of a file that is not well-formed only that is said, as the official
validator does. Findings wait in memory, very many of them on disk.
"""

from __future__ import annotations

import marshal
import os
import struct
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain, count, islice
from typing import NamedTuple, Self
from xml.parsers import expat

from lxml import etree

from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.memory import without_collection
from ssc_iati.standard import VERSIONS
from ssc_iati.standard.rules import Rule
from ssc_iati.standard.validator.batch import (
    MOST_OF_A_RULE,
    MOST_PLACES,
    NESTED,
    SCHEMA,
    Sort,
    as_finding,
    judge_batch,
    judge_tree,
    schema_note,
    schema_problems,
    short,
)
from ssc_iati.standard.validator.chunk import NOTHING, Chunk, Heading, Kept, Sealed, about_file, as_note, number_of
from ssc_iati.standard.validator.decode import EncodingError, in_utf8
from ssc_iati.standard.validator.judge import IDENTIFIERS, ITEMS
from ssc_iati.standard.validator.moments import milliseconds
from ssc_iati.standard.validator.own.names import Namings, Teller
from ssc_iati.standard.validator.parse import IllFormedError, parsed
from ssc_iati.standard.validator.places import Where
from ssc_iati.standard.validator.split import HEAD_LIMIT, ITEM_LIMIT, Batch, Head, Splitter, Tail, TooLarge, head

ILL_FORMED = Rule("0.1.1", Severity.CRITICAL, "iati")
NOT_IATI = Rule("0.2.1", Severity.CRITICAL, "iati")
WRONG_VERSION = Rule("0.6.1", Severity.CRITICAL, "documents")
DOUBLED = Rule("1.1.2", Severity.ERROR, "identifiers")
ENTITIES = Rule("ssc-xml-entities", Severity.CRITICAL, "iati")
DOCTYPE = Rule("ssc-xml-doctype", Severity.WARNING, "iati")
ENCODING = Rule("ssc-xml-encoding", Severity.CRITICAL, "iati")
TOO_LARGE = Rule("ssc-xml-activity-too-large", Severity.CRITICAL, "iati")
UNREADABLE = Rule("ssc-xml-unreadable", Severity.CRITICAL, "iati")
WHOLE_LIMIT = ITEM_LIMIT
WHOLE_ITEMS = 10_000  # a path in a tree takes the longer to tell, the more stand before it
TAG_LIMIT = 1 << 16
IN_MEMORY = 32 << 20
TITLE_LIMIT = 1_000
_JUDGINGS = count(1)
_LENGTHS = struct.Struct("<QQ")  # stands before what is kept: `marshal.load` would read a file sign by sign

Open = Callable[[], Iterator[bytes]]
Judging = Callable[[Iterable[Batch], Sort], Iterator[Sealed]]


class _RefusedError(Exception):
    """The file is not judged any further: the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.rule)
        self.finding = finding


class About(NamedTuple):
    """What is known of a file: version, root, and how many activities (or organisations) it holds; None where that
    could not be told.
    """

    version: str | None = None
    root: str | None = None
    activities: int | None = None


Learn = Callable[[About], None]


def _forget(_: About) -> None:
    """Nobody wants to know."""


def one_by_one(batches: Iterable[Batch], sort: Sort) -> Iterator[Sealed]:
    """Judge batches in this process."""
    for batch in batches:
        with without_collection():
            sealed = Sealed.of(judge_batch(batch, sort))
        yield sealed


def judge_file(
    open_: Open,
    file: str,
    now: datetime,
    judging: Judging = one_by_one,
    learn: Learn = _forget,
    *,
    own: bool = True,
) -> Iterator[Chunk]:
    """What was found: first about the file itself, then of each activity in which there is something, in the file's
    order.

    `open_` gives the file's bytes in blocks, each time from the beginning; `judging` judges batches, in order; `learn`
    is told what is known of the file, anew when more is known, the last time before anything is said; `own`: our own
    checks are made too.
    """
    try:
        yield from _judged(open_, file, now, judging, learn, own=own)
    except _RefusedError as refused:
        yield about_file(file, [refused.finding])
    except EncodingError as error:
        yield about_file(file, [_about(ENCODING, Place(file, line=1), value=str(error))])


def _judged(open_: Open, file: str, now: datetime, judging: Judging, learn: Learn, *, own: bool) -> Iterator[Chunk]:
    top, content = _opened(open_, file)
    sort = _sort(top, file, now, open_, learn)._replace(own=own, judging=(os.getpid(), next(_JUDGINGS)))
    with _Waiting() as waiting:
        said = _notes(top, file)
        try:
            said += _content(top, content, sort, judging, waiting)
        except IllFormedError as error:
            waiting.forget()
            said = _notes(top, file) + _as_one(open_, sort, waiting, error)
        learn(About(sort.version, sort.root, waiting.activities))
        said += waiting.doubled(sort)
        if said:
            yield about_file(file, said)
        yield from waiting.out(file)


# --- The head ---------------------------------------------------------------------------------------------------------


def _opened(open_: Open, file: str) -> tuple[Head, Iterator[bytes]]:
    """The head of the file, and the content behind it."""
    blocks = in_utf8(open_())
    start = b""
    for block in blocks:
        start += block
        found = head(start)
        if found is not None:
            # An empty root is given the end tag that it does without: so every content ends alike.
            return found, chain((found.end if found.empty else b"", start[found.length :]), blocks)
        if len(start) > HEAD_LIMIT:
            break
    _well_formed(open_, file)
    raise _RefusedError(_about(UNREADABLE, Place(file, line=1), problem="no root element was found"))


def _sort(top: Head, file: str, now: datetime, open_: Open, learn: Learn) -> Sort:
    """Version and root, or the reason why the file is not judged."""
    if len(top.tag) > TAG_LIMIT:
        raise _RefusedError(_about(UNREADABLE, Place(file, line=1), problem="the root's start tag is too long"))
    if top.declares:
        raise _RefusedError(_about(ENTITIES, Place(file, line=1), value=top.doctype[:100].decode("utf-8", "replace")))
    try:
        root = parsed(top.prolog + top.tag[:-1] + b"/>", 1)
    except IllFormedError as error:
        raise _RefusedError(_ill_formed(error, file)) from None
    name = etree.QName(root)
    if name.localname not in ITEMS:
        _well_formed(open_, file)
        raise _RefusedError(_about(NOT_IATI, Place(file, line=top.line), value=name.localname))
    # A root of another namespace has no version: the attribute is not IATI's then.
    version = root.get("version", "") if name.namespace is None else ""
    learn(About(version if version in VERSIONS else None, name.localname))
    if version not in VERSIONS:
        _well_formed(open_, file)
        raise _RefusedError(_about(WRONG_VERSION, Place(file, line=top.line, path="/*/@version"), value=version))
    return Sort(file, version, name.localname, top.tag, top.end, milliseconds(now))


def _notes(top: Head, file: str) -> list[Finding]:
    return (
        [_about(DOCTYPE, Place(file, line=1), value=top.doctype[:100].decode("utf-8", "replace"))]
        if top.doctype
        else []
    )


def _well_formed(open_: Open, file: str, error: IllFormedError | None = None) -> None:
    """See to it that a file is well-formed; refused with 0.1.1 (in the words of an error that was met) if not."""
    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = _no_declarations
    try:
        for block in in_utf8(open_()):
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError as found:
        met = error or IllFormedError(expat.ErrorString(found.code) or "?", found.lineno)
        raise _RefusedError(_ill_formed(met, file)) from None
    except _DeclaresError:
        raise _RefusedError(_about(ENTITIES, Place(file, line=1), value="DOCTYPE")) from None


class _DeclaresError(Exception):
    """The document type declares something of its own."""


def _no_declarations(_name: str, _system: str | None, _public: str | None, has_internal_subset: bool) -> None:  # noqa: FBT001
    if has_internal_subset:
        raise _DeclaresError


# --- The content ------------------------------------------------------------------------------------------------------


def _content(top: Head, content: Iterator[bytes], sort: Sort, judging: Judging, waiting: _Waiting) -> list[Finding]:
    """Judge every batch, then the end; what concerns the file itself."""
    reader = _Reader(Splitter(content, sort.item.encode(), top))
    for judged in judging(reader.batches(), sort):
        with without_collection():  # what is kept lives to the end of the file
            waiting.take(judged)
    large = [_too_large(each, sort.file) for each in reader.too_large]
    if reader.tail.too_large:
        return large
    return large + _end_findings(reader.tail, reader.last, sort)


class _Reader:
    """Takes the parts of a file: hands on the batches, keeps the rest."""

    def __init__(self, splitter: Splitter) -> None:
        self._splitter = splitter
        self.too_large: list[TooLarge] = []
        self.tail = Tail(b"", 0)
        self.last: bytes | None = None

    def batches(self) -> Iterator[Batch]:
        """The batches; when they are all taken, the rest is known."""
        for part in self._splitter.parts():
            if isinstance(part, Batch):
                gap, _, end = part.items[-1]
                self.last = part.data[gap:end]
                yield part
            elif isinstance(part, TooLarge):
                self.too_large.append(part)
            else:
                self.tail = part


def _end_findings(tail: Tail, last: bytes | None, sort: Sort) -> list[Finding]:
    """What is wrong with the end of a file: what stands after the last activity, or the want of any activity."""
    root = parsed(sort.tag + tail.data, tail.line)
    if last is None:
        problems = schema_problems(root, sort)
    elif tail.data.strip() == sort.end:
        return []
    else:
        before = {message for message, _, _ in schema_problems(parsed(sort.tag + last + sort.end, 1), sort)}
        both = schema_problems(parsed(sort.tag + last + tail.data, 1), sort)
        lines = last.count(b"\n")
        problems = ((message, path, max(1, line - lines)) for message, path, line in both if message not in before)
    where = dict[str, list[Where]]()
    for message, _, line in islice(problems, MOST_OF_A_RULE):
        where.setdefault(message, []).append((tail.line + line - 1, None, None))
    return [as_finding(schema_note(message, places), sort.file, None) for message, places in where.items()]


def _as_one(open_: Open, sort: Sort, waiting: _Waiting, error: IllFormedError) -> list[Finding]:
    """Judge the file as one piece, if it is well-formed though its batches are not: activities stand in other
    elements.
    """
    sort = sort._replace(judging=(os.getpid(), next(_JUDGINGS)))
    _well_formed(open_, sort.file, error)
    top, content = _opened(open_, sort.file)
    data = _first_of(content, WHOLE_LIMIT + 1)
    parts = Splitter(iter((data,)), sort.item.encode(), top, batch=WHOLE_LIMIT, limit=WHOLE_LIMIT).parts()
    batches = [part for part in parts if isinstance(part, Batch)]
    if len(data) > WHOLE_LIMIT or sum(len(batch.items) for batch in batches) > WHOLE_ITEMS:
        raise _RefusedError(_about(UNREADABLE, Place(sort.file, line=error.line), problem=NESTED))
    try:
        root = parsed(sort.tag + data, top.line)
    except IllFormedError as found:
        raise _RefusedError(_ill_formed(found, sort.file)) from None
    said = set[str]()
    for batch in batches:
        judged = judge_tree(root, batch, sort)
        waiting.take(Sealed.of(judged))
        said |= {note.values["problem"] for each in judged for note in each.notes if note.rule == SCHEMA.id}
    problems = islice(schema_problems(root, sort), MOST_OF_A_RULE)
    where: dict[str, list[Where]] = {message: [(top.line + line - 1, None, None)] for message, _, line in problems}
    return [
        as_finding(schema_note(message, places), sort.file, None)
        for message, places in where.items()
        if short(message) not in said
    ]


def _first_of(blocks: Iterator[bytes], size: int) -> bytes:
    """As many blocks as it takes to reach a size, or all."""
    taken, length = list[bytes](), 0
    for block in blocks:
        taken.append(block)
        length += len(block)
        if length >= size:
            break
    return b"".join(taken)


# --- What only the whole can show -------------------------------------------------------------------------------------


class _Waiting:
    """What was noted, until the file is known to be well-formed; and what its activities say of each other.

    Kept as bytes, which hold many notes in little memory; of very many, on disk.
    """

    def __init__(self) -> None:
        self._kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, prefix="ssc-iati-")  # noqa: SIM115 - closed at the end of the file
        self.activities = 0
        self._named: set[str] = set()
        self._lines: dict[str, list[int]] = {}
        self._namings = Namings()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def forget(self) -> None:
        """Begin anew."""
        self._kept.seek(0)
        self._kept.truncate()
        self.activities = 0
        self._named.clear()
        self._lines.clear()
        self._namings = Namings()

    def take(self, sealed: Sealed) -> None:
        """Keep what was noted in a batch."""
        headings = list[Heading]()
        for number, title, identifiers, line, said, noted in sealed.told:
            self._named.update(identifiers)
            own = identifiers[0] if identifiers else ""
            lines = self._lines.setdefault(own, [])
            lines.append(line)
            if noted:
                headings.append((number, own, title, len(lines)))
            if said:
                self._namings.take(said, Teller(number, own, title[:TITLE_LIMIT], len(lines)))
        self.activities += len(sealed.told)
        if headings:
            about = marshal.dumps((headings, sealed.advised))
            self._kept.write(_LENGTHS.pack(len(about), len(sealed.notes)) + about + sealed.notes)

    def doubled(self, sort: Sort) -> list[Finding]:
        """The identifiers that more than one activity bears, and where; to have none is to share one."""
        shared = {own: lines for own, lines in self._lines.items() if len(lines) > 1}
        return [_doubled(own, lines, sort) for own, lines in shared.items()]

    def out(self, file: str) -> Iterator[Chunk]:
        """What was found, in order, without the advice about activities that the file itself holds."""
        told = deque(self._named_otherwise(file))
        for headings, advised, notes in self._all():
            more = list[Kept]()
            while told and number_of(told[0]) <= number_of((headings[-1], ())):
                more.append(told.popleft())
            yield Chunk(file, headings, notes, frozenset(self._named.intersection(advised)), more)
        if told:
            yield Chunk(file, [], NOTHING, more=list(told))

    def _named_otherwise(self, file: str) -> list[Kept]:
        """What was said differently of organisations, in order."""
        told = sorted(self._namings.findings(file), key=lambda one: one[0].number)
        return [((each.number, each.identifier, each.title, each.occurrence), [as_note(found)]) for each, found in told]

    def _all(self) -> Iterator[tuple[list[Heading], tuple[str, ...], bytes]]:
        """What was kept of each batch: its headings, whom advice is about, and the notes."""
        self._kept.seek(0)
        while lengths := self._kept.read(_LENGTHS.size):
            about, notes = map(self._kept.read, _LENGTHS.unpack(lengths))
            yield (*marshal.loads(about), notes)  # noqa: S302 - from our own file, that nobody else can open


def _about(rule: Rule, where: Place, **values: str) -> Finding:
    """A finding about the file itself."""
    return Finding(rule.id, rule.severity, rule.category, where, None, values, words=f"iati:{rule.id}")


def _doubled(identifier: str, lines: list[int], sort: Sort) -> Finding:
    """The later ones are at fault; the first is named last."""
    first, *later = [Place(sort.file, line=line) for line in lines[:MOST_PLACES]]
    found = _about(DOUBLED, later[0], value=identifier, element=IDENTIFIERS[sort.item])
    return replace(found, also=(*later[1:], first))


def _ill_formed(error: IllFormedError, file: str) -> Finding:
    return _about(ILL_FORMED, Place(file, line=error.line), problem=error.problem)


def _too_large(part: TooLarge, file: str) -> Finding:
    size, limit = (str(max(1, number >> 20)) for number in (part.size, ITEM_LIMIT))
    return _about(TOO_LARGE, Place(file, line=part.line), size=size, limit=limit)
