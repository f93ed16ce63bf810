"""What publishing would do: the outcomes of a source, compared with the last release, activity by activity.

Unchanged content keeps its dates. What was set aside keeps its last good version, while that stands: what was withdrawn
does not come back so.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.publish.ledger import Entry, FileEntry, Ledger, Reading, Release
from ssc_iati.publish.renaming import Renaming, renamings
from ssc_iati.publish.spool import Kind, Line, Spool
from ssc_iati.publish.work import Outcome


class Former(NamedTuple):
    """The last release: what it says of itself, its files, and in which of them each activity stands."""

    release: Release | None
    files: list[FileEntry]
    stands_in: dict[str, str]


class Change(NamedTuple):
    """What becomes of one activity. `before` and `after` are canonical records, where there is one; `rows` counts, by
    table, what becomes of the rows of a source that is merged.
    """

    kind: Kind
    identifier: str
    before: str | None = None
    after: str | None = None
    rules: tuple[str, ...] = ()
    rows: Mapping[str, Mapping[str, int]] = {}


class Absent(NamedTuple):
    """What is decided of activities that the source does not have any more: which are withdrawn, and which are renamed
    (the new identifier by the former); whether all others are withdrawn too; what states a record anew under a new
    identifier with its former one, if all that were certainly renamed may be. `where` is what findings are about.
    """

    dropped: Collection[str] = ()
    renamed: Mapping[str, str] = {}
    drop_others: bool = False
    rename: Callable[[Entry, str], Entry] | None = None
    where: str = ""


@dataclass
class Plan:
    """The release in the making: its activities in the order of the source, and what is counted on the way.

    `undecided` are those that the source does not have any more and nobody decided about by name, whether they stay or
    are withdrawn; `renamed` those that certainly have another identifier now, and `decided` those of which that was
    allowed.
    """

    former: Former
    lines: list[Line] = field(default_factory=list)
    counts: Counter[Kind] = field(default_factory=Counter)
    gone: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    decided: list[tuple[str, str]] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    rows: dict[str, Counter[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    lost_transactions: int = 0
    former_transactions: int = 0

    def figures(self) -> dict[str, int]:
        """What a report says of the activities."""
        new = self.counts[Kind.NEW]
        told = {"kept": self.counts[Kind.KEPT], "gone": self.counts[Kind.GONE], "added": new}
        waiting = {"missing": self.counts[Kind.MISSING], "held": self.counts[Kind.HELD]}
        return {**told, **waiting, "updated": new + self.counts[Kind.CHANGED]}

    @property
    def content(self) -> str:
        """The hash of what the release holds, in order, without date-times."""
        return content_of(self.lines)

    @property
    def transactions(self) -> int:
        """How many transactions the activities hold."""
        return sum(line.transactions for line in self.lines)


def content_of(activities: Iterable[Line | Entry]) -> str:
    """The hash of what a release holds, in order, without date-times."""
    content = hashlib.sha256()
    for each in activities:
        content.update(f"{each.identifier}\n{each.digest}\n".encode("utf-8", "surrogatepass"))
    return content.hexdigest()


Hear = Callable[[Change], None]


def former_of(ledger: Reading) -> Former:
    """The last release of a publication."""
    latest = ledger.latest()
    if latest is None:
        return Former(None, [], {})
    files = ledger.files(latest.number)
    within = ((name, each.name) for each in files if each.listing for name in ledger.members(each.listing))
    return Former(latest, files, dict(within))


class Comparison:
    """Outcomes in, lines of the spool out. `later` gives the date-time of what changed, no earlier than it was."""

    def __init__(self, ledger: Ledger, spool: Spool, later: Callable[[str | None], str], hear: Hear) -> None:
        self._ledger = ledger
        self._spool = spool
        self._later = later
        self._hear = hear
        self.plan = Plan(former_of(ledger))
        self._taken: set[str] = set()
        self._unwanted: set[str] = set()
        self._deleted: set[str] = set()

    def take(self, outcomes: Sequence[Outcome]) -> None:
        """Compare a chunk."""
        known = self._ledger.known([each.identifier for each in outcomes if each.identifier])
        for outcome in outcomes:
            self._note(outcome)
            former = known.get(outcome.identifier or "")
            decided = self._decided(outcome, former)
            if decided is None or decided[0].identifier in self._taken:
                self._pass_over(outcome, taken=decided is not None)
                continue
            self._keep(outcome, former, *decided)

    def _note(self, outcome: Outcome) -> None:
        """What a record asks for beside being published, or instead of it."""
        for table, deeds in outcome.deeds.items():
            self.plan.rows.setdefault(table, Counter()).update(deeds)
        if outcome.dropped and outcome.identifier:
            self._unwanted.add(outcome.identifier)
            self._deleted.update({outcome.identifier} if outcome.accepted else ())
        elif outcome.accepted and outcome.xml is None:
            self._unwanted.add(outcome.identifier or "")
            self.plan.withheld += [outcome.record] if outcome.record is not None else []

    def _keep(self, outcome: Outcome, former: Entry | None, entry: Entry, kind: Kind) -> None:
        plan = self.plan
        self._taken.add(entry.identifier)
        plan.lines.append(self._spool.add(entry, kind, renewed=kind is Kind.BACK or entry != former))
        plan.counts[kind] += 1
        if former is not None and self._stood(entry.identifier):
            before = transactions_of(former)
            plan.former_transactions += before
            plan.lost_transactions += max(0, before - (entry.transactions or 0))
        if kind is Kind.KEPT:
            self._hear(Change(kind, entry.identifier, rules=_rules(outcome)))
        elif kind is not Kind.UNCHANGED:
            before_record = former.record if former is not None and kind is Kind.CHANGED else None
            self._hear(Change(kind, entry.identifier, before_record, entry.record, rows=outcome.deeds))

    def _pass_over(self, outcome: Outcome, *, taken: bool) -> None:
        """Set aside, with nothing good to keep; or withheld, which is nobody's business. What is sound may be called
        what another record is called since somebody decided so.
        """
        rules = _rules(outcome)
        if outcome.accepted and taken:
            where, values = Place(self._ledger.publication), {"value": outcome.identifier, "key": outcome.key}
            self.plan.findings.append(finding("ssc-identifier-taken", where, outcome.identifier, **values))
            rules = ("ssc-identifier-taken",)
        if not outcome.accepted or taken:
            self.plan.counts[Kind.ASIDE] += 1
            self._hear(Change(Kind.ASIDE, outcome.identifier or outcome.key or "?", rules=rules))

    def _decided(self, outcome: Outcome, former: Entry | None) -> tuple[Entry, Kind] | None:
        """The activity as it will stand, if it will, and what becomes of it."""
        if outcome.xml is None or outcome.digest is None:
            stays = former is not None and not (outcome.accepted or outcome.dropped) and self._stood(former.identifier)
            return (former, Kind.KEPT) if stays and former is not None else None
        record = outcome.record or ""
        identifier = outcome.identifier or ""
        if former is not None and former.digest == outcome.digest:
            kind = Kind.UNCHANGED if self._stood(identifier) else Kind.BACK
            same = former._replace(record=record, xml=outcome.xml, transactions=outcome.transactions, key=outcome.key)
            return same, kind
        updated = self._later(former.updated if former else None)
        first = former.first_published if former else updated
        made = (identifier, outcome.digest, updated, first, record, outcome.xml)
        entry = Entry(*made, outcome.transactions, outcome.key)
        return entry, Kind.CHANGED if former is not None and self._stood(identifier) else Kind.NEW

    def _stood(self, identifier: str) -> bool:
        return identifier in self.plan.former.stands_in

    def finish(self, absent: Absent) -> Plan:
        """Say what is gone; what the source does not have and nobody decided about stays, with what it may be called
        now kept waiting.
        """
        plan = self.plan
        away = [each for each in plan.former.stands_in if each not in self._taken]
        open_ = [each for each in away if not self._is_decided(each, absent)]
        named = {*absent.dropped, *absent.renamed, *self._deleted}
        plan.undecided = [each for each in away if each not in named]
        found = self._renamings(open_)
        plan.renamed = [(each.former, each.new) for each in found if each.is_certain]
        waiting = {each.former: each for each in found if not (each.is_certain or absent.drop_others)}
        if absent.rename is not None:
            self._rename(absent.rename)
        certain = {former for former, _ in [*plan.renamed, *plan.decided]}
        stays = [each for each in open_ if each in waiting or not (absent.drop_others or each in certain)]
        self._hold(waiting, absent.where)
        self._let_stay(stays, waiting, absent.where)
        plan.gone = [each for each in away if each not in set(stays)]
        plan.counts[Kind.GONE] = len(plan.gone)
        for entry in _in_order(self._ledger, plan.gone):
            lost = transactions_of(entry)
            plan.former_transactions += lost
            plan.lost_transactions += lost
            self._hear(Change(Kind.GONE, entry.identifier, before=entry.record))
        return plan

    def _is_decided(self, identifier: str, absent: Absent) -> bool:
        new = absent.renamed.get(identifier)
        return identifier in absent.dropped or identifier in self._unwanted or (new is not None and new in self._taken)

    def _renamings(self, missing: Sequence[str]) -> list[Renaming]:
        new = [line for line in self.plan.lines if line.kind is Kind.NEW]
        if not missing or not new:
            return []
        return renamings(_in_order(self._ledger, missing), map(self._spool.entry, new))

    def _rename(self, rename: Callable[[Entry, str], Entry]) -> None:
        """State the former identifier of what is renamed: it was allowed."""
        plan = self.plan
        former = {new: old for old, new in plan.renamed}
        for at, line in enumerate(plan.lines):
            if line.identifier in former:
                entry = rename(self._spool.entry(line), former[line.identifier])
                plan.lines[at] = self._spool.add(entry, line.kind, renewed=True)
        plan.decided, plan.renamed = plan.renamed, []

    def _hold(self, waiting: Mapping[str, Renaming], where: str) -> None:
        """What may be another activity under a new name is not published before somebody says whether it is."""
        plan = self.plan
        held = {each.new: each for each in waiting.values()}
        plan.lines = [line for line in plan.lines if line.identifier not in held]
        plan.counts[Kind.NEW] -= len(held)
        plan.counts[Kind.HELD] += len(held)
        for each in held.values():
            values = {"former": each.former, "new": each.new, "sign": each.sign}
            plan.findings.append(finding("ssc-activity-renamed", Place(where), each.new, **values))
            self._hear(Change(Kind.HELD, each.new, rules=("ssc-activity-renamed",)))

    def _let_stay(self, stays: Sequence[str], waiting: Mapping[str, Renaming], where: str) -> None:
        """What is missing stays where it stood: after what stood before it."""
        plan = self.plan
        lines: dict[str, Line] = {}
        for entry in _in_order(self._ledger, stays):
            lines[entry.identifier] = self._spool.add(entry, Kind.MISSING, renewed=False)
            plan.former_transactions += transactions_of(entry)
            plan.counts[Kind.MISSING] += 1
            if entry.identifier not in waiting:
                plan.findings.append(finding("ssc-activity-missing", Place(where), entry.identifier))
            self._hear(Change(Kind.MISSING, entry.identifier, rules=("ssc-activity-missing",)))
        plan.lines = _put_back(plan.lines, lines, list(plan.former.stands_in))


def _put_back(lines: list[Line], missing: Mapping[str, Line], order: Sequence[str]) -> list[Line]:
    """The lines, each that is missing after the one after which it stood."""
    if not missing:
        return lines
    there = {line.identifier for line in lines}
    after: dict[str | None, list[Line]] = {}
    last: str | None = None
    for identifier in order:
        if identifier in missing:
            after.setdefault(last, []).append(missing[identifier])
        elif identifier in there:
            last = identifier
    made = after.get(None, [])
    for line in lines:
        made += [line, *after.get(line.identifier, ())]
    return made


def _in_order(ledger: Ledger, identifiers: Sequence[str], at_once: int = 500) -> Iterator[Entry]:
    for start in range(0, len(identifiers), at_once):
        some = identifiers[start : start + at_once]
        known = ledger.known(some)
        yield from (known[each] for each in some if each in known)


def transactions_of(entry: Entry) -> int:
    """How many transactions an activity holds; a ledger of version 1 did not count them, its bytes tell."""
    if entry.transactions is not None:
        return entry.transactions
    return (entry.xml or b"").count(b"<transaction>") + (entry.xml or b"").count(b"<transaction ")


def _rules(outcome: Outcome) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.rule for each in outcome.findings))
