"""Who takes part, as what and with what; what stands twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ssc_iati.check.context import Context
from ssc_iati.check.faults import Fault, fault, has_text
from ssc_iati.check.places import Loc
from ssc_iati.record.organisations import Contribution
from ssc_iati.record.project import Project
from ssc_iati.record.values import span


def partners(project: Project, context: Context) -> Iterator[Fault]:
    """Each participation says who and as what; each organisation has a name."""
    for index, each in enumerate(project.participations):
        loc: Loc = ("participations", index)
        if not each.organisation:
            yield fault("ssc-participation-organisation-missing", (*loc, "organisation"))
        if each.function is None:
            yield fault("ssc-participation-function-missing", (*loc, "function"))
        for number, contribution in enumerate(each.contributions):
            yield from _contribution(project, contribution, (*loc, "contributions", number), context)
    for index, organisation in enumerate(project.organisations):
        if not has_text(organisation.names):
            yield fault("ssc-organisation-name-missing", ("organisations", index, "names"), key=organisation.key)
        if organisation.actor_type is None:
            yield fault("ssc-actor-type-missing", ("organisations", index, "actor_type"), key=organisation.key)
    yield from _stated_partners(project)


def _stated_partners(project: Project) -> Iterator[Fault]:
    """Those that the record names in IATI's own terms; there must be somebody, in one way or the other."""
    for index, stated in enumerate(project.participating_orgs):
        if not stated.ref and not stated.organisation and not has_text(stated.names):
            yield fault("6.10.1", ("participating_orgs", index))
        if stated.role is None:
            yield fault("ssc-role-missing", ("participating_orgs", index, "role"))
    if not project.participations and not project.participating_orgs:
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
    seen: dict[tuple[object, ...], int] = {}
    for index, each in enumerate(project.participations):
        what = (each.organisation, each.phase, each.side, each.function, each.stage, each.mechanism)
        if what in seen and not each.contributions:
            yield fault("ssc-participation-doubled", ("participations", index, "organisation"), value=each.organisation)
        seen.setdefault(what, index)
    if not any(each.contributions for each in project.participations):
        return
    stated = {(each.value, each.currency, each.date): each for each in project.transactions}
    for index, each in enumerate(project.participations):
        for number, given in enumerate(each.contributions):
            if (
                given.amount is not None
                and not given.transaction
                and (given.amount, given.currency, given.date) in stated
            ):
                loc: Loc = ("participations", index, "contributions", number, "amount")
                yield fault("ssc-money-stated-twice", loc, value=given.amount)


KEYED = ("organisations", "mechanisms", "participations", "stages", "transactions", "document_links", "citations")


def keys(project: Project, _: Context) -> Iterator[Fault]:
    """Within one project and table a key names one row."""
    for name in KEYED:
        facts = getattr(project, name)
        if len(facts) < 2:
            continue
        found = [each.key for each in facts if each.key]
        if len(set(found)) < len(found):
            counted = Counter(found)
            for index, each in enumerate(facts):
                if each.key and counted[each.key] > 1:
                    yield fault("ssc-row-key-doubled", (name, index, "key"), value=each.key)
