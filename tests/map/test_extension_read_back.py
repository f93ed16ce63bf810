"""Core and extension together give the record back; where they disagree, IATI's core stands and it is said."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

import builders
import random_records
from ssc_iati.importing import import_file
from ssc_iati.map.equality import said
from ssc_iati.run import convert

SSC = "{urn:ssc-iati:extension:1}"
LAYOUTS = ("records.jsonl", "records", "records.xlsx")


def published(folder, *records):
    """The file that records become; None if none was accepted."""
    source, target = builders.write_jsonl(folder / "source.jsonl", list(records)), folder / "published.xml"
    convert(source, target, builders.SETTINGS, lambda _: None, today=builders.TODAY)
    return target if target.exists() else None


def imported(file, layout="records.jsonl"):
    """The records of a file, and what was found."""
    found = []
    import_file(file, file.parent / layout, found.append)
    if layout != "records.jsonl":
        return [], found
    lines = [json.loads(line) for line in (file.parent / layout).read_text("utf-8").splitlines()]
    return lines[1:], found


def again(file, layout="records.jsonl"):
    """The file that the imported records become, and the findings of the import."""
    _, found = imported(file, layout)
    target = file.with_name("again.xml")
    report = convert(file.parent / layout, target, builders.SETTINGS, lambda _: None, today=builders.TODAY)
    assert report.set_aside == 0
    return target, found


def edited(file, change):
    """The file with something changed in its first activity by another hand."""
    tree = etree.parse(file)
    change(tree.getroot()[0])
    tree.write(file.with_name("edited.xml"), encoding="utf-8")
    return file.with_name("edited.xml")


PARTNERS = {
    "organisations": [
        {
            "key": "US",
            "names": [{"text": "Nosotros"}],
            "identifiers": ["XM-DAC-41119", "CO-NIT-9"],
            "actor_type": "network",
        },
        {"key": "ONG", "names": [{"text": "Una ONG"}], "actor_type": "non-profit"},
        {"key": "UNI", "names": [{"text": "Una universidad"}], "actor_type": "academic-research"},
    ],
    "participations": [
        {
            "key": "p1",
            "organisation": "US",
            "function": "funder",
            "phase": "implementation-followup",
            "side": "provider",
            "contributions": [
                {
                    "key": "c1",
                    "kind": "financial-grant",
                    "to_organisation": "ONG",
                    "amount": "5",
                    "currency": "USD",
                    "date": "2024-03",
                    "stage_of_money": "executed",
                },
            ],
        },
        {"key": "p2", "organisation": "ONG", "function": "watchdog", "phase": "evaluation", "side": "recipient"},
        {"key": "p3", "organisation": "UNI", "function": "executing-agency", "phase": "implementation-followup"},
    ],
    "reporting_org": {"ref": "XM-DAC-41119", "type": "24", "names": [{"text": "Nosotros"}]},
    "modality": "triangular",
    "instrument": "project",
    "status": "implementation",
    "activity_dates": [{"type": "2", "date": "2011"}, {"type": "4", "date": "2024-05"}],
}


def a_partnership(**changes):
    return builders.sound_project(**{**PARTNERS, **changes})


@settings(max_examples=12, deadline=None, phases=random_records.QUICKLY, suppress_health_check=[HealthCheck.too_slow])
@given(record=random_records.records())
def test_any_record_comes_back_as_a_record_that_gives_the_same_bytes(tmp_path_factory, record):
    file = published(tmp_path_factory.mktemp("back"), record)
    if file is None:
        return

    (found,), findings = imported(file)
    target, _ = again(file)

    assert "imported_version" not in found
    assert findings == []
    assert target.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_partnership_goes_through_every_layout(tmp_path, layout):
    file = published(tmp_path, a_partnership(), a_partnership(key="P-2"))

    target, found = again(file, layout)

    assert found == []
    assert target.read_bytes() == file.read_bytes()


def test_what_the_mapping_derived_is_not_said_twice(tmp_path):
    record = a_partnership()
    ((found,), _) = imported(published(tmp_path, record))

    for name in ("participations", "modality", "instrument", "status", "activity_dates"):
        assert found[name] == record[name]
    assert {each["key"]: each["identifiers"] for each in found["organisations"] if "identifiers" in each} == {
        "US": ["XM-DAC-41119", "CO-NIT-9"]
    }
    for name in ("participating_orgs", "transactions", "tags", "default_aid_types", "activity_status"):
        assert name not in found
    assert [each["type"] for each in found["descriptions"]] == [each["type"] for each in record["descriptions"]]


def rename(activity):
    activity.find("participating-org/narrative").text = "Otro nombre"


def pay_more(activity):
    activity.find("transaction/value").text = "999"


def leave(activity):
    activity.remove(activity.find("participating-org"))


def retag(activity):
    activity.find("tag").set("code", "regional-ssc")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        (leave, "participating_orgs, transactions"),
        (pay_more, None),
        (rename, None),
        (retag, None),
    ],
)
def test_where_they_disagree_the_core_stands_and_nothing_is_doubled(tmp_path, change, fields):
    file = edited(published(tmp_path, a_partnership()), change)

    target, found = again(file)

    assert said(etree.parse(target).getroot()) == said(etree.parse(file).getroot())
    if fields is not None:
        assert [(each.rule, each.values["fields"]) for each in found] == [("ssc-extension-disagrees", fields)]


def test_what_core_says_of_a_contribution_is_what_the_record_says(tmp_path):
    ((found,), _) = imported(edited(published(tmp_path, a_partnership()), pay_more))

    assert found["participations"][0]["contributions"][0]["amount"] == "999"


def test_a_block_that_is_not_ours_to_read_is_foreign_xml(tmp_path):
    def strange(activity):
        activity.set(f"{SSC}invented", "x")

    file = edited(published(tmp_path, a_partnership()), strange)
    ((found,), _) = imported(file)
    target, _ = again(file)

    assert found["imported_version"] == "2.03"
    assert "participations" not in found
    assert said(etree.parse(target).getroot()) == said(etree.parse(file).getroot())
