"""Who takes part, as what and with what; what stands twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from operator import itemgetter

from ssc_iati.check.context import Context
from ssc_iati.check.faults import Fault, fault, has_text
from ssc_iati.check.places import Loc
from ssc_iati.record.organisations import Contribution
from ssc_iati.record.project import Project
from ssc_iati.record.values import span


def partners(project: Project, context: Context) -> Iterator[Fault]:
    """Each participation says who and as what; each organisation has a name."""
    record = project.__dict__
    for index, each in enumerate(record["participations"]):
        stated, loc = each.__dict__, ("participations", index)
        if not stated["organisation"]:
            yield fault("ssc-participation-organisation-missing", (*loc, "organisation"))
        if stated["function"] is None:
            yield fault("ssc-participation-function-missing", (*loc, "function"))
        for number, contribution in enumerate(stated["contributions"]):
            yield from _contribution(project, contribution, (*loc, "contributions", number), context)
    for index, each in enumerate(record["organisations"]):
        stated = each.__dict__
        if not has_text(stated["names"]):
            yield fault("ssc-organisation-name-missing", ("organisations", index, "names"), key=stated["key"])
        if stated["actor_type"] is None:
            yield fault("ssc-actor-type-missing", ("organisations", index, "actor_type"), key=stated["key"])
    yield from _stated_partners(project)


def _stated_partners(project: Project) -> Iterator[Fault]:
    """Those that the record names in IATI's own terms; there must be somebody, in one way or the other."""
    record = project.__dict__
    for index, stated in enumerate(record["participating_orgs"]):
        if not stated.ref and not stated.organisation and not has_text(stated.names):
            yield fault("6.10.1", ("participating_orgs", index))
        if stated.role is None:
            yield fault("ssc-role-missing", ("participating_orgs", index, "role"))
    if not record["participations"] and not record["participating_orgs"]:
        yield fault("ssc-participating-org-missing", ("participations",))


# What these stages say has happened, and IATI admits no transaction of tomorrow.
HAPPENED = {"pledged", "committed", "executed"}


def _contribution(project: Project, each: Contribution, loc: Loc, context: Context) -> Iterator[Fault]:
    if each.kind is None:
        yield fault("ssc-contribution-kind-missing", (*loc, "kind"))
    if each.period_start and each.period_end and span(each.period_start).first > span(each.period_end).last:
        yield fault("8.6.3", (*loc, "period_start"), start=each.period_start, end=each.period_end)
    if each.amount is None:
        return
    if each.date is not None and each.stage_of_money in HAPPENED and span(each.date).first > context.today:
        yield fault("11.2.1", (*loc, "date"), value=each.date)
    if each.value_date is not None and span(each.value_date).first > context.today:
        yield fault("11.2.2", (*loc, "value_date"), value=each.value_date)
    if each.currency is None and project.default_currency is None:
        yield fault("7.8.1", (*loc, "currency"))
    if each.amount_status in {"not-stated", "not-monetised"}:
        yield fault("ssc-amount-contradicts", (*loc, "amount_status"), value=each.amount, status=each.amount_status)


def twice(project: Project, _: Context) -> Iterator[Fault]:
    """The same participation twice; the same money as a transaction and as a contribution."""
    seen: set[tuple[object, ...]] = set()
    contributed = False
    for index, each in enumerate(project.__dict__["participations"]):
        stated = each.__dict__
        what = _WHAT(stated)
        if stated["contributions"]:
            contributed = True
        elif what in seen:
            loc: Loc = ("participations", index, "organisation")
            yield fault("ssc-participation-doubled", loc, value=stated["organisation"])
        seen.add(what)
    if not contributed:
        return
    moved = {(each.value, each.currency, each.date) for each in project.transactions}
    for index, each in enumerate(project.participations):
        for number, given in enumerate(each.contributions):
            if (
                given.amount is not None
                and not given.transaction
                and (given.amount, given.currency, given.date) in moved
            ):
                loc = ("participations", index, "contributions", number, "amount")
                yield fault("ssc-money-stated-twice", loc, value=given.amount)


_WHAT = itemgetter("organisation", "phase", "side", "function", "stage", "mechanism")


KEYED = ("organisations", "mechanisms", "participations", "stages", "transactions", "document_links", "citations")


def keys(project: Project, _: Context) -> Iterator[Fault]:
    """Within one project and table a key names one row."""
    record = project.__dict__
    for name in KEYED:
        facts = record[name]
        if len(facts) < 2:
            continue
        found = [key for each in facts if (key := each.__dict__["key"])]
        if found and len(set(found)) < len(found):
            counted = Counter(found)
            for index, each in enumerate(facts):
                if each.key and counted[each.key] > 1:
                    yield fault("ssc-row-key-doubled", (name, index, "key"), value=each.key)
