"""By what a row without a key is known again: the fields that say which fact it is, rather than what holds for it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, NamedTuple

from ssc_iati.record import activity, crs, money, organisations, project, results
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.values import CodeBy, Fact
from ssc_iati.text import fold

Values = dict[str, Any]


class Identity(NamedTuple):
    """`core` must be the same on both sides; of `also` only what both sides state."""

    core: tuple[str, ...]
    also: tuple[str, ...] = ()


_CODED = Identity(("vocabulary", "code"), ("vocabulary_uri",))
_ORGANISED = ("organisation", "phase", "side", "function")

# A payment is known by its amount too: another amount on the same day is another payment, and no correction.
IDENTITIES: Mapping[type[Fact], Identity] = {
    activity.Description: Identity(("type",)),
    activity.ActivityDate: Identity(("type",)),
    activity.OtherIdentifier: Identity(("type", "ref")),
    activity.ContactInfo: Identity(("organisation", "person_name"), ("type", "department", "emails")),
    activity.RecipientCountry: Identity(("code",)),
    activity.RecipientRegion: _CODED,
    activity.LocationId: _CODED,
    activity.Administrative: Identity(("vocabulary", "code", "level")),
    activity.Location: Identity(("ref", "names"), ("pos",)),
    activity.Sector: _CODED,
    activity.Tag: _CODED,
    activity.BudgetItem: Identity(("code",)),
    activity.HumanitarianScope: Identity(("type", "vocabulary", "code"), ("vocabulary_uri",)),
    activity.PolicyMarker: _CODED,
    activity.AidType: _CODED,
    activity.DocumentLink: Identity(("url", "citation")),
    activity.RelatedActivity: Identity(("ref",), ("type",)),
    activity.LegacyData: Identity(("name",)),
    money.Budget: Identity(("type", "period_start", "period_end")),
    money.PlannedDisbursement: Identity(("type", "period_start", "period_end"), ("provider", "receiver")),
    money.Transaction: Identity(
        ("type", "date", "value"), ("currency", "ref", "provider", "receiver", "contribution")
    ),
    money.TransactionSector: _CODED,
    organisations.Capacity: Identity(("type", "topic_vocabulary", "topic")),
    organisations.Participation: Identity(_ORGANISED, ("stage", "mechanism", "start", "end")),
    organisations.Contribution: Identity(
        ("kind", "date", "amount", "quantity"), ("direction", "to_organisation", "delivery", "stage_of_money")
    ),
    organisations.Mechanism: Identity(("type", "names")),
    organisations.Relationship: Identity(("from_organisation", "to_organisation", "type"), ("phase", "mechanism")),
    organisations.ParticipatingOrg: Identity(("role", "ref", "organisation"), ("names", "activity_id")),
    project.ProviderCountry: Identity(("code",)),
    project.Stage: Identity(("number",)),
    project.Source: Identity(("citation", "url"), ("page",)),
    results.Result: Identity(("type", "title")),
    results.Indicator: Identity(("title",), ("measure",)),
    results.Period: Identity(("start", "end")),
    results.Baseline: Identity(("iso_date", "year"), ("dimensions", "locations")),
    results.ResultReference: _CODED,
    results.IndicatorReference: Identity(("vocabulary", "code")),
    results.ResultLocation: Identity(("ref",)),
    results.Dimension: Identity(("name", "value")),
    results.Lesson: Identity(("kind", "phase"), ("text", "authored_by")),
    crs.OtherFlag: Identity(("code",)),
    crs.Forecast: Identity(("year",)),
}  # fmt: skip


@cache
def fields_of(model: type[Fact]) -> Mapping[str, Described]:
    """The fields of a model, by name."""
    return {field.name: field for field in describe(model)}


def core_of(model: type[Fact], fact: Values) -> tuple[object, ...] | None:
    """What a fact is known by, as spellings are compared; None where it states nothing of it."""
    identity = IDENTITIES.get(model)
    if identity is None or not any(comparable(fields_of(model)[name], fact.get(name)) for name in identity.core):
        return None
    return tuple(_known(model, fact, name) for name in identity.core)


def agree(model: type[Fact], one: Values, other: Values) -> bool:
    """Whether two facts of the same core say nothing different of what else they are known by."""
    identity = IDENTITIES.get(model)
    for name in identity.also if identity is not None else ():
        mine, theirs = _known(model, one, name), _known(model, other, name)
        if mine is not None and theirs is not None and mine != theirs:
            return False
    return True


def _known(model: type[Fact], fact: Values, name: str) -> object:
    value = fact.get(name)
    if value is None and name == "vocabulary":
        return _usual_vocabulary(model)
    return comparable(fields_of(model)[name], value)


@cache
def _usual_vocabulary(model: type[Fact]) -> str | None:
    """The vocabulary that IATI takes for stated where none is."""
    field = fields_of(model).get("code")
    mark = field.mark(CodeBy) if field is not None else None
    return mark.default if mark is not None else None


def comparable(field: Described, value: object) -> object:
    """A value in the form in which two are compared: numbers by what they are, words as people read them."""
    if value is None or (isinstance(value, (list, dict)) and not value):
        return None
    if isinstance(value, list):
        return tuple(comparable(field, each) for each in value)
    if isinstance(value, dict):
        return tuple(sorted((name, str(comparable(field, each))) for name, each in value.items() if name != "lang"))
    if field.kind is Decimal:
        return number(value)
    return fold(value) or value if isinstance(value, str) else value


def number(value: object) -> object:
    """A number as such; what is none stays as it is."""
    try:
        return Decimal(str(value)).normalize() if not isinstance(value, bool) else value
    except InvalidOperation:
        return value
