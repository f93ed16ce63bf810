"""What a project must have and may not contradict, before it can become a valid IATI activity.

Each rule is a generator of faults; ids are those of the official IATI Validator where it has the rule (its ruleset of
2024-03),
`ssc-` where it has not. Dates are compared as they will be published: by the first day that they may mean.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache

from ssc_iati.check.codes import Fault
from ssc_iati.check.context import Context
from ssc_iati.check.places import Loc
from ssc_iati.record.activity import ActivityDate, DocumentLink
from ssc_iati.record.fields import describe
from ssc_iati.record.money import Budget, PlannedDisbursement, Transaction
from ssc_iati.record.organisations import Contribution
from ssc_iati.record.project import Project
from ssc_iati.record.results import Figure, Indicator
from ssc_iati.record.values import Fact, Text, Texts, span
from ssc_iati.standard import org_id

Rule = Callable[[Project, Context], Iterator[Fault]]

HUNDRED = Decimal(100)


def fault(rule: str, loc: Loc, **values: object) -> Fault:
    """A fault in short."""
    return Fault(rule, loc, values)


def has_text(texts: Texts) -> bool:
    """Whether any of the texts says something."""
    for text in texts:  # noqa: SIM110 - called so often that a generator would be felt
        if text.text.strip():
            return True
    return False


# --- Who, what, when --------------------------------------------------------------------------------------------------


def identity(project: Project, _: Context) -> Iterator[Fault]:
    """The identifier and the reporter."""
    identifier, reporter = project.iati_identifier, project.reporting_org
    if not identifier:
        yield fault("ssc-identifier-missing", ("iati_identifier",))
    elif identifier.strip() != identifier:
        yield fault("1.3.1", ("iati_identifier",), value=identifier)
    elif any(symbol in identifier for symbol in "/&|?"):
        yield fault("1.3.13", ("iati_identifier",), value=identifier)
    if reporter is None or not reporter.ref:
        yield fault("ssc-reporter-missing", ("reporting_org",))
        return
    if not reporter.type or not has_text(reporter.names):
        yield fault("ssc-reporter-incomplete", ("reporting_org",))
    if reporter.ref == identifier:
        yield fault("1.1.3", ("iati_identifier",), value=identifier)
    elif identifier and not identifier.startswith(f"{reporter.ref}-") and not _earlier_reporter(project):
        yield fault("1.1.21", ("iati_identifier",), value=identifier, prefix=reporter.ref)


def _earlier_reporter(project: Project) -> bool:
    own = project.iati_identifier or ""
    return any(each.type == "B1" and each.ref and own.startswith(f"{each.ref}-") for each in project.other_identifiers)


def texts(project: Project, _: Context) -> Iterator[Fault]:
    """Title, description, and the language of every text."""
    if not has_text(project.title):
        yield fault("4.3.1", ("title",))
    if not project.descriptions:
        yield fault("ssc-description-missing", ("descriptions",))
    for index, each in enumerate(project.descriptions):
        if not has_text(each.text):
            yield fault("4.4.1", ("descriptions", index, "text"))
    if project.language is None and _unspoken(Project, project):
        yield fault("4.1.1", ("language",))


@cache
def _texts_of(model: type[Fact]) -> tuple[tuple[str, ...], tuple[tuple[str, bool], ...]]:
    fields = describe(model)
    below = tuple((field.name, field.many) for field in fields if issubclass(field.kind, Fact))
    return tuple(field.name for field in fields if field.kind is Text), below


def _unspoken(model: type[Fact], fact: Fact) -> bool:
    """Whether any text, however deep, names no language."""
    texts_here, below = _texts_of(model)
    values = fact.__dict__
    if any(text.lang is None for name in texts_here for text in values[name]):
        return True
    found = ((values[name] if many else (values[name],)) for name, many in below if values[name])
    return any(_unspoken(type(each), each) for facts in found for each in facts)


def status(project: Project, _: Context) -> Iterator[Fault]:
    """The status, said in one way or the other."""
    if project.status is None and project.activity_status is None:
        yield fault("ssc-status-missing", ("status",))


def dates(project: Project, context: Context) -> Iterator[Fault]:
    """A start date; starts before ends; nothing actual in the future."""
    first: dict[str, tuple[Loc, ActivityDate]] = {}
    for index, each in enumerate(project.activity_dates):
        loc: Loc = ("activity_dates", index, "date")
        if each.date is None:
            yield fault("ssc-date-missing", loc)
        elif each.type is None:
            yield fault("ssc-date-type-missing", loc, value=each.date)
        else:
            first.setdefault(each.type, (loc, each))
            if each.type in {"2", "4"} and span(each.date).first > context.today:
                yield fault("11.1.4" if each.type == "2" else "11.1.5", loc, value=each.date)
    if "1" not in first and "2" not in first:
        yield fault("6.11.1", ("activity_dates",))
    for start, end, rule in (("1", "3", "11.1.2"), ("2", "4", "11.1.3")):
        if start in first and end in first:
            yield from _in_order(rule, first[start], first[end])


def _in_order(rule: str, start: tuple[Loc, ActivityDate], end: tuple[Loc, ActivityDate]) -> Iterator[Fault]:
    before, after = str(start[1].date), str(end[1].date)
    if span(before).first > span(after).last:
        yield fault(rule, start[0], start=before, end=after)


# --- Where and what about ---------------------------------------------------------------------------------------------


def geography(project: Project, _: Context) -> Iterator[Fault]:
    """A country or a region, and shares that add up; shares that nobody knows are the mapping's business."""
    countries, regions = project.recipient_countries, project.recipient_regions
    for name in ("recipient_countries", "recipient_regions"):
        for index, each in enumerate(getattr(project, name)):
            if not each.code:
                yield fault("ssc-code-missing", (name, index, "code"))
    if (
        not countries
        and not regions
        and not any(each.recipient_country or each.recipient_region for each in project.transactions)
    ):
        yield fault("ssc-geography-missing", ("recipient_countries",))
    own = [each.percentage for each in countries]
    vocabularies = {each.vocabulary or "1" for each in regions} or {"1"}
    for vocabulary in sorted(vocabularies):
        shares = own + [each.percentage for each in regions if (each.vocabulary or "1") == vocabulary]
        name = "recipient_countries" if countries else "recipient_regions"
        yield from _shares(shares, (name, 0, "percentage"))


def _shares(shares: list[Decimal | None], loc: Loc) -> Iterator[Fault]:
    """The shares of places: all or none, and together a hundred; told at the first of them."""
    stated = [share for share in shares if share is not None]
    if len(shares) > 1 and stated and len(stated) < len(shares):
        yield fault("3.1.1", loc)
    elif len(shares) > 1 and stated and sum(stated) != HUNDRED:
        yield fault("3.1.2", loc, total=sum(stated))
    elif len(shares) == 1 and stated and stated[0] != HUNDRED:
        yield fault("3.1.4", loc, value=stated[0])


def levels(project: Project, _: Context) -> Iterator[Fault]:
    """Countries and regions stand on the activity, or on every transaction, not on both."""
    placed = [bool(each.recipient_country or each.recipient_region) for each in project.transactions]
    if not any(placed):
        return
    if project.recipient_countries or project.recipient_regions:
        yield fault("3.6.2", ("transactions", placed.index(True), "recipient_country"))
    elif not all(placed):
        yield fault("3.7.2", ("transactions", placed.index(False), "recipient_country"))


def sectors(project: Project, _: Context) -> Iterator[Fault]:
    """A sector; shares of each vocabulary that add up; not on both levels."""
    on_transactions = [bool(each.sectors) for each in project.transactions]
    if not project.sectors and not any(on_transactions):
        yield fault("6.2.2", ("sectors",))
    elif project.sectors and any(on_transactions):
        yield fault("6.6.2", ("sectors",))
    elif not project.sectors and not all(on_transactions):
        yield fault("6.7.2", ("transactions", on_transactions.index(False)))
    by_vocabulary = defaultdict(list)
    for index, each in enumerate(project.sectors):
        if not each.code:
            yield fault("ssc-code-missing", ("sectors", index, "code"))
        if each.vocabulary in {"98", "99"} and not has_text(each.names):
            yield fault("2.2.1", ("sectors", index, "names"), value=each.code)
        by_vocabulary[each.vocabulary or "1"].append((index, each.percentage))
    for vocabulary, shares in by_vocabulary.items():
        yield from _sector_shares(vocabulary, shares)


def _sector_shares(vocabulary: str, shares: list[tuple[int, Decimal | None]]) -> Iterator[Fault]:
    stated = [share for _, share in shares if share is not None]
    loc: Loc = ("sectors", shares[0][0], "percentage")
    if len(shares) == 1:
        if stated and stated[0] != HUNDRED:
            yield fault("2.1.4", loc, value=stated[0], vocabulary=vocabulary)
    elif len(stated) < len(shares):
        missing = next(index for index, share in shares if share is None)
        yield fault("2.1.1", ("sectors", missing, "percentage"), vocabulary=vocabulary)
    elif sum(stated) != HUNDRED:
        yield fault("2.1.2", loc, total=sum(stated), vocabulary=vocabulary)


def classifications(project: Project, _: Context) -> Iterator[Fault]:
    """Markers with their significance, tags with their vocabulary, one aid type in each vocabulary."""
    for index, marker in enumerate(project.policy_markers):
        if not marker.code:
            yield fault("ssc-code-missing", ("policy_markers", index, "code"))
        if marker.vocabulary in {None, "1"} and marker.significance is None:
            yield fault("6.14.1", ("policy_markers", index, "significance"), value=marker.code)
        if marker.vocabulary == "99" and not has_text(marker.names):
            yield fault("6.13.1", ("policy_markers", index, "names"), value=marker.code)
    for index, tag in enumerate(project.tags):
        if not tag.code:
            yield fault("ssc-code-missing", ("tags", index, "code"))
        elif not tag.vocabulary:
            yield fault("ssc-vocabulary-missing", ("tags", index, "vocabulary"), value=tag.code)
    if len({each.vocabulary or "1" for each in project.default_aid_types}) < len(project.default_aid_types):
        yield fault("107.1.2", ("default_aid_types",))


# --- Money ------------------------------------------------------------------------------------------------------------


def budgets(project: Project, _: Context) -> Iterator[Fault]:
    """Periods of at most a year, in order, with an amount."""
    for index, each in enumerate(project.budgets):
        loc: Loc = ("budgets", index)
        yield from _amount(project, each, loc)
        yield from _period(each, loc, needs_end=True)
        yield from _days(each, loc, ("period_start", "period_end", "value_date"))
        if _whole(each.period_start) and _whole(each.period_end):
            days = (date.fromisoformat(str(each.period_end)) - date.fromisoformat(str(each.period_start))).days
            if days > 365:
                yield fault("7.5.3", (*loc, "period_end"), start=each.period_start, end=each.period_end)


def planned_disbursements(project: Project, _: Context) -> Iterator[Fault]:
    """As budgets; the end may be open."""
    for index, each in enumerate(project.planned_disbursements):
        loc: Loc = ("planned_disbursements", index)
        yield from _amount(project, each, loc)
        yield from _period(each, loc, needs_end=False)
        yield from _days(each, loc, ("period_end", "value_date"))
        yield from _sides(each, loc)


def transactions(project: Project, context: Context) -> Iterator[Fault]:
    """A type, a date that is not in the future, an amount."""
    for index, each in enumerate(project.transactions):
        loc: Loc = ("transactions", index)
        if each.type is None:
            yield fault("ssc-transaction-type-missing", (*loc, "type"))
        if each.date is None:
            yield fault("ssc-date-missing", (*loc, "date"))
        elif span(each.date).first > context.today:
            yield fault("11.2.1", (*loc, "date"), value=each.date)
        if each.value_date is not None and span(each.value_date).first > context.today:
            yield fault("11.2.2", (*loc, "value_date"), value=each.value_date)
        yield from _amount(project, each, loc)
        yield from _days(each, loc, ("value_date",))
        yield from _sides(each, loc)
        if len({aid.vocabulary or "1" for aid in each.aid_types}) < len(each.aid_types):
            yield fault("107.2.2", (*loc, "aid_types"))


def _amount(project: Project, each: Budget | PlannedDisbursement | Transaction, loc: Loc) -> Iterator[Fault]:
    if each.value is None:
        yield fault("ssc-amount-missing", (*loc, "value"))
    if each.currency is None and project.default_currency is None:
        yield fault("7.8.1", (*loc, "currency"))


def _period(each: Budget | PlannedDisbursement, loc: Loc, *, needs_end: bool) -> Iterator[Fault]:
    if each.period_start is None:
        yield fault("ssc-date-missing", (*loc, "period_start"))
    if each.period_end is None:
        if needs_end:
            yield fault("ssc-date-missing", (*loc, "period_end"))
    elif each.period_start is not None and span(each.period_start).first > span(each.period_end).last:
        yield fault("8.6.3", (*loc, "period_start"), start=each.period_start, end=each.period_end)


def _whole(value: str | None) -> bool:
    return value is not None and len(value) == 10


def _days(each: Budget | PlannedDisbursement | Transaction, loc: Loc, names: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        value = getattr(each, name)
        if value is not None and len(value) != 10:
            yield fault("ssc-date-day-needed", (*loc, name), value=value)


def _sides(each: Transaction | PlannedDisbursement, loc: Loc) -> Iterator[Fault]:
    for name, rule in (("provider", "6.9.1"), ("receiver", "6.9.2")):
        side = getattr(each, name)
        if side is not None and not side.organisation and not side.ref and not has_text(side.names):
            yield fault(rule, (*loc, name))


# --- Partners ---------------------------------------------------------------------------------------------------------


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


def reporter(project: Project, _: Context) -> Iterator[Fault]:
    """The reporter's identifier begins with a register that IATI approves."""
    ref = project.reporting_org.ref if project.reporting_org else None
    prefix = org_id.prefix_of(ref) if ref else None
    if ref and (prefix is None or not org_id.confirmed(prefix)):
        yield fault("1.14.8", ("reporting_org", "ref"), value=ref)


# --- Results and documents --------------------------------------------------------------------------------------------


def results(project: Project, _: Context) -> Iterator[Fault]:
    """Titles, types, measures; values that suit the measure."""
    for index, each in enumerate(project.results):
        loc: Loc = ("results", index)
        if each.type is None:
            yield fault("ssc-result-incomplete", (*loc, "type"), field="type")
        if not has_text(each.title):
            yield fault("ssc-result-incomplete", (*loc, "title"), field="title")
        if not each.indicators:
            yield fault("ssc-indicator-missing", loc)
        for number, indicator in enumerate(each.indicators):
            yield from _indicator(indicator, (*loc, "indicators", number))
            if each.references and indicator.references:
                yield fault("8.11.1", (*loc, "indicators", number, "references"))


def _indicator(each: Indicator, loc: Loc) -> Iterator[Fault]:
    if each.measure is None:
        yield fault("ssc-result-incomplete", (*loc, "measure"), field="measure")
    if not has_text(each.title):
        yield fault("ssc-result-incomplete", (*loc, "title"), field="title")
    for number, baseline in enumerate(each.baselines):
        where: Loc = (*loc, "baselines", number)
        if not baseline.year:
            yield fault("ssc-result-incomplete", (*where, "year"), field="year")
        yield from _figure(each.measure, baseline.value, where, ("8.8.1", "8.8.2", "8.8.3"))
    for number, period in enumerate(each.periods):
        where = (*loc, "periods", number)
        for name in ("start", "end"):
            if not _whole(getattr(period, name)):
                yield fault("ssc-date-day-needed", (*where, name), value=getattr(period, name) or "-")
        if _whole(period.start) and _whole(period.end) and str(period.start) > str(period.end):
            yield fault("8.6.1", (*where, "start"), start=period.start, end=period.end)
        yield from _figures(each.measure, period.targets, (*where, "targets"), ("8.9.1", "8.9.2", "8.9.3"))
        yield from _figures(each.measure, period.actuals, (*where, "actuals"), ("8.10.1", "8.10.2", "8.10.3"))


def _figures(
    measure: str | None, figures: tuple[Figure, ...], loc: Loc, rules: tuple[str, str, str]
) -> Iterator[Fault]:
    for index, each in enumerate(figures):
        yield from _figure(measure, each.value, (*loc, index), rules)


def _figure(measure: str | None, value: str | None, loc: Loc, rules: tuple[str, str, str]) -> Iterator[Fault]:
    missing, no_number, qualitative = rules
    if measure in {"1", "2", "3", "4"}:
        if value is None:
            yield fault(missing, (*loc, "value"))
        elif not _is_number(value):
            yield fault(no_number, (*loc, "value"), value=value)
    elif measure == "5" and value is not None:
        yield fault(qualitative, (*loc, "value"), value=value)


def _is_number(value: str) -> bool:
    digits = value.strip().removeprefix("-")
    whole, _, rest = digits.partition(".")
    return bool(whole or rest) and (whole + rest).isdecimal() and (whole + rest).isascii()


def documents(project: Project, _: Context) -> Iterator[Fault]:
    """An address with format, title and category; or at least a citation."""
    for index, each in enumerate(project.document_links):
        loc: Loc = ("document_links", index)
        if each.url is None:
            if not each.citation and not has_text(each.title):
                yield fault("ssc-document-empty", (*loc, "url"))
            continue
        yield from (fault("ssc-document-incomplete", (*loc, name), field=name) for name in _missing(each))


def _missing(document: DocumentLink) -> list[str]:
    present = {"format": document.format, "title": has_text(document.title), "categories": document.categories}
    return [name for name, value in present.items() if not value]


def other_parts(project: Project, _: Context) -> Iterator[Fault]:
    """What IATI demands of the smaller elements."""
    for index, each in enumerate(project.other_identifiers):
        if each.owner is not None and not each.owner.ref and not has_text(each.owner.names):
            yield fault("6.8.1", ("other_identifiers", index, "owner"))
    for name, fields in (
        ("related_activities", ("ref", "type")),
        ("other_identifiers", ("ref", "type")),
        ("legacy_data", ("name", "value")),
        ("humanitarian_scopes", ("type", "vocabulary", "code")),
    ):
        for index, each in enumerate(getattr(project, name)):
            yield from (
                fault("ssc-field-missing", (name, index, field), field=field)
                for field in fields
                if not getattr(each, field)
            )


RULES: tuple[Rule, ...] = (
    identity,
    reporter,
    texts,
    status,
    dates,
    geography,
    levels,
    sectors,
    classifications,
    budgets,
    planned_disbursements,
    transactions,
    partners,
    twice,
    keys,
    results,
    documents,
    other_parts,
)
