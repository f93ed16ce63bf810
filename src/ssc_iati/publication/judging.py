"""Before anything is made: the outcomes compared with the last release, and what the guard says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import NamedTuple

from ssc_iati.findings import Finding
from ssc_iati.publication.past import decided
from ssc_iati.publication.session import Asked
from ssc_iati.publication.source_date import Stated, dates
from ssc_iati.publish.guard import Asked as AskedOfGuard
from ssc_iati.publish.guard import Rule, Verdict, judged
from ssc_iati.publish.ledger import Ledger
from ssc_iati.publish.partition import FRAME, Piece, divided
from ssc_iati.publish.plan import Absent, Comparison, Hear, Plan
from ssc_iati.publish.spool import Spool
from ssc_iati.publish.work import Outcome, renamed
from ssc_iati.publish.xml_file import size_of
from ssc_iati.run import Prepared, Tally


class Draft(NamedTuple):
    """What a comparison is made with: the ledger, what the run was asked, the date-time of what changed, and what the
    guard shall let pass.
    """

    ledger: Ledger
    asked: Asked
    later: Callable[[str | None], str]
    allow: frozenset[Rule] = frozenset()


def compared(
    draft: Draft,
    prepared: Prepared,
    parts: Iterable[list[Outcome]],
    tally: Tally,
    spool: Spool,
    hear: Hear = lambda _: None,
    take: Callable[[Outcome], None] = lambda _: None,
) -> Plan:
    """Compare all outcomes with the last release; every one is told to `take`, every change to `hear`."""
    comparison = Comparison(draft.ledger, spool, draft.later, hear)
    absent = _absent(draft, prepared)
    tally.hear(prepared.intake.findings)
    for outcomes in parts:
        for outcome in outcomes:
            tally.note(outcome, rendered=True)
            take(outcome)
        comparison.take(outcomes)
        draft.ledger.beat()
    return comparison.finish(absent)


def waiting(plan: Plan, verdict: Verdict) -> list[Finding]:
    """What waits for a decision; that activities are missing is not said of each where the guard says it of all."""
    refused = {each.rule for each in verdict.refused}
    said = {"ssc-activity-missing"} if f"ssc-guard-{Rule.ACTIVITIES}" in refused else set()
    return [each for each in plan.findings if each.rule not in said]


def _absent(draft: Draft, prepared: Prepared) -> Absent:
    """What is decided of activities that the source does not have."""
    settings = draft.asked.settings
    known = decided(draft.ledger, settings)
    drop = settings.identifiers.missing == "drop" or Rule.ACTIVITIES in draft.allow
    rename = partial(renamed, job=prepared.job) if Rule.IDENTIFIERS in draft.allow else None
    return Absent(known.dropped, known.renamed, drop, rename, draft.asked.target)


def judge(draft: Draft, plan: Plan, allow: Collection[Rule], said: Stated) -> tuple[Verdict, dict[str, str]]:
    """What the guard says of a plan, and the file of each activity; `said` is what the source says of its age."""
    settings = draft.asked.settings
    pieces = [Piece(each.identifier, size_of(each.xml, each.updated), each.first_published) for each in plan.lines]
    limit = settings.guard.size if settings.release.split and Rule.SIZE not in allow else None
    within = divided(pieces, plan.former.stands_in, settings.publish.file, limit)
    sizes: Counter[str] = Counter()
    for each in pieces:
        sizes[within[each.identifier]] += each.size
    whole = {name: size + FRAME for name, size in sizes.items()}
    date, former = dates(draft.ledger, plan.former.release, draft.asked, said)
    asked = AskedOfGuard(whole, date, former, _taken_back(draft, plan))
    return judged(plan, asked, settings.guard, allow, draft.asked.target), within


def _taken_back(draft: Draft, plan: Plan) -> int | None:
    """The release that somebody went back from, if this one would bring its content again."""
    latest = plan.former.release
    if latest is None or latest.kind != "rollback" or latest.back_to is None:
        return None
    undone = [each for each in draft.ledger.releases() if latest.back_to < each.number < latest.number]
    return next((each.number for each in undone if each.content == plan.content), None)
