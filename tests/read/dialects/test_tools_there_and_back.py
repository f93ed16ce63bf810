"""IATI Publisher's and AidStream's layouts, written and read again: what comes back, and what is said to be lost."""

import json
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl import load_workbook

from builders import REPORTER
from iati_files import activity as sound
from iati_files import file as iati_file
from layouts_of_tools import BOOKS, ID, read, texts
from likely_iati import activity
from ssc_iati.importing import Choices, import_file
from ssc_iati.publish.dialect_files import write_in_layout
from ssc_iati.publish.dialect_rows import node_of, place_of
from ssc_iati.read.dialects import dialect

REF = REPORTER["ref"]
LAYOUTS = ("iati-publisher", "iati-publisher-csv", "aidstream")
CONFIGURED = {
    ("reporting-org/@type", "40"),
    ("reporting-org/narrative", "Reporting Office"),
    ("@xml:lang", "es"),
    ("@default-currency", "USD"),
}
"""What comes from the configuration where a layout is silent."""


def facts(element):
    found = Counter()
    for node in node_of(element).walk():
        found.update((place_of(node, name), value.strip()) for name, value in node.attrib.items())
        if (node.text or "").strip():
            found[place_of(node, None), " ".join(node.text.split())] += 1
    return found


def shape(node):
    attributes = tuple(sorted((name, value.strip()) for name, value in node.attrib.items()))
    return node.tag, attributes, " ".join((node.text or "").split()), tuple(map(shape, node.children))


def there_and_back(layout, *elements):
    """The activities as they come back, by identifier, what was said to be lost, and what was said when reading."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "written"
        target.mkdir()
        lost = write_in_layout(elements, dialect(layout), {"iati_version": "2.03"}, target)
        made, heard = read(target)
        return made, lost, heard


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), most=st.integers(1, 3))
def test_what_a_layout_can_hold_comes_back_and_the_rest_is_told(layout, seed, most):
    given_ = activity(seed, f"{REF}-P1", REF, most)

    made, lost, heard = there_and_back(layout, given_)
    back = made[f"{REF}-P1"]

    before, after = facts(given_), facts(back)
    assert {fact for fact in after - before if fact not in CONFIGURED} == set()
    gone = Counter()
    for (place, _), count in (before - after).items():
        gone[place] += count
    assert {place: count for place, count in gone.items() if lost[place] < count} == {}
    structural = {"ssc-parent-unknown", "ssc-rows-disagree", "ssc-project-unknown", "ssc-key-missing"}
    assert not [each for each in heard if each.rule in structural]
    again, _, _ = there_and_back(layout, back)
    assert shape(node_of(again[f"{REF}-P1"])) == shape(node_of(back))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_several_activities_stay_apart(layout):
    made, _, _ = there_and_back(layout, *(activity(number, f"{REF}-P{number}", REF, 3) for number in range(4)))

    for number in range(4):
        alone, _, _ = there_and_back(layout, activity(number, f"{REF}-P{number}", REF, 3))
        key = f"{REF}-P{number}"
        assert shape(node_of(made[key])) == shape(node_of(alone[key]))


def test_the_workbooks_hold_nearly_all_that_iati_says():
    elements = [activity(seed, f"{REF}-P{seed}", REF) for seed in range(12)]

    made, _, _ = there_and_back("iati-publisher", *elements)

    said, held = (sum(sum(facts(each).values()) for each in those) for those in (elements, made.values()))
    assert held / said > 0.93


def test_an_activity_of_another_organisation_is_not_written_under_this_one():
    foreign = activity(1, "XX-OTHER-9", REF)

    with tempfile.TemporaryDirectory() as folder:
        lost = write_in_layout([foreign], dialect("aidstream"), {}, Path(folder) / "written")

    assert lost["iati-identifier (not the reporting organisation's)"] == 1
    assert lost["iati-identifier"] == 1


def test_an_element_that_no_row_can_begin_is_told_and_not_joined_to_another():
    element = etree.fromstring(
        f"<iati-activity><iati-identifier>{REF}-P1</iati-identifier><reporting-org ref='{REF}' type='40'/>"
        "<contact-info type='1'><email>a@example.org</email></contact-info>"
        "<contact-info><email>b@example.org</email></contact-info></iati-activity>"
    )

    made, lost, _ = there_and_back("iati-publisher", element)

    assert texts(made[f"{REF}-P1"], "contact-info/email/text()") == ["a@example.org"]
    assert lost["contact-info/email"] == 1


def test_import_writes_the_workbooks_of_the_tool(tmp_path):
    (tmp_path / "a.xml").write_bytes(iati_file(sound()))
    heard = []

    import_file(tmp_path / "a.xml", tmp_path / "books", heard.append, Choices(target="iati-publisher"))

    book = load_workbook(tmp_path / "books" / "ActivityXLS.xlsx")
    assert {"Instructions", "Settings", "Options", "Participating Org"} <= set(book.sheetnames)
    assert [cell.value for cell in book["Settings"][1]][:2] == [ID, "Default Currency"]
    assert book["Settings"]["A2"].value == "1"
    assert not (tmp_path / "books" / "ResultXLS.xlsx").exists()
    assert "ssc-layout-cannot-hold" in {each.rule for each in heard}


def test_the_same_activities_give_the_same_workbooks(tmp_path):
    elements = [activity(seed, f"{REF}-P{seed}", REF) for seed in range(3)]

    for name in ("one", "two"):
        write_in_layout(elements, dialect("iati-publisher"), {}, tmp_path / name)

    for book in BOOKS:
        assert (tmp_path / "one" / f"{book}.xlsx").read_bytes() == (tmp_path / "two" / f"{book}.xlsx").read_bytes()


def test_identifiers_of_mappers_are_those_of_the_tool(tmp_path):
    element = activity(5, f"{REF}-P5", REF)
    seed = 5
    while element.find("result/indicator/period/target") is None:
        seed += 1
        element = activity(seed, f"{REF}-P5", REF)

    write_in_layout([element], dialect("iati-publisher"), {}, tmp_path / "books")

    book = load_workbook(tmp_path / "books" / "PeriodXLS.xlsx")
    first = [cell.value for cell in book["Target_Mapper"][2]]
    assert first[2] == f"{first[0]}_t-{first[1]}"


def test_import_brings_the_workbooks_into_our_own_layout_and_back(tmp_path):
    (tmp_path / "publisher.toml").write_text(f"[publisher.reporting_org]\nref = '{REF}'\ntype = '40'\n", "utf-8")
    write_in_layout([activity(3, f"{REF}-P3", REF)], dialect("iati-publisher"), {}, tmp_path / "books")
    configured = Choices(config=tmp_path / "publisher.toml")

    import_file(tmp_path / "books", tmp_path / "records.jsonl", lambda _: None, configured)
    import_file(tmp_path / "books", tmp_path / "again", lambda _: None, configured._replace(target="iati-publisher"))

    record = json.loads((tmp_path / "records.jsonl").read_text("utf-8").splitlines()[1])
    assert record["iati_identifier"] == f"{REF}-P3"
    before, after = ({each.name: each.read_bytes() for each in (tmp_path / of).iterdir()} for of in ("books", "again"))
    assert after == before
