"""What publishing would do: the outcomes of a source, compared with the last release, activity by activity.

Unchanged content keeps its dates. What was set aside keeps its last good version, while that stands: what was withdrawn
does not come back so.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ssc_iati.publish.ledger import Entry, FileEntry, Ledger, Release
from ssc_iati.publish.spool import Kind, Line, Spool
from ssc_iati.publish.work import Outcome


class Former(NamedTuple):
    """The last release: what it says of itself, its files, and in which of them each activity stands."""

    release: Release | None
    files: list[FileEntry]
    stands_in: dict[str, str]


class Change(NamedTuple):
    """What becomes of one activity. `before` and `after` are canonical records, where there is one."""

    kind: Kind
    identifier: str
    before: str | None = None
    after: str | None = None
    rules: tuple[str, ...] = ()


@dataclass
class Plan:
    """The release in the making: its activities in the order of the source, and what is counted on the way."""

    former: Former
    lines: list[Line] = field(default_factory=list)
    counts: Counter[Kind] = field(default_factory=Counter)
    gone: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    lost_transactions: int = 0
    former_transactions: int = 0

    def figures(self) -> dict[str, int]:
        """What a report says of the activities."""
        new = self.counts[Kind.NEW]
        told = {"kept": self.counts[Kind.KEPT], "gone": self.counts[Kind.GONE], "added": new}
        return {**told, "updated": new + self.counts[Kind.CHANGED]}

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


def former_of(ledger: Ledger) -> Former:
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
        self._keys: dict[str, str] = {}

    def take(self, outcomes: Sequence[Outcome]) -> None:
        """Compare a chunk."""
        known = self._ledger.known([each.identifier for each in outcomes if each.identifier])
        for outcome in outcomes:
            former = known.get(outcome.identifier or "")
            decided = self._decided(outcome, former)
            if decided is None or decided[0].identifier in self._taken:
                self._pass_over(outcome)
                continue
            self._keep(outcome, former, *decided)

    def _keep(self, outcome: Outcome, former: Entry | None, entry: Entry, kind: Kind) -> None:
        plan = self.plan
        self._taken.add(entry.identifier)
        plan.lines.append(self._spool.add(entry, kind, renewed=kind is Kind.BACK or entry != former))
        plan.counts[kind] += 1
        if former is not None and self._stood(entry.identifier):
            before = transactions_of(former)
            plan.former_transactions += before
            plan.lost_transactions += max(0, before - (entry.transactions or 0))
        if outcome.key is not None and kind is Kind.NEW:
            self._keys[outcome.key] = entry.identifier
        if kind is Kind.KEPT:
            self._hear(Change(kind, entry.identifier, rules=_rules(outcome)))
        elif kind is not Kind.UNCHANGED:
            before_record = former.record if former is not None and kind is Kind.CHANGED else None
            self._hear(Change(kind, entry.identifier, before_record, entry.record))

    def _pass_over(self, outcome: Outcome) -> None:
        """Set aside, with nothing good to keep; or withheld, which is nobody's business."""
        if not outcome.accepted:
            self.plan.counts[Kind.ASIDE] += 1
            self._hear(Change(Kind.ASIDE, outcome.identifier or outcome.key or "?", rules=_rules(outcome)))

    def _decided(self, outcome: Outcome, former: Entry | None) -> tuple[Entry, Kind] | None:
        """The activity as it will stand, if it will, and what becomes of it."""
        if outcome.xml is None or outcome.digest is None:
            stays = former is not None and not outcome.accepted and self._stood(former.identifier)
            return (former, Kind.KEPT) if stays and former is not None else None
        record = outcome.record or ""
        identifier = outcome.identifier or ""
        if former is not None and former.digest == outcome.digest:
            kind = Kind.UNCHANGED if self._stood(identifier) else Kind.BACK
            same = former._replace(record=record, xml=outcome.xml, transactions=outcome.transactions)
            return same, kind
        updated = self._later(former.updated if former else None)
        first = former.first_published if former else updated
        entry = Entry(identifier, outcome.digest, updated, first, record, outcome.xml, outcome.transactions)
        return entry, Kind.CHANGED if former is not None and self._stood(identifier) else Kind.NEW

    def _stood(self, identifier: str) -> bool:
        return identifier in self.plan.former.stands_in

    def finish(self) -> Plan:
        """Say what is gone, and whether it was only called otherwise."""
        plan = self.plan
        plan.gone = [each for each in plan.former.stands_in if each not in self._taken]
        plan.counts[Kind.GONE] = len(plan.gone)
        for entry in _in_order(self._ledger, plan.gone):
            lost = transactions_of(entry)
            plan.former_transactions += lost
            plan.lost_transactions += lost
            again = self._keys.get(_key(entry) or "")
            if again is not None:
                plan.renamed.append((entry.identifier, again))
            self._hear(Change(Kind.GONE, entry.identifier, before=entry.record))
        return plan


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


def _key(entry: Entry) -> str | None:
    key = json.loads(entry.record or "{}").get("key")
    return key if isinstance(key, str) else None


def _rules(outcome: Outcome) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.rule for each in outcome.findings))
