"""Records at random, as hypothesis draws them: the fields as the models declare them, the codes from their lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import Phase
from hypothesis import strategies as st

import builders
from ssc_iati.record import activity, crs, money, organisations, project, results, terms
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.project import Project
from ssc_iati.record.values import Code, CodeBy, Dated, Day, Fact, Identifier, Ref, Term, Text, Within
from ssc_iati.standard import codelists

QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)
"""A record has hundreds of values: to look for the smallest that fails takes minutes."""

Draw = Callable[[st.SearchStrategy[Any]], Any]

WORDS = (
    "Semillas",
    "Água & saneamento",
    '<a href="x">',
    "  with  spaces ",
    "a\nb\tc",
    "d\u2019Haïti",
    "]]>",
    "\U0001f33d",
)
DAYS = ("2021-02-28", "2023-07-01", "2024-02-29", "2025-12-31")
PARTIAL = (*DAYS, "2023", "2024-05", "2022/2024-03", "2023-01-05/2023-02")
NUMBERS = ("0", "1", "-12.50", "1000000.00", "0.000000001", "123456789012345678901234.5")
ORGANISATIONS = ("APC", "MAG", "ONG", "GRUPO", "YO")
KEYS = {
    "organisations": ORGANISATIONS,
    **{
        name: (f"{name}-1", f"{name}-2")
        for name in ("mechanisms", "stages", "transactions", "document_links", "citations")
    },
}
FORMS = {
    "hierarchy": "1",
    "last_updated_datetime": "2025-05-05T05:05:05Z",
    "pos": "14.08 -87.2",
    "level": "1",
    "iati_equivalent": "activity-status",
    "year": "2020",
}
ADDRESSES = {"url", "vocabulary_uri", "indicator_uri", "linked_data_uri", "srs_name"}
# What the mapping writes itself, and what the checks do not let a record say twice.
OWN = {"derived", "fit", "value_date_basis", "spellings", "unknown", "basis", "imported_version", "namespaces"}
APART = {"iati_identifier", "reporting_org", "title", "organisations", "contacts", "last_updated_datetime"}

# What IATI demands: without it the record is set aside, and there is nothing to see.
NEEDED: dict[type[Fact], set[str]] = {
    activity.Description: {"text"},
    activity.ActivityDate: {"type", "date"},
    activity.OtherIdentifier: {"ref", "type"},
    activity.OwnerOrg: {"names"},
    activity.ContactInfo: set(),
    activity.MailingAddress: {"text"},
    crs.OtherFlag: {"code", "significance"},
    crs.LoanTerms: {"commitment_date", "repayment_first_date", "repayment_final_date"},
    crs.LoanStatus: {"year", "value_date"},
    crs.Forecast: {"year", "value"},
    crs.Fss: {"extraction_date"},
    activity.RecipientCountry: {"code"},
    activity.RecipientRegion: {"code"},
    activity.LocationId: {"code", "vocabulary"},
    activity.Administrative: {"code", "vocabulary"},
    activity.Location: {"pos"},
    activity.Sector: {"code", "names"},
    activity.Tag: {"code", "vocabulary"},
    activity.BudgetItem: {"code", "description"},
    activity.CountryBudgetItems: {"vocabulary", "items"},
    activity.HumanitarianScope: {"type", "vocabulary", "code"},
    activity.PolicyMarker: {"code", "significance", "names"},
    activity.AidType: {"code"},
    activity.DocumentLink: {"url", "format", "title", "description", "categories"},
    activity.RelatedActivity: {"ref", "type"},
    activity.LegacyData: {"name", "value"},
    activity.Condition: {"type", "text"},
    activity.Conditions: {"attached", "conditions"},
    money.Budget: {"period_start", "period_end", "value", "currency"},
    money.PlannedDisbursement: {"period_start", "value", "currency"},
    money.Transaction: {"type", "date", "value", "currency", "description"},
    money.TransactionSector: {"code"},
    money.TransactionCountry: {"code"},
    money.TransactionRegion: {"code"},
    money.ProviderOrg: {"names"},
    money.ReceiverOrg: {"names"},
    organisations.Contribution: {"kind"},
    organisations.Participation: {"organisation", "function"},
    organisations.ParticipatingOrg: {"role", "names"},
    project.ReportingOrg: {"ref", "type", "names"},
    results.Result: {"type", "title", "indicators", "description"},
    results.Indicator: {"measure", "title", "description"},
    results.Baseline: {"year", "value"},
    results.Figure: {"value"},
    results.Period: {"start", "end"},
    results.ResultReference: {"code", "vocabulary"},
    results.IndicatorReference: {"code", "vocabulary"},
}

# Fields whose values must suit each other are drawn from few.
CHOSEN: dict[tuple[type[Fact], str], tuple[Any, ...]] = {
    (activity.ActivityDate, "type"): ("1", "2", "3", "4"),
    (results.Indicator, "measure"): ("1", "2", "3", "4"),
    (results.Baseline, "value"): ("0", "12.5"),
    (results.Figure, "value"): ("0", "-3"),
    (results.Period, "start"): ("2023-01-01",),
    (results.Period, "end"): ("2023-01-01", "2024-12-31"),
    (money.Budget, "period_start"): ("2024-01-01",),
    (money.Budget, "period_end"): ("2024-01-01", "2024-12-31"),
    (money.PlannedDisbursement, "period_start"): ("2023", "2024-01-01", "2024-03"),
    (money.PlannedDisbursement, "period_end"): ("2024-12-31",),
    (activity.Tag, "vocabulary"): ("2", "3", "99"),
    (organisations.Contribution, "amount_status"): ("stated", "estimated", "derived", "confidential"),
    (organisations.Contribution, "transaction"): (None, None, None, "transactions-1"),
}


def valued(draw: Draw, model: type[Fact], each: Described, others: dict[str, Any]) -> Any:
    """A value of the field; `others` are those of its fact that were drawn before."""
    if (model, each.name) in CHOSEN:
        return draw(st.sampled_from(CHOSEN[model, each.name]))
    if issubclass(each.kind, Fact):
        return fact(draw, each.kind)
    if each.kind is Text:
        return {"lang": draw(st.sampled_from((None, "es", "pt"))), "text": draw(st.sampled_from(WORDS))}
    return draw(st.sampled_from(admitted(each, others)))


def admitted(each: Described, others: dict[str, Any]) -> tuple[Any, ...]:
    """The values from which a field without fields of its own is drawn."""
    term, code, by, ref = each.mark(Term), each.mark(Code), each.mark(CodeBy), each.mark(Ref)
    codelist = code.codelist if code else by.codelist(others.get(by.field)) if by else None
    answers = (
        (each.kind is bool, (True, False)),
        (ref is not None, KEYS.get(ref.collection, ()) if ref else ()),
        (term is not None, terms.codes(term.name) if term else ()),
        (codelist is not None, codelists.codes(codelist, active=True) if codelist else ()),
        (each.mark(Within) is not None, ("100",)),
        (each.mark(Day) is not None, DAYS),
        (each.mark(Dated) is not None, PARTIAL),
        (issubclass(each.kind, str) and each.mark(Identifier) is not None, ("XM-DAC-903", "CO-RUE-860000000")),
        (each.name in FORMS, (FORMS.get(each.name),)),
        (each.name in ADDRESSES, ("https://example.org/a?b=c&d=é",)),
        (each.kind is str, WORDS),
    )
    return next((values for holds, values in answers if holds), NUMBERS)


def fact(draw: Draw, model: type[Fact], leave: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The values of a fact: what it needs, and most of the rest."""
    needed, values = NEEDED.get(model, set()), dict[str, Any]()
    for each in sorted(describe(model), key=lambda field: field.mark(CodeBy) is not None):
        if each.name in OWN or each.name in leave or each.name in Fact.model_fields:
            continue
        if each.name not in needed and draw(st.integers(0, 3)) == 0:
            continue
        number = draw(st.integers(1, 2)) if each.many else 1
        drawn = [valued(draw, model, each, values) for _ in range(number)]
        values[each.name] = drawn if each.many else drawn[0]
    return values


def _with_keys(collection: str, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "key": key} for each, key in zip(values, KEYS[collection], strict=False)]


def _organisations(draw: Draw) -> list[dict[str, Any]]:
    found = []
    for key in ORGANISATIONS:
        each = fact(draw, organisations.Organisation, frozenset({"capacities", "parent"}))
        each |= {"key": key, "names": [{"text": f"Nombre de {key}"}], "named": key != "GRUPO"}
        each["actor_type"] = draw(st.sampled_from(terms.codes("actor_type")))
        each["identifiers"] = ["XM-DAC-41119"] if key == "YO" else [f"XM-DAC-{key}"][: draw(st.integers(0, 1))]
        found.append(each)
    return found


def _geography(draw: Draw) -> dict[str, Any]:
    """Countries and regions: with no share, or shares that add up."""
    codes = draw(st.lists(st.sampled_from(("HN", "BJ", "BT", "CR")), unique=True, max_size=3))
    regions = draw(
        st.lists(st.sampled_from(("1031", "380", "998")), unique=True, max_size=2, min_size=0 if codes else 1)
    )
    vocabulary = draw(st.sampled_from(({}, {"vocabulary": "1"})))
    places = [{"code": code} for code in codes] + [{"code": code, **vocabulary} for code in regions]
    if len(places) > 1 and draw(st.booleans()):
        shares = ["40.5", *["0"] * (len(places) - 2), "59.5"]
        places = [{**each, "percentage": share} for each, share in zip(places, shares, strict=True)]
    return {"recipient_countries": places[: len(codes)], "recipient_regions": places[len(codes) :]}


MONEY = {"budgets", "planned_disbursements", "transactions"}
PLAIN = sorted(
    each.name for each in describe(Project) if each.name not in APART | OWN | set(Fact.model_fields) | set(KEYS) | MONEY
)
GIVEN = {
    "recipient_countries",
    "recipient_regions",
    "sectors",
    "descriptions",
    "participations",
    "activity_dates",
    "default_aid_types",
}


@st.composite
def records(draw: Draw) -> dict[str, Any]:
    """A record that the checks are likely to accept: what every one needs, and some of all that a record can say."""
    record = builders.sound_project(organisations=_organisations(draw), **_geography(draw))
    fields = {each.name: each for each in describe(Project)}
    for name in draw(st.lists(st.sampled_from(PLAIN), unique=True, min_size=2, max_size=5)):
        if name not in GIVEN:
            drawn = [valued(draw, Project, fields[name], record) for _ in range(2 if fields[name].many else 1)]
            record[name] = drawn if fields[name].many else drawn[0]
    for name in MONEY:
        if name != "transactions" and draw(st.booleans()):
            record[name] = [valued(draw, Project, fields[name], record)]
    record["transactions"] = _with_keys("transactions", _transactions(draw, record))
    record["participations"] = [
        *record["participations"],
        *(_participation(draw, number) for number in range(draw(st.integers(1, 3)))),
    ]
    for name in ("mechanisms", "stages", "document_links", "citations"):
        record[name] = _with_keys(name, [fact(draw, fields[name].kind) for _ in KEYS[name]])
    if draw(st.booleans()):
        del record["document_links"][0]["url"]
    return record


def _transactions(draw: Draw, record: dict[str, Any]) -> list[dict[str, Any]]:
    """Two, which now and then tell the sectors and the places in the activity's stead."""
    below = draw(st.sampled_from((frozenset(), frozenset(), frozenset({"sectors"}), frozenset({"recipient_country"}))))
    leave = frozenset({"sectors", "recipient_country", "recipient_region", "aid_types"}) - below
    found = [fact(draw, money.Transaction, leave) for _ in range(2)]
    if "sectors" in below:
        del record["sectors"]
        found = [{**each, "sectors": [{"code": "31166"}]} for each in found]
    if "recipient_country" in below:
        record["recipient_countries"] = record["recipient_regions"] = []
        found = [{**each, "recipient_country": {"code": "HN"}} for each in found]
    return found


def _participation(draw: Draw, number: int) -> dict[str, Any]:
    """A partner's part, of the reporter as often as of another; a group that nobody names takes part as well."""
    values = fact(draw, organisations.Participation, frozenset({"contributions"}))
    values["organisation"] = draw(st.sampled_from((values["organisation"], "YO")))
    given = [
        {**fact(draw, organisations.Contribution), "key": f"c{number}-{each}"}
        for each in range(draw(st.integers(0, 2)))
    ]
    return {**values, "key": f"p{number}", "contributions": given}
