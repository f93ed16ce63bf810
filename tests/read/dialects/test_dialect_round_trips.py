"""What is written in a layout comes back, all that the layout can carry; and what it cannot is told."""

import csv
import json
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from okfn_iati import IatiMultiCsvConverter

from layout_files import ACTIVITY, brought_in, converted, rules, said_by, sound, table
from random_iati import WORDS, Making
from ssc_iati.check.cells import is_blank
from ssc_iati.findings import SourceError
from ssc_iati.importing import Choices, import_file
from ssc_iati.map.equality import said
from ssc_iati.publish.dialect_paths import plainer
from ssc_iati.text import states_unknown

TAME = [
    each
    for each in WORDS
    if not is_blank(each) and "\u0085" not in each and len(each) < 1000 and not states_unknown(each)
]
VALUES = {
    "string": TAME, "anyURI": ("https://example.org/a?b=c&d=é",), "decimal": ("0", "1", "-1.5", "33.5", "1234.567"),
    "boolean": ("1", "0"), "date": ("2024-02-29", "1999-12-31"), "dateTime": ("2024-02-29T10:00:00Z",),
    "int": ("1", "-3"), "positiveInteger": ("2020",), "nonNegativeInteger": ("0", "1"), "NMTOKEN": ("activity-status",),
    "anyType": TAME, 'language|string("")': ("en", "fr"),
}  # fmt: skip


class Tame(Making):
    """Files whose values have one spelling, and one reading in a cell."""

    def _value(self, kind):
        return self.random.choice(VALUES[kind])


def tame_file(seed, version, kind):
    making = Tame(Random(seed), version, wild=False)  # noqa: S311 - not for secrets
    root = making.file(kind)
    for number, each in enumerate(root):
        name = "iati-identifier" if kind == "activities" else "organisation-identifier"
        each.find(name).text = f"XM-DAC-1-{seed}-{number}"
        for language in each.iter("narrative"):
            language.attrib.pop("{http://www.w3.org/XML/1998/namespace}lang", None)
        for point in each.iter("pos"):
            point.text = making.random.choice(("4.7 -74.1", "0 0"))
        for code in each.iter():
            for attribute in ("code", "type", "role", "vocabulary", "measure", "status", "significance"):
                if attribute in code.attrib:
                    code.set(attribute, "1")
    return root


def through(folder, root, layout, target="out"):
    (folder / "a.xml").write_bytes(etree.tostring(root))
    heard = []
    import_file(folder / "a.xml", folder / target, heard.append, Choices(target=layout))
    elements, problems = brought_in(folder / target)
    assert [each for each in problems if each.severity in {"error", "critical"}] == []
    return elements, sum(int(each.values["count"]) for each in heard if each.rule == "ssc-layout-cannot-hold")


@pytest.mark.parametrize("kind", ["activities", "organisations"])
@pytest.mark.parametrize("layout", ["okfn", "flatten-tool"])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), version=st.sampled_from(["2.01", "2.02", "2.03"]))
def test_nothing_is_added_and_what_is_lost_was_told(tmp_path_factory, kind, layout, seed, version):
    root = tame_file(seed, version, kind)

    elements, told = through(tmp_path_factory.mktemp("trip"), root, layout)

    before, after = said_by(root), said_by(elements)
    assert not after - before
    assert (before - after).total() <= told


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_paths_carry_all_that_is_said(tmp_path_factory, seed):
    root = tame_file(seed, "2.03", "activities")

    elements, _ = through(tmp_path_factory.mktemp("trip"), root, "flatten-tool")

    assert said_by(elements) == said_by(root)


def test_a_workbook_of_paths_comes_back_as_it_was(tmp_path):
    root = tame_file(7, "2.03", "activities")

    elements, told = through(tmp_path, root, "flatten-tool", "out.xlsx")

    assert not said_by(elements) - said_by(root)
    assert (said_by(root) - said_by(elements)).total() <= told


def words():
    return st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1).filter(
        lambda text: text.strip() == text and text and text[0] not in "\u200b\u200c\u200d\u2060\ufeff"
        and text[-1] not in "\u200b\u200c\u200d\u2060\ufeff"
    )  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(
    titles=st.lists(st.tuples(words(), st.sampled_from(["en", "es", None])), min_size=1, max_size=3),
    dates=st.lists(st.tuples(st.sampled_from("1234"), st.dates(date(1950, 1, 1), date(2100, 12, 31)))),
    partners=st.lists(st.tuples(words(), st.sampled_from("1234"))),
    money=st.lists(st.tuples(words(), st.sampled_from("34"), st.integers(1, 999)), unique_by=lambda each: each[:2]),
)
def test_an_activity_of_what_okfn_iati_has_columns_for_comes_back_whole(
    tmp_path_factory, titles, dates, partners, money
):
    root = etree.Element("iati-activities", version="2.03")
    activity = etree.SubElement(root, "iati-activity")
    etree.SubElement(activity, "iati-identifier").text = "XM-DAC-1-A"
    title = etree.SubElement(activity, "title")
    for text, language in titles:
        spoken = {} if language is None else {"{http://www.w3.org/XML/1998/namespace}lang": language}
        etree.SubElement(title, "narrative", spoken).text = text
    for name, role in partners:
        partner = etree.SubElement(activity, "participating-org", role=role)
        etree.SubElement(partner, "narrative").text = name
    for kind, day in dates:
        etree.SubElement(activity, "activity-date", {"type": kind, "iso-date": day.isoformat()[:10]})
    for ref, kind, amount in money:
        paid = etree.SubElement(activity, "transaction", ref=ref)
        etree.SubElement(paid, "transaction-type", code=kind)
        etree.SubElement(paid, "value").text = str(amount)
        etree.SubElement(paid, "sector", code="14030")

    elements, told = through(tmp_path_factory.mktemp("trip"), root, "okfn")

    assert told == 0
    assert said_by(elements) == said_by(root)


def test_sectors_of_transactions_that_cannot_be_told_apart_are_not_written_but_told(tmp_path):
    root = etree.fromstring(
        "<iati-activities version='2.03'><iati-activity><iati-identifier>A</iati-identifier>"
        "<transaction ref='1'><transaction-type code='3'/><sector code='14030'/></transaction>"
        "<transaction ref='1'><transaction-type code='3'/></transaction></iati-activity></iati-activities>"
    )

    elements, told = through(tmp_path, root, "okfn")

    assert told == 1
    assert elements[0].find("transaction/sector") is None


def test_what_a_layout_cannot_hold_is_told_place_by_place(tmp_path):
    root = etree.fromstring(
        "<iati-activities version='2.02' xmlns:x='urn:x'><iati-activity x:a='1'><iati-identifier>A</iati-identifier>"
        "<capital-spend percentage='5'/><title><narrative/></title><x:b>c</x:b></iati-activity>"
        "<iati-activity><title><narrative>B</narrative></title></iati-activity></iati-activities>"
    )
    (tmp_path / "a.xml").write_bytes(etree.tostring(root))
    heard = []

    import_file(tmp_path / "a.xml", tmp_path / "out", heard.append, Choices(target="okfn"))

    assert {each.values["place"]: each.values["count"] for each in heard} == {
        "@version": "1", "@a": "1", "b": "1", "capital-spend/@percentage": "1", "title/narrative": "2",
        "iati-identifier (missing)": "1",
    }  # fmt: skip
    assert {each.severity for each in heard} == {"warning"}


def test_a_date_with_a_time_zone_is_written_as_the_day_that_it_names_and_told(tmp_path):
    root = etree.fromstring(
        "<iati-activities version='2.03'><iati-activity><iati-identifier>A</iati-identifier>"
        "<activity-date type='1' iso-date='2017-02-06+08:00'/></iati-activity></iati-activities>"
    )

    elements, told = through(tmp_path, root, "okfn")

    assert (elements[0].find("activity-date").get("iso-date"), told) == ("2017-02-06", 1)


def test_an_amount_is_written_so_that_it_has_one_reading(tmp_path):
    root = etree.fromstring(
        "<iati-activities version='2.03'><iati-activity><iati-identifier>A</iati-identifier>"
        "<budget><value>1.234</value></budget></iati-activity></iati-activities>"
    )

    elements, _ = through(tmp_path, root, "okfn")

    assert float(elements[0].findtext("budget/value")) == 1.234


def test_the_same_import_gives_the_same_bytes(tmp_path):
    root = tame_file(3, "2.03", "activities")
    for name in ("one", "two"):
        through(tmp_path, root, "flatten-tool", name)
        through(tmp_path, root, "flatten-tool", f"{name}.xlsx")

    assert {each.name: each.read_bytes() for each in (tmp_path / "one").iterdir()} == {
        each.name: each.read_bytes() for each in (tmp_path / "two").iterdir()
    }
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_one_tools_folder_becomes_anothers_workbook(tmp_path):
    sound(tmp_path / "in")
    heard = []

    import_file(tmp_path / "in", tmp_path / "book.xlsx", heard.append, Choices(target="flatten-tool"))

    (before,), _ = brought_in(tmp_path / "in")
    (after,), _ = brought_in(tmp_path / "book.xlsx")
    assert rules(heard) == []
    assert said(after) == said(before)


def test_the_folder_that_okfn_iati_itself_writes_is_read(tmp_path):
    root, _, _ = converted(sound(tmp_path / "in", actual_start_date="2024-02-01"))
    (tmp_path / "a.xml").write_bytes(etree.tostring(root))

    assert IatiMultiCsvConverter().xml_to_csv_folder(str(tmp_path / "a.xml"), str(tmp_path / "theirs"))
    (found,), heard = brought_in(tmp_path / "theirs")

    assert [each for each in heard if each.severity in {"error", "critical"}] == []
    assert not said_by(root) - said_by([found])


def test_okfn_iati_reads_the_folder_that_we_write(tmp_path):
    root, _, _ = converted(sound(tmp_path / "in"))
    (tmp_path / "a.xml").write_bytes(etree.tostring(root))
    import_file(tmp_path / "a.xml", tmp_path / "ours", lambda _: None, Choices(target="okfn"))

    assert IatiMultiCsvConverter().csv_folder_to_xml(str(tmp_path / "ours"), str(tmp_path / "theirs.xml"))
    back = etree.parse(tmp_path / "theirs.xml").getroot()

    assert back[0].findtext("title/narrative") == "Water"
    assert len(back[0].findall("activity-date")) == len(root[0].findall("activity-date"))


def test_a_folder_keeps_what_is_none_of_the_layouts(tmp_path):
    root, _, _ = converted(sound(tmp_path / "in"))
    (tmp_path / "a.xml").write_bytes(etree.tostring(root))
    table(tmp_path / "out", "transactions", {"activity_identifier": "old"})
    (tmp_path / "out" / "notes.txt").write_text("mine")

    import_file(tmp_path / "a.xml", tmp_path / "out", lambda _: None, Choices(target="okfn"))

    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "activities.csv", "notes.txt", "participating_orgs.csv", "sectors.csv",
    ]  # fmt: skip
    with (tmp_path / "out" / "activities.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["title"] == ACTIVITY["title"]


def test_records_of_our_own_are_not_imported(tmp_path):
    table(tmp_path / "in", "projects", {"key": "1", "title": "Water"})

    with pytest.raises(SourceError) as raised:
        import_file(tmp_path / "in", tmp_path / "out.jsonl", lambda _: None)

    assert raised.value.finding.rule == "ssc-layout-own"
    assert not (tmp_path / "out.jsonl").exists()


def test_a_layout_is_not_written_as_json_lines(tmp_path):
    (tmp_path / "a.xml").write_text("<iati-activities version='2.03'/>")

    with pytest.raises(SourceError) as raised:
        import_file(tmp_path / "a.xml", tmp_path / "out.jsonl", lambda _: None, Choices(target="okfn"))

    assert raised.value.finding.rule == "ssc-import-target"


def test_texts_are_numbered_only_where_a_row_has_two():
    assert plainer(["title/narrative/0", "sector/0/narrative/0", "sector/0/narrative/1", "sector/0/@code"]) == {
        "title/narrative/0": "title/narrative", "sector/0/narrative/0": "sector/0/narrative/0",
        "sector/0/narrative/1": "sector/0/narrative/1", "sector/0/@code": "sector/0/@code",
    }  # fmt: skip


def test_lines_of_records_say_that_they_stand_as_they_are(tmp_path):
    import_file(sound(tmp_path / "in"), tmp_path / "out.jsonl", lambda _: None)

    publisher, record = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    assert publisher == {"publisher": {"iati_version": "2.03", "iati_file": "activities"}}
    assert (record["key"], record["imported_version"]) == ("XM-DAC-1-A", "2.03")
