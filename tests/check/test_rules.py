"""For every rule of ours one record that breaks it and nothing else, beside a sound record that breaks none."""

import inspect
import re
from datetime import timedelta

import pytest

from builders import REPORTER, TODAY, bare, checked, context, rules_of, sound_project
from ssc_iati.check import codes
from ssc_iati.check.rules import identity, money, partners, places, results
from ssc_iati.messages import LANGUAGES, word

TOMORROW = (TODAY + timedelta(days=1)).isoformat()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()


def budget(**changes):
    return {"value": "10", "period_start": "2024-01-01", "period_end": "2024-12-31", **changes}


def planned(**changes):
    return {"value": "10", "period_start": "2024-01-01", "period_end": "2024-12-31", **changes}


def transaction(**changes):
    return {"type": "3", "date": "2024-05-01", "value": "10", **changes}


def without(fact, *names):
    return {name: value for name, value in fact.items() if name not in names}


def result(measure="1", indicator=None, **changes):
    figures = indicator or {}
    indicators = [{"measure": measure, "title": [{"text": "Agricultores"}], **figures}]
    return {"type": "1", "title": [{"text": "Semillas"}], "indicators": indicators, **changes}


def period(**changes):
    return {"periods": [{"start": "2024-01-01", "end": "2024-12-31", **changes}]}


def participation(**changes):
    return {"organisation": "APC", "phase": "evaluation", "function": "supporter", **changes}


def contribution(**changes):
    given = {"kind": "financial-grant", "amount": "5", "date": "2024-02-02", "amount_status": "stated", **changes}
    return {"participations": [*sound_project()["participations"], participation(contributions=[given])]}


def organisation(**changes):
    sound = {"key": "X", "names": [{"text": "Otra"}], "actor_type": "association", **changes}
    return {
        "organisations": [
            *sound_project()["organisations"],
            without(sound, *(n for n, v in changes.items() if v is None)),
        ]
    }


def document(**changes):
    sound = {
        "url": "https://example.org/a.pdf",
        "format": "application/pdf",
        "title": [{"text": "A"}],
        "categories": ["A01"],
    }
    kept = {**sound, **changes}
    return {"document_links": [{name: value for name, value in kept.items() if value is not None}]}


def dated(**dates):
    types = {"planned_start": "1", "actual_start": "2", "planned_end": "3", "actual_end": "4"}
    return {"activity_dates": [{"type": types[name], "date": value} for name, value in dates.items()]}


CASES = [
    # Who reports, and the identifier
    ("1.3.1", {"iati_identifier": "XM-DAC-41119-P-1 "}),
    ("1.3.13", {"iati_identifier": "XM-DAC-41119-P/1"}),
    ("1.1.3", {"iati_identifier": "XM-DAC-41119"}),
    ("1.1.21", {"iati_identifier": "XM-DAC-99-P-1"}),
    ("ssc-reporter-incomplete", {"reporting_org": {"ref": "XM-DAC-41119", "names": [{"text": "Reporting Office"}]}}),
    ("ssc-reporter-incomplete", {"reporting_org": {"ref": "XM-DAC-41119", "type": "40"}}),
    ("1.14.8", {"reporting_org": {**REPORTER, "ref": "AR-CR-1"}}),
    # Texts, status and dates
    ("4.3.1", {"title": None}),
    ("4.3.1", {"title": [{"text": "   "}]}),
    ("ssc-description-missing", {"descriptions": None}),
    ("4.4.1", {"descriptions": [{"type": "1", "text": []}]}),
    ("ssc-status-missing", {"status": None}),
    ("ssc-date-missing", {"activity_dates": [{"type": "2", "date": "2024"}, {"type": "4"}]}),
    ("ssc-date-type-missing", {"activity_dates": [{"type": "2", "date": "2024"}, {"date": "2025"}]}),
    ("6.11.1", dated(planned_end="2024-03-01")),
    ("11.1.2", dated(planned_start="2024-03-02", planned_end="2024-03-01")),
    ("11.1.3", dated(actual_start="2024-04", actual_end="2024-03")),
    ("11.1.4", dated(actual_start=TOMORROW)),
    ("11.1.5", dated(actual_start="2024", actual_end=TOMORROW)),
    # Places, sectors and classifications
    ("ssc-geography-missing", {"recipient_countries": None}),
    ("ssc-code-missing", {"recipient_countries": [{"names": [{"text": "Honduras"}]}]}),
    ("ssc-code-missing", {"recipient_regions": [{}], "recipient_countries": None}),
    ("3.1.1", {"recipient_countries": [{"code": "HN", "percentage": "50"}, {"code": "GT"}]}),
    ("3.1.2", {"recipient_countries": [{"code": "HN", "percentage": "50"}, {"code": "GT", "percentage": "49"}]}),
    ("3.1.4", {"recipient_countries": [{"code": "HN", "percentage": "99"}]}),
    ("6.2.2", {"sectors": None}),
    ("6.6.2", {"transactions": [transaction(sectors=[{"code": "31166"}])]}),
    ("6.7.2", {"sectors": None, "transactions": [transaction(sectors=[{"code": "31166"}]), transaction()]}),
    ("ssc-code-missing", {"sectors": [{"names": [{"text": "Agricultura"}]}]}),
    ("2.1.1", {"sectors": [{"code": "31166", "percentage": "50"}, {"code": "31120"}]}),
    ("2.1.2", {"sectors": [{"code": "31166", "percentage": "50"}, {"code": "31120", "percentage": "51"}]}),
    ("2.1.4", {"sectors": [{"code": "31166", "percentage": "50"}]}),
    ("2.2.1", {"sectors": [{"code": "31166"}, {"code": "semillas", "vocabulary": "99"}]}),
    ("ssc-code-missing", {"policy_markers": [{"significance": "1"}]}),
    ("6.14.1", {"policy_markers": [{"code": "1"}]}),
    ("6.13.1", {"policy_markers": [{"code": "own", "vocabulary": "99"}]}),
    ("ssc-code-missing", {"tags": [{"vocabulary": "99"}]}),
    ("ssc-vocabulary-missing", {"tags": [{"code": "semillas"}]}),
    ("107.1.2", {"default_aid_types": [{"code": "C01"}, {"code": "D01"}]}),
    # Money
    ("ssc-amount-missing", {"budgets": [without(budget(), "value")]}),
    ("ssc-date-missing", {"budgets": [without(budget(), "period_start")]}),
    ("ssc-date-missing", {"budgets": [without(budget(), "period_end")]}),
    ("8.6.3", {"budgets": [budget(period_start="2025-01-01")]}),
    ("7.5.3", {"budgets": [budget(period_end="2025-01-02")]}),
    ("ssc-date-day-needed", {"budgets": [budget(period_start="2024")]}),
    ("ssc-amount-missing", {"planned_disbursements": [without(planned(), "value")]}),
    ("ssc-date-missing", {"planned_disbursements": [without(planned(), "period_start")]}),
    ("8.6.3", {"planned_disbursements": [planned(period_start="2025-01-01")]}),
    ("ssc-date-day-needed", {"planned_disbursements": [planned(period_end="2025")]}),
    ("ssc-transaction-type-missing", {"transactions": [without(transaction(), "type")]}),
    ("ssc-date-missing", {"transactions": [without(transaction(), "date")]}),
    ("ssc-amount-missing", {"transactions": [without(transaction(), "value")]}),
    ("11.2.1", {"transactions": [transaction(date=TOMORROW)]}),
    ("11.2.2", {"transactions": [transaction(value_date=TOMORROW)]}),
    ("ssc-date-day-needed", {"transactions": [transaction(value_date="2024")]}),
    ("6.9.1", {"transactions": [transaction(provider={"type": "10"})]}),
    ("6.9.2", {"transactions": [transaction(receiver={"type": "10"})]}),
    ("6.9.1", {"planned_disbursements": [planned(provider={"activity_id": "XM-DAC-41119-1"})]}),
    ("107.2.2", {"transactions": [transaction(aid_types=[{"code": "C01"}, {"code": "D01"}])]}),
    # Partners
    ("ssc-participating-org-missing", {"participations": None}),
    (
        "ssc-participation-organisation-missing",
        {"participations": [*sound_project()["participations"], without(participation(), "organisation")]},
    ),
    (
        "ssc-participation-function-missing",
        {"participations": [*sound_project()["participations"], without(participation(), "function")]},
    ),
    ("ssc-participation-doubled", {"participations": [participation(), participation()]}),
    ("ssc-contribution-kind-missing", contribution(kind=None)),
    ("ssc-amount-contradicts", contribution(amount_status="not-stated")),
    ("ssc-money-stated-twice", {**contribution(amount="10", date="2024-05-01"), "transactions": [transaction()]}),
    ("ssc-organisation-name-missing", organisation(names=None)),
    ("ssc-actor-type-missing", organisation(actor_type=None)),
    ("6.10.1", {"participating_orgs": [{"role": "1"}]}),
    ("ssc-role-missing", {"participating_orgs": [{"names": [{"text": "X"}]}]}),
    # Results and documents
    ("ssc-result-incomplete", {"results": [without(result(), "type")]}),
    ("ssc-result-incomplete", {"results": [without(result(), "title")]}),
    ("ssc-indicator-missing", {"results": [without(result(), "indicators")]}),
    ("ssc-result-incomplete", {"results": [result(None)]}),
    ("ssc-result-incomplete", {"results": [result(indicator={"title": []})]}),
    ("ssc-result-incomplete", {"results": [result(indicator={"baselines": [{"value": "1"}]})]}),
    (
        "8.11.1",
        {
            "results": [
                result(
                    references=[{"vocabulary": "99", "code": "a"}],
                    indicator={"references": [{"vocabulary": "9", "code": "2.1"}]},
                )
            ]
        },
    ),
    ("ssc-date-day-needed", {"results": [result(indicator=period(start="2024"))]}),
    ("8.6.1", {"results": [result(indicator=period(start="2025-01-01"))]}),
    ("8.8.1", {"results": [result(indicator={"baselines": [{"year": "2023"}]})]}),
    ("8.8.2", {"results": [result(indicator={"baselines": [{"year": "2023", "value": "muchos"}]})]}),
    ("8.8.3", {"results": [result("5", {"baselines": [{"year": "2023", "value": "muchos"}]})]}),
    ("8.9.1", {"results": [result(indicator=period(targets=[{}]))]}),
    ("8.9.2", {"results": [result(indicator=period(targets=[{"value": "1,5"}]))]}),
    ("8.9.3", {"results": [result("5", period(targets=[{"value": "1"}]))]}),
    ("8.10.1", {"results": [result(indicator=period(actuals=[{}]))]}),
    ("8.10.2", {"results": [result(indicator=period(actuals=[{"value": "-"}]))]}),
    ("8.10.3", {"results": [result("5", period(actuals=[{"value": "1"}]))]}),
    ("ssc-document-empty", {"document_links": [{"format": "application/pdf"}]}),
    ("ssc-document-incomplete", document(format=None)),
    ("ssc-document-incomplete", document(title=None)),
    ("ssc-document-incomplete", document(categories=None)),
    ("ssc-field-missing", {"related_activities": [{"ref": "XM-DAC-41119-P-2"}]}),
    ("ssc-field-missing", {"other_identifiers": [{"type": "A1"}]}),
    ("ssc-field-missing", {"legacy_data": [{"name": "x"}]}),
    ("ssc-field-missing", {"humanitarian_scopes": [{"type": "1", "vocabulary": "1-2"}]}),
    # Codes, identifiers, bounds and forms
    ("ssc-code-withdrawn", {"sectors": [{"code": "15140"}]}),
    ("ssc-code-unknown", {"title": [{"lang": "qq", "text": "Semillas"}]}),
    ("9.50.1", {"recipient_countries": [{"code": "XX"}]}),
    ("ssc-number-outside", {"capital_spend": "101"}),
    ("ssc-org-id-spaces", organisation(identifiers=["CO-RUE- 1"])),
    ("ssc-org-id-symbol", organisation(identifiers=["CO-RUE-1/2"])),
    ("ssc-org-id-no-prefix", organisation(identifiers=["Caritas"])),
    ("ssc-org-id-unknown-prefix", organisation(identifiers=["QQ-ZZZ-1"])),
    ("ssc-org-id-no-number", organisation(identifiers=["CO-RUE-"])),
    ("ssc-form-unknown", {"hierarchy": "one"}),
    ("ssc-form-unknown", {"last_updated_datetime": "2026-02-30T00:00:00Z"}),
    ("ssc-form-unknown", {"locations": [{"pos": "14,08 -87,20"}]}),
    ("ssc-form-unknown", {"locations": [{"administrative": [{"code": "1", "vocabulary": "A1", "level": "dept"}]}]}),
    ("ssc-form-unknown", {"legacy_data": [{"name": "a", "value": "b", "iati_equivalent": "two words"}]}),
    ("ssc-form-unknown", {"results": [result(indicator={"baselines": [{"year": "0", "value": "1"}]})]}),
    ("ssc-field-missing", {"locations": [{"ids": [{"code": "1"}]}]}),
    ("ssc-field-missing", {"locations": [{"administrative": [{"vocabulary": "A1"}]}]}),
    ("ssc-field-missing", {"country_budget_items": {"vocabulary": "2", "items": []}}),
    ("ssc-field-missing", {"country_budget_items": {"vocabulary": "2", "items": [{}]}}),
    ("ssc-field-missing", {"conditions": {"attached": True, "conditions": [{"type": "1"}]}}),
    ("ssc-field-missing", {"default_aid_types": [{"vocabulary": "1"}]}),
    (
        "ssc-field-missing",
        {"transactions": [transaction(recipient_country={"names": [{"text": "Haití"}]})], "recipient_countries": None},
    ),
    (
        "ssc-field-missing",
        {"transactions": [transaction(recipient_region={"vocabulary": "1"})], "recipient_countries": None},
    ),
    ("3.6.2", {"transactions": [transaction(recipient_country={"code": "HN"})]}),
    (
        "3.7.2",
        {"transactions": [transaction(recipient_country={"code": "HN"}), transaction()], "recipient_countries": None},
    ),
    ("6.8.1", {"other_identifiers": [{"ref": "A-1", "type": "A9", "owner": {"key": "o"}}]}),
    ("ssc-field-missing", {"results": [result(references=[{"vocabulary": "99"}])]}),
    ("ssc-field-missing", {"results": [result(indicator={"references": [{"vocabulary": "9"}]})]}),
]
IDENTIFIED = {"iati_identifier": "XM-DAC-41119-P-1"}
ELSEWHERE = [
    ("ssc-identifier-missing", {"key": None}, context()),
    ("ssc-reporter-missing", {**IDENTIFIED, "language": "es", "default_currency": "USD"}, bare()),
    ("4.1.1", {}, context(language=None)),
    ("7.8.1", {"budgets": [budget()]}, context(default_currency=None)),
    ("7.8.1", {"planned_disbursements": [planned()]}, context(default_currency=None)),
    ("7.8.1", {"transactions": [transaction()]}, context(default_currency=None)),
    ("7.8.1", contribution(), context(default_currency=None)),
]


def numbered(cases):
    return [pytest.param(*case, id=f"{number}-{case[0]}") for number, case in enumerate(cases)]


@pytest.mark.parametrize(("rule", "changes"), numbered(CASES))
def test_a_record_that_breaks_one_rule_gets_that_finding_and_no_other(rule, changes):
    record = sound_project(**changes)

    _, findings = checked(record)

    assert rules_of(findings) == [rule]


@pytest.mark.parametrize(("rule", "changes", "about"), numbered(ELSEWHERE))
def test_what_the_publisher_leaves_unsaid_is_found_in_the_record(rule, changes, about):
    record = sound_project(**changes)

    _, findings = checked(record, about)

    assert rules_of(findings) == [rule]


SOUND = [
    {},
    dated(actual_start=TODAY.isoformat(), actual_end=TODAY.isoformat()),
    dated(planned_start="2025", planned_end="2024/2025"),
    dated(actual_start=str(TODAY.year)),
    dated(planned_start=TOMORROW),
    {"recipient_countries": [{"code": "HN"}, {"code": "GT"}]},
    {"recipient_countries": [{"code": "HN", "percentage": "33.3"}, {"code": "GT", "percentage": "66.7"}]},
    {"recipient_countries": None, "transactions": [transaction(recipient_country={"code": "HN"})]},
    {"sectors": [{"code": "31166"}, {"code": "2", "vocabulary": "7"}]},
    {"sectors": None, "transactions": [transaction(sectors=[{"code": "31166"}])]},
    {"budgets": [budget(), budget(period_start="2024-02-29", period_end="2025-02-28")]},
    {"budgets": [budget(value="0"), budget(value="-5")]},
    {"planned_disbursements": [without(planned(), "period_end")]},
    {"transactions": [transaction(currency="EEK", value_date=YESTERDAY)]},
    {"transactions": [transaction(provider={"organisation": "APC"}, receiver={"names": [{"text": "X"}]})]},
    {"policy_markers": [{"code": "1", "significance": "0"}]},
    {"tags": [{"code": "2", "vocabulary": "2"}, {"code": "2.3", "vocabulary": "3"}]},
    {
        "results": [
            result(indicator={"baselines": [{"year": "2023", "value": "-1.5"}], **period(targets=[{"value": "0"}])})
        ]
    },
    {"results": [result("5", period(actuals=[{"comment": [{"text": "bien"}]}]))]},
    {"document_links": [{"citation": "APC (2020), Informe"}]},
    document(),
    contribution(),
    contribution(amount=None, amount_status="not-stated"),
    {**IDENTIFIED, "other_identifiers": [{"ref": "CO-9-old", "type": "A1"}]},
    {"iati_identifier": "CO-9-P-1", "other_identifiers": [{"ref": "CO-9", "type": "B1"}]},
    {"locations": [{"pos": "-14.5 0", "ids": [{"code": "1", "vocabulary": "G1"}]}]},
    {"last_updated_datetime": "2026-01-31T12:00:00.5+05:00", "hierarchy": "2"},
]


@pytest.mark.parametrize("changes", SOUND)
def test_a_sound_record_gets_no_finding(changes):
    project, findings = checked(sound_project(**changes))

    assert findings == []
    assert project is not None


IDS = re.compile(r'"(ssc-[a-z-]+|\d+\.\d+\.\d+)"')
BUILT = {f"ssc-org-id-{problem}" for problem in ("spaces", "symbol", "no-prefix", "unknown-prefix", "no-number")}


@pytest.mark.parametrize("module", [identity, money, partners, places, results, codes])
def test_every_rule_of_the_module_has_a_case_here(module):
    used = set(IDS.findall(inspect.getsource(module)))
    cases = {case[0] for case in CASES} | {case[0] for case in ELSEWHERE} | {"ssc-row-key-doubled"}

    assert used
    assert used - cases == set()
    assert cases >= BUILT


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("rule", "changes"), numbered(CASES))
def test_every_finding_is_worded_with_all_its_values_in_every_language(rule, changes, language):
    _, findings = checked(sound_project(**changes))

    worded = word(findings[0], language)

    assert worded.message
    assert worded.hint
    assert "{" not in worded.message + worded.hint
    assert not set(re.findall(r"\S*\?", worded.message.replace("/ & | ?", ""))), worded.message


def test_a_row_key_that_stands_twice_is_said_of_both_rows():
    _, findings = checked(sound_project(stages=[{"key": "s"}, {"key": "other"}, {"key": "s"}]))

    assert [(each.rule, each.where.path) for each in findings] == [
        ("ssc-row-key-doubled", "stages[0].key"),
        ("ssc-row-key-doubled", "stages[2].key"),
    ]


def test_all_that_is_wrong_with_a_record_is_said_at_once():
    record = sound_project(title=None, status=None, sectors=None, recipient_countries=[{"code": "XX"}], bogus=1)

    project, findings = checked(record)

    assert project is None
    assert rules_of(findings) == ["4.3.1", "6.2.2", "9.50.1", "ssc-field-unknown", "ssc-status-missing"]
