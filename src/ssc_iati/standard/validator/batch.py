"""A batch of activities: parsed at once in the file's own root, judged by the schema at once, by everything else one
by one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from lxml import etree

from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.standard.rules import Rule
from ssc_iati.standard.schemas import activity_schema, schema
from ssc_iati.standard.validator.gather import Element
from ssc_iati.standard.validator.judge import IDENTIFIERS, ITEMS, judge
from ssc_iati.standard.validator.kinds import Fault, Spot
from ssc_iati.standard.validator.own.mentions import Heard
from ssc_iati.standard.validator.own.names import Said
from ssc_iati.standard.validator.parse import IllFormedError, parsed
from ssc_iati.standard.validator.paths import XML, text
from ssc_iati.standard.validator.places import Places, Text, Where
from ssc_iati.standard.validator.schema_words import explained
from ssc_iati.standard.validator.split import Batch, Item

SCHEMA = Rule("0.3.1", Severity.CRITICAL, "schema")
MORE = Rule("ssc-xml-more-findings", Severity.ADVISORY, "iati")
NESTED = "activities stand within other elements"
LONGEST = 1_000
MOST_PLACES = 100
MOST_OF_A_RULE = 1_000


class Sort(NamedTuple):
    """What a batch must know of its file: its name as it was given, its version, its root's name, start tag on one
    line and end tag, and now; whether our own checks are made too; and what is this judging's alone: the process that
    began it, and its number there.
    """

    file: str
    version: str
    root: str
    tag: bytes
    end: bytes
    now: int
    own: bool = True
    judging: tuple[int, int] = (0, 0)

    @property
    def item(self) -> str:
        """`iati-activity` or `iati-organisation`."""
        return ITEMS[self.root]


class Note(NamedTuple):
    """A finding in the plainest values, cheap to make, to send to another process, and to keep: `places` are line,
    character, path.
    """

    rule: str
    severity: str
    category: str
    words: str
    values: dict[str, str]
    places: tuple[tuple[int | None, int | None, str | None], ...]


PlainNote = tuple[Any, ...]
"""A note without its names, as `marshal` takes it: rule, severity, category, words, values, places."""


class Noted(NamedTuple):
    """What was noted of one activity: see `Judged`."""

    number: int
    title: str
    identifiers: tuple[str, ...]
    line: int
    notes: tuple[Note, ...]
    said: tuple[Said, ...] = ()  # of organisations, as far as this process did not tell it before


def short(text: str) -> str:
    """The text as it is kept and compared: of a very long one the beginning, and a digest that stands for the whole."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}… {sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def judge_batch(batch: Batch, sort: Sort) -> list[Noted]:
    """What is to be said in each activity of a batch; IllFormedError if the batch is not whole activities."""
    root = parsed(sort.tag + batch.data + sort.end, batch.line)
    activities = list(root.iterchildren(sort.item))
    if len(activities) != len(batch.items):
        raise IllFormedError(NESTED, batch.line)
    return _judge(root, zip(batch.items, activities, strict=True), batch, sort)


def judge_tree(root: Element, batch: Batch, sort: Sort) -> list[Noted]:
    """What is to be said in each activity, wherever it stands, of a tree that was parsed from the batch's data."""
    name = f"{{*}}{sort.item}"
    outermost = (
        each for each in root.iter(name) if each.prefix is None and not any(map(_is_cut, each.iterancestors(name)))
    )
    return _judge(root, zip(batch.items, outermost, strict=True), batch, sort)


def _is_cut(element: Element) -> bool:
    """Whether an element of an activity's name bears it without prefix, as the text is cut by."""
    return element.prefix is None


def _judge(root: Element, activities: Iterable[tuple[Item, Element]], batch: Batch, sort: Sort) -> list[Noted]:
    valid = _valid(root, sort)
    text = Text(batch.data, batch.line, batch.before)
    found = [
        _noted(_Cut(batch, text, position, item), element, sort, valid=valid)
        for position, (item, element) in enumerate(activities)
        if element.tag == sort.item  # in another namespace it is no activity: the schema says what it is
    ]
    judge(sort.version, sort.item, sort.own).forget()
    return found


class _Cut(NamedTuple):
    """One activity of a batch."""

    batch: Batch
    text: Text
    position: int
    item: Item

    @property
    def number(self) -> int:
        """How many activities stand before it in the file."""
        return self.batch.first + self.position

    @property
    def place(self) -> tuple[int, int]:
        """Line and character where it begins."""
        return self.text.position(self.item.start)


def schema_problems(root: Element, sort: Sort) -> Iterator[tuple[str, str | None, int]]:
    """What the schema holds against a document: each message with the path and the line that it is about."""
    judging = _schema(sort)
    if not judging.validate(root):
        for each in judging.error_log:  # type: ignore[attr-defined]
            yield each.message, each.path, each.line


def _valid(root: Element, sort: Sort) -> bool:
    return bool(_schema(sort).validate(root))


def _schema(sort: Sort) -> etree.XMLSchema:
    return activity_schema(sort.version) if sort.item == "iati-activity" else schema(sort.version, "organisations")


def _noted(cut: _Cut, element: Element, sort: Sort, *, valid: bool) -> Noted:
    named = tuple([short(text(each)) for each in element.iterchildren(IDENTIFIERS[sort.item])])
    notes = [] if valid else list(_schema_notes(cut, sort))
    checks = judge(sort.version, sort.item, sort.own)
    faults = list(checks.faults(element, sort.now))
    mentions = checks.mentions(_heard(sort.judging))
    said: tuple[Said, ...] = ()
    if faults or mentions:
        places = Places(element, cut.text, cut.item.start, cut.item.end, cut.number)
        notes += [noted(fault, places) for fault in _shown(faults, element)]
        said = tuple([(reference, names, places.of(spot)) for reference, names, spot in mentions])
    title = _title(element) if notes or said else ""
    return Noted(cut.number, title, named, cut.place[0], tuple(notes), said)


@lru_cache(maxsize=4)
def _heard(judging: tuple[int, int]) -> Heard:  # noqa: ARG001 - each judging of a file has its own
    """What this process told already in a judging of a file; what it forgets too early, it tells again, harmlessly."""
    return Heard()


def _shown(faults: list[Fault], activity: Element) -> Iterator[Fault]:
    """The faults of an activity, those of one rule only so many: an activity may be made to have a million."""
    if len(faults) <= MOST_OF_A_RULE:
        yield from faults
        return
    seen = Counter[str]()
    for fault in faults:
        seen[fault.rule.id] += 1
        if seen[fault.rule.id] <= MOST_OF_A_RULE:
            yield fault
    for rule, number in seen.items():
        if number > MOST_OF_A_RULE:
            yield Fault(MORE, (Spot(activity),), {"value": rule, "count": str(number - MOST_OF_A_RULE)})


def noted(fault: Fault, places: Places) -> Note:
    """A fault with its places; of very many only the first."""
    rule, spots, said, words = fault
    element, attribute = spots[0]
    values = {"element": str(element.tag), "attribute": attribute.replace(XML, "xml:") if attribute else "", **said}
    for name, value in said.items():
        if len(value) > LONGEST:
            values[name] = short(value)
    where = (places.of(spots[0]),) if len(spots) == 1 else tuple([places.of(spot) for spot in spots[:MOST_PLACES]])
    return Note(rule.id, rule.severity.value, rule.category, words or f"iati:{rule.id}", values, where)


def as_finding(note: PlainNote, file: str, identifier: str | None) -> Finding:
    """The finding that a note of that file makes."""
    rule, severity, category, words, values, (first, *others) = note
    place = Place(file, None, None, None, None, *first)
    also = tuple([Place(file, None, None, None, None, *each) for each in others]) if others else ()
    return Finding(rule, _SEVERITIES[severity], category, place, identifier, values, words, also)


def _schema_notes(cut: _Cut, sort: Sort) -> Iterator[Note]:
    """What the schema holds against one activity, with what stands before it; one note for each message."""
    begin, root = _alone(cut, sort)
    if root is None:
        return
    data = cut.batch.data[begin : cut.item.end]
    line, character = cut.text.position(begin)
    activity = next(root.iterchildren(sort.item))
    places = Places(activity, Text(data, line, character - 1), cut.item.start - begin, len(data), cut.number)
    found: dict[str, list[Where]] = {}
    for message, path, at in schema_problems(root, sort):
        where = found.get(message)
        if where is None:
            if len(found) >= MOST_OF_A_RULE:
                continue
            where = found[message] = []
        if len(where) < MOST_PLACES:
            element = _element(root, path, activity)
            where.append((line + at - 1, None, None) if element is None else places.of(Spot(element)))
    for message, where in found.items():
        yield schema_note(message, where)


def _alone(cut: _Cut, sort: Sort) -> tuple[int, Element | None]:
    """The activity in a root of its own, with what stands before it if that holds together; and where in the batch
    that begins.

    Neither does if it stands in another element that gives it its namespaces; then the file's own findings must do.
    """
    for begin in (cut.item.gap, cut.item.start):
        try:
            return begin, parsed(sort.tag + cut.batch.data[begin : cut.item.end] + sort.end, 1)
        except IllFormedError:
            continue
    return 0, None


def _element(root: Element, path: str | None, activity: Element) -> Element | None:
    """The element that a problem of the schema is about, if it stands in the activity."""
    nodes = root.xpath(path) if path and _PLAIN.fullmatch(path) else []
    if not isinstance(nodes, list) or len(nodes) != 1 or not isinstance(element := nodes[0], Element):
        return None
    return element if element is activity or activity in element.iterancestors() else None


def schema_note(message: str, where: list[Where]) -> Note:
    """The note of a message of the schema."""
    words, values = explained(message)
    rule = SCHEMA
    said = {name: short(value) for name, value in ({"problem": message} | values).items()}
    return Note(rule.id, rule.severity.value, rule.category, words, said, tuple(where[:MOST_PLACES]))


def _title(element: Element) -> str:
    """The first title (or name) that it states."""
    for name in ("title", "name"):
        for each in element.iterchildren(name):
            narrative = next(each.iterchildren("narrative"), None)
            return "" if narrative is None else short(text(narrative))
    return ""


_SEVERITIES = {each.value: each for each in Severity}
_PLAIN = re.compile(r"(/[\w.*-]+(\[\d+\])?)+", re.ASCII)
"""Paths that XPath takes: it admits fewer letters in names than XML does."""
