"""Codes, identifiers and bounds against what the fields declare, with the ids of the official checks."""

import pytest

from builders import checked, sound_project
from ssc_iati.check.codes import faults
from ssc_iati.findings import Severity
from ssc_iati.record.activity import Location, OwnerOrg, Sector, Tag
from ssc_iati.record.fields import describe
from ssc_iati.record.project import Project
from ssc_iati.record.values import At, Code, Fact
from ssc_iati.standard import org_id
from ssc_iati.standard.rules import code_rule


@pytest.mark.parametrize(
    ("vocabulary", "code", "sound"),
    [
        (None, "31166", True),
        (None, "311", False),
        ("1", "31166", True),
        ("2", "311", True),
        ("2", "31166", False),
        ("7", "2", True),
        ("7", "18", False),
        ("8", "2.3", True),
        ("99", "anything", True),
        ("10", "isic", True),
    ],
)
def test_a_code_is_looked_up_in_the_list_of_its_vocabulary(vocabulary, code, sound):
    names = ({"text": "x"},)
    found = list(faults(Sector, Sector(vocabulary=vocabulary, code=code, names=names)))

    assert (found == []) is sound


def test_a_tag_without_vocabulary_has_no_list():
    assert list(faults(Tag, Tag(code="anything"))) == []


def test_an_unknown_code_carries_the_official_id_and_a_suggestion():
    project, findings = checked(sound_project(recipient_countries=[{"code": "Hondurass"}]))

    (finding,) = findings
    assert project is not None
    assert (finding.rule, finding.severity, finding.where.path) == (
        "9.50.1",
        Severity.ERROR,
        "recipient_countries[0].code",
    )
    assert finding.values == {"value": "Hondurass", "codelist": "Country", "suggestion": "HN (Honduras)"}


def paths(model=Project, above=""):
    """Every coded field of the record that IATI has, with the official id of its check."""
    for field in describe(model):
        mark, code = field.mark(At), field.mark(Code)
        if mark is None:
            continue
        path = f"{above}/{mark.path}".lstrip("/")
        if issubclass(field.kind, Fact):
            yield from paths(field.kind, path)
        elif code is not None and code_rule(path):
            yield path


def test_the_official_ids_are_those_of_the_fields_of_the_record():
    found = list(paths())

    assert len(found) > 40
    assert code_rule("recipient-country/@code")[0] == "9.50.1"
    assert len({code_rule(path)[0] for path in found}) == len(set(found))


def test_a_fault_far_below_is_found_at_its_place():
    actual = {
        "value": "1",
        "document_links": [{"url": "https://example.org", "format": "no/such", "title": "x", "categories": ["A01"]}],
    }
    period = {"start": "2024-01-01", "end": "2024-12-31", "actuals": [actual]}
    result = {"type": "1", "title": "R", "indicators": [{"measure": "1", "title": "I", "periods": [period]}]}

    _, findings = checked(sound_project(results=[result]))

    assert [each.where.path for each in findings] == [
        "results[0].indicators[0].periods[0].actuals[0].document_links[0].format"
    ]
    assert findings[0].values["value"] == "no/such"


def test_each_of_several_codes_of_a_list_is_looked_up():
    link = {
        "url": "https://example.org",
        "format": "application/pdf",
        "title": "x",
        "categories": ["A01", "ZZ1", "ZZ2"],
    }

    _, findings = checked(sound_project(document_links=[link]))

    assert [each.values["value"] for each in findings] == ["ZZ1", "ZZ2"]


@pytest.mark.parametrize(("share", "sound"), [("0", True), ("100", True), ("100.0001", False), ("-0.1", False)])
def test_the_bounds_of_a_number_belong_to_it(share, sound):
    _, findings = checked(sound_project(capital_spend=share))

    assert ([each.rule for each in findings] == []) is sound


@pytest.mark.parametrize("pos", ["14.0818 -87.2068", "-90 180", "0 0"])
def test_a_point_is_two_numbers(pos):
    assert list(faults(Location, Location(pos=pos))) == []


@pytest.mark.parametrize(
    "tail", ["", "-", "-1", "1", "-12-3", "-a b", "- 1", "-1 ", "-é", "-²", "-1/2", "-X?", "-\u00a01"]
)
def test_an_identifier_that_is_plainly_right_is_judged_as_any_other(tail):
    for register in org_id.codes():
        identifier = f"{register}{tail}"
        problem = org_id.shape_problem(identifier)

        found = faults(OwnerOrg, OwnerOrg(ref=identifier))

        assert [each.rule for each in found] == ([] if problem is None else [f"ssc-org-id-{problem}"])
