"""A draft becomes a project, or all that is wrong is said at once: once for each thing, and at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import SETTINGS, TODAY, bare, checked, context, rules_of, sound_project, sound_tables
from ssc_iati.check.context import merged, with_defaults
from ssc_iati.findings import Severity
from ssc_iati.record.project import Project, Publisher, ReportingOrg
from ssc_iati.run import check_source

REPORTER = ReportingOrg(ref="XM-DAC-41119")


@pytest.mark.parametrize(
    ("values", "publisher", "identifier"),
    [
        ({"key": "P-1"}, Publisher(reporting_org=REPORTER), "XM-DAC-41119-P-1"),
        ({"key": "P-1", "iati_identifier": "A"}, Publisher(reporting_org=REPORTER), "A"),
        ({"key": "P-1", "reporting_org": {"ref": "XM-DAC-7"}}, Publisher(reporting_org=REPORTER), "XM-DAC-7-P-1"),
        ({"key": "P-1", "reporting_org": {"ref": "XM-DAC-7"}}, Publisher(), "XM-DAC-7-P-1"),
        ({"key": "P-1"}, Publisher(reporting_org=ReportingOrg(type="40")), None),
        ({"key": "P-1"}, Publisher(), None),
        ({}, Publisher(reporting_org=REPORTER), None),
        ({"key": ["P-1"]}, Publisher(reporting_org=REPORTER), None),
    ],
)
def test_an_identifier_is_derived_from_what_is_stated_and_never_invented(values, publisher, identifier):
    assert with_defaults(values, publisher).get("iati_identifier") == identifier


def test_what_a_record_says_itself_goes_before_the_defaults_of_its_publisher():
    publisher = Publisher(language="es", default_currency="USD")

    filled = with_defaults({"language": "pt"}, publisher)

    assert filled == {"language": "pt", "default_currency": "USD"}


def test_the_configuration_goes_before_what_the_source_says_of_its_publisher():
    config = Publisher(language="es", reporting_org=REPORTER)
    source = Publisher(language="pt", decimal_mark=",")

    both = merged(config, source)

    assert (both.language, both.decimal_mark, both.reporting_org) == ("es", ",", REPORTER)
    assert merged(None, None) == Publisher()


def test_a_reference_to_what_is_not_there_is_a_finding_with_the_key_that_is_much_like_it():
    record = sound_project()
    record["participations"][0]["organisation"] = "ApC"
    record["participations"][1]["mechanism"] = "fund"

    _, findings = checked(record)

    assert [(each.rule, each.where.path, each.values["suggestion"], each.values["table"]) for each in findings] == [
        ("ssc-reference-unknown", "participations[0].organisation", "APC", "organisations"),
        ("ssc-reference-unknown", "participations[1].mechanism", "-", "mechanisms"),
    ]


REFUSED = [
    ({"bogus": 1}, "ssc-field-unknown", "bogus"),
    ({"title": {"es": "x"}}, "ssc-value-invalid", "title"),
    ({"status": "xyzzy"}, "ssc-term-unknown", "status"),
    (
        {"activity_dates": [{"type": "2", "date": "2024"}, {"type": "4", "date": "soon"}]},
        "ssc-date-unreadable",
        "activity_dates[1].date",
    ),
    ({"transactions": [{"type": "3", "date": "2024", "value": "much"}]}, "ssc-value-invalid", "transactions[0].value"),
    ({"humanitarian": "perhaps"}, "ssc-value-invalid", "humanitarian"),
    ({"sectors": [{"code": "31166", "vocabulary": 1}]}, "ssc-value-invalid", "sectors[0].vocabulary"),
]


@pytest.mark.parametrize(("changes", "rule", "path"), REFUSED)
def test_what_the_record_does_not_take_is_one_finding_at_its_place(changes, rule, path):
    project, findings = checked(sound_project(**changes))

    assert project is None
    assert [(each.rule, each.where.path) for each in findings] == [(rule, path)]


@pytest.mark.parametrize(("changes", "rule", "path"), REFUSED)
def test_what_else_is_wrong_is_said_in_the_same_breath(changes, rule, path):
    _, findings = checked(sound_project(**changes, recipient_countries=[{"code": "XX"}], descriptions=None))

    assert rules_of(findings) == sorted([rule, "9.50.1", "ssc-description-missing"])


def test_an_item_that_is_no_fact_is_passed_over_and_its_neighbours_are_checked():
    project, findings = checked(sound_project(sectors=["31166", {"code": "31166", "percentage": "50"}]))

    assert project is None
    assert rules_of(findings) == ["2.1.4", "ssc-value-invalid"]


def test_a_cell_that_cannot_be_read_is_said_once_and_not_missed_as_well(csv_source):
    tables = sound_tables("P-1")
    tables["projects"][0] |= {"title": "a\x01", "status": "xyzzy", "actual_start": "31/02/2024"}
    tables["budgets"] = [{"project": "P-1", "value": "1,234", "period_start": "2024-01-01", "period_end": "2024-12-31"}]
    tables["recipient_countries"][0]["code"] = "\x02"
    heard = []

    check_source(csv_source(tables), SETTINGS, heard.append, today=TODAY)

    assert sorted((each.rule, each.where.column) for each in heard if each.rule != "6.11.1") == [
        ("ssc-date-impossible", "actual_start"),
        ("ssc-number-ambiguous", "value"),
        ("ssc-term-unknown", "status"),
        ("ssc-text-illegal-character", "code"),
        ("ssc-text-illegal-character", "title"),
    ]


def test_a_date_that_is_stated_to_be_unknown_keeps_no_project_back(csv_source):
    tables = sound_tables("P-1")
    tables["projects"][0]["actual_end"] = "desconocido"
    heard = []

    report = check_source(csv_source(tables), SETTINGS, heard.append, today=TODAY)

    assert (report.accepted, heard) == (1, [])


def test_a_publisher_that_nobody_named_is_found_in_each_record_without_an_invented_identifier():
    project, findings = checked(sound_project(), bare())

    assert project.iati_identifier is None
    assert rules_of(findings) == ["4.1.1", "ssc-identifier-missing", "ssc-reporter-missing"]


def test_severities_are_those_of_the_rules():
    _, findings = checked(sound_project(title=None, iati_identifier="XM-DAC-7-1"))

    assert {each.rule: each.severity for each in findings} == {"4.3.1": Severity.ERROR, "1.1.21": Severity.WARNING}


NESTED = (
    "key",
    "code",
    "organisation",
    "type",
    "date",
    "value",
    "text",
    "lang",
    "names",
    "indicators",
    "contributions",
)
WORDS = st.text(max_size=4) | st.sampled_from(["APC", "2024", "31166", "1"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NESTED),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(sorted(Project.model_fields)), JSON, max_size=6))
def test_no_record_is_so_wild_that_its_check_fails(changes):
    project, findings = checked(sound_project() | changes, context())

    assert project is not None or findings
    assert all(each.where.line == 1 for each in findings)
