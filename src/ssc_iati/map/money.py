"""Money: what IATI states stands; the contributions of partners become transactions where IATI has one for the
reporter's view.

Always one transaction for each partner. A contribution without an amount or a date never becomes one: zero is not
unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

from ssc_iati.map.options import sentence, table
from ssc_iati.map.participants import display_name, identifier, organisation_type, text_in
from ssc_iati.map.roster import Roster, Values
from ssc_iati.record import terms
from ssc_iati.record.activity import AidType
from ssc_iati.record.money import Budget, PlannedDisbursement, ProviderOrg, ReceiverOrg, Transaction
from ssc_iati.record.organisations import Contribution, Participation
from ssc_iati.record.project import Project
from ssc_iati.record.values import Text, Texts, altered, first_day, made, shaped

Stated = TypeVar("Stated", PlannedDisbursement, Transaction)
Derived = Mapping[int, frozenset[str]]
CIVIL_SOCIETY = {"21", "22", "23", "24", "60"}


Money: TypeAlias = tuple[tuple[Budget, ...], tuple[PlannedDisbursement, ...], tuple[Transaction, ...], Derived]
"""What IATI says of money; and the contributions that it says, each with those of its fields that it states."""


class _Seen:
    """Where the reporter stands among the partners of a project: the key of its organisation, and whether it reports
    what others do.
    """

    def __init__(self, project: Project, partners: Roster) -> None:
        self.project = project
        self.partners = partners
        reporter = project.reporting_org
        ref = reporter.ref if reporter else None
        self.secondary = reporter is not None and reporter.secondary_reporter is True
        self.reporter = next(
            (key for key, each in partners.organisations.items() if ref and ref in each["identifiers"]), None
        )

    def provider(self, key: str | None) -> ProviderOrg | None:
        """An organisation as the one that gives."""
        organisation = self.partners.organisations.get(key)
        return None if organisation is None else made(ProviderOrg, **self._side(organisation))

    def receiver(self, key: str | None) -> ReceiverOrg | None:
        """An organisation as the one that gets."""
        organisation = self.partners.organisations.get(key)
        return None if organisation is None else made(ReceiverOrg, **self._side(organisation))

    def _side(self, organisation: Values) -> Values:
        key = organisation["key"]
        return {
            "organisation": key,
            "ref": identifier(organisation),
            "activity_id": self.partners.activities.get(key),
            "type": organisation_type(organisation, self.partners.sides.get(key)),
            "names": organisation["names"],
        }


def money(project: Project, partners: Roster) -> Money:
    """Budgets, planned disbursements and transactions of the activity."""
    stated = project.__dict__
    planned = [_filled(each, partners, "period_start", "period-start") for each in stated["planned_disbursements"]]
    transactions = [_filled(each, partners, "date", "transaction-date") for each in stated["transactions"]]
    derived = {}
    if partners.contributions:
        seen = _Seen(project, partners)
        for participation, contribution in partners.contributions:
            drawn = _from_contribution(participation, contribution, seen)
            if drawn is not None:
                derived[id(contribution)] = _stated(contribution, drawn)
                (planned if isinstance(drawn, PlannedDisbursement) else transactions).append(drawn)
    return tuple([_budget(each) for each in stated["budgets"]]), tuple(planned), tuple(transactions), derived


def _stated(contribution: Contribution, drawn: Transaction | PlannedDisbursement) -> frozenset[str]:
    """The fields of a contribution that the element drawn from it gives back."""
    fields = {"amount", "currency"}
    if _is_day(contribution.value_date):
        fields.add("value_date")
    if isinstance(drawn, Transaction) or contribution.period_start is None:
        fields.add("date")
    else:
        fields.add("period_start")
    if isinstance(drawn, PlannedDisbursement) and drawn.period_end is not None:
        fields.add("period_end")
    return frozenset(fields)


def _is_day(value: str | None) -> bool:
    return value is not None and len(value) == 10


# --- As stated --------------------------------------------------------------------------------------------------------


def _budget(each: Budget) -> Budget:
    stated = each.__dict__
    if stated["value_date"] is not None or stated["period_start"] is None:
        return each
    return altered(each, value_date=stated["period_start"], value_date_basis="period-start")


def _filled(each: Stated, partners: Roster, day: str, basis: str) -> Stated:
    """What is stated, with its sides, and the day of its exchange rate from the field of that name if it has none."""
    stated = each.__dict__
    update = _sides(stated, partners)
    if stated["value_date"] is None and stated[day] is not None:
        update["value_date"], update["value_date_basis"] = first_day(stated[day]), basis
    return shaped(type(each), stated | update) if update else each


def _sides(stated: Values, partners: Roster) -> Values:
    """Provider and receiver, filled from the organisations that they name."""
    found: Values = {}
    for name in ("provider", "receiver"):
        side = stated[name]
        if side is None:
            continue
        values = side.__dict__
        organisation = partners.organisations.get(values["organisation"])
        if organisation is not None:
            values = values.copy()
            values["ref"] = values["ref"] or identifier(organisation)
            values["type"] = values["type"] or organisation_type(organisation, partners.sides.get(organisation["key"]))
            values["names"] = values["names"] or organisation["names"]
            found[name] = shaped(type(side), values)
    return found


# --- From contributions -----------------------------------------------------------------------------------------------


def _view(contribution: Contribution, participation: Participation, seen: _Seen) -> str | None:
    """Where the reporter stands to this contribution: it provides it, receives or manages it, reports it for others,
    or none. Without a receiver, what funders give and what comes in kind goes to the pot that the reporter manages; the
    own cash of a partner that executes does not. Who reports for others must say to whom.
    """
    if seen.reporter is not None:
        if participation.organisation == seen.reporter:
            return "provider"
        if contribution.to_organisation == seen.reporter:
            return "manager"
        to_pot = participation.function == "funder" or _in_kind(contribution)
        if contribution.to_organisation is None and to_pot and _manages(seen.project, seen.reporter):
            return "manager"
    return "secondary" if seen.secondary and contribution.to_organisation is not None else None


def _in_kind(contribution: Contribution) -> bool:
    kind: str | None = table("contributions")["kind"].get(contribution.kind or "", {}).get("money")
    return kind == "in-kind"


def _manages(project: Project, reporter: str) -> bool:
    return any(
        each.organisation == reporter and (each.function == "fund-manager" or each.manages_budget is True)
        for each in project.participations
    )


def _to(contribution: Contribution, giver: str | None, kind: str) -> str:
    if kind == "in-kind":
        return "third-party" if contribution.delivery == "third-party" else "own"
    return "own" if contribution.to_organisation in {None, giver} else "other"


def _rule(contribution: Contribution, giver: str | None, view: str) -> dict[str, object] | None:
    """The row of `contributions.toml` that holds, if one does."""
    kind = table("contributions")["kind"].get(contribution.kind or "", {}).get("money", "never")
    to = _to(contribution, giver, kind)
    return next(
        (
            row
            for row in table("contributions")["rule"]
            if kind in row["money"]
            and row["stage"] == contribution.stage_of_money
            and view in row["reporter"]
            and row.get("to", to) == to
        ),
        None,
    )


def _from_contribution(
    participation: Participation, contribution: Contribution, seen: _Seen
) -> Transaction | PlannedDisbursement | None:
    if contribution.amount is None or contribution.transaction is not None or contribution.direction == "received":
        return None
    view = _view(contribution, participation, seen)
    row = _rule(contribution, participation.organisation, view) if view is not None else None
    if row is None:
        return None
    if row.get("element") == "planned-disbursement":
        return _as_planned(participation, contribution, seen)
    if contribution.date is None or _by_transaction(seen.project):
        return None
    receiver = contribution.to_organisation or (seen.reporter if view == "manager" else None)
    parties = seen.provider(participation.organisation), seen.receiver(receiver)
    return _as_transaction(seen.project, contribution, parties, row)


def _by_transaction(project: Project) -> bool:
    """Whether sectors or places are told by transactions alone: then each must tell them, and a contribution cannot."""
    placed = any(each.recipient_country or each.recipient_region for each in project.transactions)
    sorted_out = any(each.sectors for each in project.transactions)
    return (placed and not project.recipient_countries and not project.recipient_regions) or (
        sorted_out and not project.sectors
    )


def _as_planned(participation: Participation, contribution: Contribution, seen: _Seen) -> PlannedDisbursement | None:
    start = contribution.period_start or contribution.date
    if start is None:
        return None
    end = contribution.period_end if _is_day(contribution.period_end) else None
    return made(
        PlannedDisbursement,
        contribution=contribution.key,
        period_start=start,
        period_end=end if end is not None and end >= first_day(start) else None,
        value=contribution.amount,
        currency=contribution.currency,
        value_date=first_day(contribution.value_date or start),
        value_date_basis=_basis(contribution, "period-start"),
        provider=seen.provider(participation.organisation),
        receiver=seen.receiver(contribution.to_organisation),
    )


def _basis(contribution: Contribution, otherwise: str) -> str | None:
    """Where the day of the exchange rate comes from, if the source does not state that day."""
    if contribution.value_date is None:
        return otherwise
    return None if _is_day(contribution.value_date) else "first-day"


def _as_transaction(
    project: Project,
    contribution: Contribution,
    parties: tuple[ProviderOrg | None, ReceiverOrg | None],
    row: dict[str, object],
) -> Transaction:
    date = contribution.date or ""
    kind = table("contributions")["kind"][contribution.kind]
    provider, receiver = parties
    civil = provider is not None and provider.type in CIVIL_SOCIETY
    return made(
        Transaction,
        contribution=contribution.key,
        type=row["type"],
        date=date,
        value=contribution.amount,
        currency=contribution.currency,
        value_date=first_day(contribution.value_date or date),
        value_date_basis=_basis(contribution, "transaction-date"),
        description=_described(project, contribution, in_kind=kind["money"] == "in-kind"),
        provider=provider,
        receiver=receiver,
        disbursement_channel=row.get("channel"),
        flow_type="30" if civil else None,
        finance_type=kind.get("finance_type"),
        aid_types=(made(AidType, code=kind["aid_type"]),) if "aid_type" in kind else (),
    )


def _described(project: Project, contribution: Contribution, *, in_kind: bool) -> Texts:
    """The contribution in plain words: its kind, its description, and that it is in kind, since many tools hide the
    channel.
    """
    language = project.language
    spoken = language if language in terms.LANGUAGES else "en"
    label = terms.label("contribution_kind", contribution.kind or "", spoken)
    said = text_in(contribution.description, language)
    words = f"{label}: {said}" if said else label
    language_used, text = sentence("in_kind", language, list=words) if in_kind else (spoken, words)
    if contribution.date is not None and len(contribution.date) != 10:
        text += " " + sentence("dated", language, date=contribution.date)[1]
    return (made(Text, lang=language_used, text=text),)


def unvalued(project: Project) -> list[str]:
    """Who contributed what without an amount, in words, for description type 4."""
    organisations = {each.key: each.__dict__ for each in project.organisations}
    language = project.language
    spoken = language if language in terms.LANGUAGES else "en"
    found = [
        f"{display_name(organisation, language)} ({terms.label('contribution_kind', each.kind, spoken)})"
        for participation in project.participations
        if (organisation := organisations.get(participation.organisation)) is not None
        and organisation["named"] is not False
        for each in participation.contributions
        if each.amount is None and each.kind is not None
    ]
    return list(dict.fromkeys(found))
