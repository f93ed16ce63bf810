"""IATI comes in, in three layouts, and goes out as it was: the same tree, valid in its own version."""

import csv
import json
from random import Random

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import builders
from random_iati import Making
from ssc_iati.config import Settings
from ssc_iati.findings import SourceError
from ssc_iati.importing import import_file
from ssc_iati.map.equality import facts, said
from ssc_iati.record.tables import tables
from ssc_iati.run import convert
from ssc_iati.standard import VERSIONS
from ssc_iati.standard.schemas import schema

LAYOUTS = ("records.jsonl", "records", "records.xlsx")
EACH_LAYOUT = pytest.mark.parametrize("layout", LAYOUTS)
NOBODY = Settings()
PARSER = etree.XMLParser(remove_comments=True, remove_pis=True, huge_tree=True)


def written(path, root):
    path.write_bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))
    return path


def parsed(path):
    return etree.parse(path, PARSER).getroot()


def brought(source, layout, *, about=NOBODY, **more):
    """The file as it comes back through a layout, and what was said of it."""
    found = []
    records, target = source.parent / layout, source.with_name("back.xml")
    import_file(source, records, found.append)
    report = convert(records, target, about, found.append, today=builders.TODAY, **more)
    assert report.set_aside == 0, [each for each in found if each.severity == "critical"]
    return parsed(target), found


def a_file(seed=0, version="2.03", kind="activities", *, wild=True):
    return Making(Random(seed), version, wild=wild).file(kind)  # noqa: S311 - not for secrets


def an_activity(*, version="2.03", **texts):
    """A small file: one activity, with some of its texts."""
    said = {"identifier": "XM-DAC-903-1", "title": "T", "description": "D", "name": "N"} | texts
    return etree.fromstring(
        f'<iati-activities version="{version}"><iati-activity default-currency="USD">'
        "<iati-identifier/><reporting-org ref='XM-DAC-903' type='10'><narrative/></reporting-org>"
        "<title><narrative/></title><description><narrative/></description>"
        "<participating-org role='4'><narrative/></participating-org><activity-status code='2'/>"
        "<activity-date type='1' iso-date='2024-01-01'/></iati-activity></iati-activities>"
    ), said


def filled(**texts):
    root, said_ = an_activity(**texts)
    for path, name in (
        ("iati-identifier", "identifier"),
        ("title/narrative", "title"),
        ("description/narrative", "description"),
        ("participating-org/narrative", "name"),
    ):
        root.find(f"iati-activity/{path}").text = said_[name]
    return root


# --- The law ----------------------------------------------------------------------------------------------------------


@EACH_LAYOUT
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), version=st.sampled_from(VERSIONS))
@pytest.mark.parametrize("kind", ["activities", "organisations"])
def test_any_file_that_is_valid_comes_back_as_it_was(tmp_path_factory, layout, kind, seed, version):
    source = written(tmp_path_factory.mktemp("trip") / "a.xml", a_file(seed, version, kind))
    assert schema(version, kind).validate(parsed(source))

    back, _ = brought(source, layout)

    assert facts(back) == facts(parsed(source))
    assert said(back) == said(parsed(source))
    assert schema(version, kind).validate(back)


# --- What belongs to the file -----------------------------------------------------------------------------------------


@EACH_LAYOUT
def test_the_root_says_what_it_said(tmp_path, layout):
    root = filled()
    root.attrib.update({"generated-datetime": "2020-02-02T02:02:02", "linked-data-default": ""})
    root.set("{urn:a}note", "x")
    etree.SubElement(root, "{urn:a}last").text = "y"

    back, _ = brought(written(tmp_path / "a.xml", root), layout)

    assert said(back) == said(root)


@pytest.mark.parametrize("version", VERSIONS)
def test_records_are_written_in_the_version_they_came_from_unless_they_are_upgraded(tmp_path, version):
    source = written(tmp_path / "a.xml", a_file(3, version, wild=False))

    assert brought(source, "records.jsonl")[0].get("version") == version
    upgraded, _ = brought(source, "records.jsonl", upgrade=True)
    assert upgraded.get("version") == "2.03"
    assert schema("2.03").validate(upgraded)


def test_a_file_without_a_version_is_read_as_the_newest_and_told(tmp_path):
    root = filled()
    del root.attrib["version"]

    back, found = brought(written(tmp_path / "a.xml", root), "records.jsonl")

    assert "ssc-xml-version-missing" in {each.rule for each in found}
    assert back.get("version") == "2.03"


# --- What stands as it is ---------------------------------------------------------------------------------------------


@EACH_LAYOUT
def test_missing_and_doubled_identifiers_come_back_missing_and_doubled(tmp_path, layout):
    root = filled(identifier="XM-1")
    for identifier in ("", "XM-1", None, "#1", " XM-2 "):
        root.append(filled(identifier=identifier)[0])

    back, _ = brought(written(tmp_path / "a.xml", root), layout)

    assert [each.text for each in back.iter("iati-identifier")] == ["XM-1", None, "XM-1", None, "#1", " XM-2 "]


@EACH_LAYOUT
def test_what_the_publisher_of_the_run_says_is_not_said_of_what_was_imported(tmp_path, layout):
    root = filled()
    del root[0].attrib["default-currency"]

    back, _ = brought(written(tmp_path / "a.xml", root), layout, about=builders.SETTINGS)

    assert said(back) == said(root)


@EACH_LAYOUT
@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+49 30 123",
        "-12",
        "@SUM(A1)",
        "2024-01-02",
        "01/02/2024",
        "000123",
        "12345678901234567890",
        "1e5",
        "TRUE",
        "two\nlines",
        "\r\n",
        "a\rb",
        "tab\tbed",
        "  edges  ",
        "",
        "#N/A",
        "_x000D_",
        "\u0085\u0096",
        "\ufeff",
        "unknown",
        "x [continued: #c1]",
        '{"a": 1}',
    ],
)
def test_a_text_that_a_spreadsheet_would_change_comes_back_exactly(tmp_path, layout, text):
    source = written(tmp_path / "a.xml", filled(title=text, name=text))

    back, _ = brought(source, layout)

    for path in ("title/narrative", "participating-org/narrative"):
        assert (back.findtext(f"iati-activity/{path}") or "") == (
            parsed(source).findtext(f"iati-activity/{path}") or ""
        )


@EACH_LAYOUT
@pytest.mark.parametrize("text", ["long " * 20_000, "\U0001f33d" * 40_000, "x" * 32_768, "\n" * 40_000])
def test_a_text_longer_than_a_cell_goes_on_and_comes_back(tmp_path, layout, text):
    source = written(tmp_path / "a.xml", filled(title=text, description=text))

    back, _ = brought(source, layout)

    assert back.findtext("iati-activity/title/narrative") == text
    assert back.findtext("iati-activity/description/narrative") == text


def test_no_cell_is_longer_than_a_spreadsheet_takes(tmp_path):
    source = written(tmp_path / "a.xml", filled(title="\U0001f33d" * 40_000, description=" " + "x" * 100_000))
    import_file(source, tmp_path / "records.xlsx", lambda _: None)

    book = openpyxl.load_workbook(tmp_path / "records.xlsx", read_only=True)
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert max(len(cell.encode("utf-16-le")) // 2 for cell in cells) <= 32_767


def test_one_process_and_two_give_the_same_bytes(tmp_path):
    root = filled()
    for number in range(600):
        root.append(filled(identifier=f"XM-{number}", title=f"Title {number}")[0])
    source = written(tmp_path / "a.xml", root)

    made = [
        brought(source, "records.jsonl", jobs=jobs) and source.with_name("back.xml").read_bytes() for jobs in (1, 2)
    ]

    assert made[0] == made[1]


# --- Tables -----------------------------------------------------------------------------------------------------------


def headers(folder):
    """The headers of every table, without those that name a language or a further text."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found[path.stem] = [each for each in next(csv.reader(file)) if ":" not in each and "#" not in each]
    return found


def test_tables_and_columns_are_the_same_whatever_the_file_holds(tmp_path):
    for name, root in (("small", filled()), ("large", a_file(7))):
        import_file(written(tmp_path / f"{name}.xml", root), tmp_path / name, lambda _: None)

    assert headers(tmp_path / "small") == headers(tmp_path / "large")
    assert set(headers(tmp_path / "small")) == {each.name for each in tables() if each.owner != "organisation_files"}


def leaves(value, way=()):
    if isinstance(value, dict):
        return [leaf for name, each in value.items() for leaf in leaves(each, (*way, name))]
    return [leaf for each in value for leaf in leaves(each, way)] if isinstance(value, list) else [(way, value)]


@pytest.mark.parametrize("kind", ["activities", "organisations"])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_plain_stands_in_cells_and_not_beside_them(tmp_path, kind, seed):
    """Only what is foreign or oddly spelt is kept as JSON: of a file that has neither, only the order of texts whose
    languages come in another order than in the rows before.
    """
    import_file(written(tmp_path / "a.xml", a_file(seed, kind=kind, wild=False)), tmp_path / "records", lambda _: None)

    kept = []
    for path in (tmp_path / "records").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            kept += [leaf for row in csv.DictReader(file) if row["kept"] for leaf in leaves(json.loads(row["kept"]))]
    beside = {way[-1] for way, _ in kept if not way[-1].endswith(":order")}
    assert beside <= {"pos"}, "a point that is none has no column"


def test_a_cell_that_is_corrected_has_the_last_word(tmp_path):
    """What was kept of a cell counts only as long as the cell says the same."""
    source = written(tmp_path / "a.xml", filled(title=" Title "))
    import_file(source, tmp_path / "records", lambda _: None)
    projects = tmp_path / "records" / "projects.csv"
    projects.write_text(projects.read_text("utf-8-sig").replace(",Title,", ",Corrected,"), "utf-8-sig")

    convert(tmp_path / "records", tmp_path / "back.xml", Settings(), lambda _: None)

    assert parsed(tmp_path / "back.xml").findtext("iati-activity/title/narrative") == "Corrected"


@pytest.mark.parametrize("cell", ["{", "[]", "unknown"])
def test_a_cell_of_what_is_kept_that_is_no_json_is_a_finding_there(tmp_path, cell):
    import_file(written(tmp_path / "a.xml", filled(title=" Title ")), tmp_path / "records", lambda _: None)
    projects = tmp_path / "records" / "projects.csv"
    with projects.open(encoding="utf-8-sig", newline="") as file:
        header, row = csv.reader(file)
    with projects.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, [*row[: header.index("kept")], cell, *row[header.index("kept") + 1 :]]])

    found = []
    convert(tmp_path / "records", tmp_path / "back.xml", Settings(), found.append)

    (where,) = [each.where for each in found if each.rule == "ssc-kept-unreadable"]
    assert (where.row, where.column) == (2, "kept")


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target", "rule"),
    [
        ("a.xml", "out.xml", "ssc-import-target"),
        ("a.xml", "out.csv", "ssc-import-target"),
        ("missing.xml", "out.jsonl", "ssc-source-missing"),
        ("a.jsonl", "a.jsonl", "ssc-target-is-source"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path, source, target, rule):
    for name in ("a.xml", "a.jsonl"):
        written(tmp_path / name, filled())
    before = sorted(tmp_path.iterdir())

    with pytest.raises(SourceError) as raised:
        import_file(tmp_path / source, tmp_path / target, lambda _: None)

    assert raised.value.finding.rule == rule
    assert sorted(tmp_path.iterdir()) == before


@EACH_LAYOUT
def test_a_file_that_breaks_off_leaves_what_was_there(tmp_path, layout):
    sound = written(tmp_path / "a.xml", filled())
    import_file(sound, tmp_path / layout, lambda _: None)
    stands = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / "cut.xml").write_bytes(sound.read_bytes()[:-20])

    with pytest.raises(SourceError):
        import_file(tmp_path / "cut.xml", tmp_path / layout, lambda _: None)

    del stands[sound]
    assert {path: path.read_bytes() for path in stands} == stands


def test_an_activity_that_is_no_valid_iati_harms_no_other(tmp_path):
    root = filled()
    root.append(filled(identifier="XM-2")[0])
    root[0].remove(root[0].find("activity-status"))
    source = written(tmp_path / "a.xml", root)
    import_file(source, tmp_path / "records.jsonl", lambda _: None)

    report = convert(tmp_path / "records.jsonl", tmp_path / "back.xml", Settings(), lambda _: None)

    assert (report.accepted, report.set_aside) == (1, 1)
    assert [each.text for each in parsed(tmp_path / "back.xml").iter("iati-identifier")] == ["XM-2"]


@pytest.mark.parametrize(
    "kept",
    [
        {"*": "</iati-activity><iati-activity>"},
        {"*": "<a>"},
        {"title/*": "&undefined;"},
        {'@x="1" y': "1"},
        {"*": "<nobody:knows/>"},
    ],
)
def test_kept_xml_that_was_tampered_with_sets_its_activity_aside(tmp_path, kept):
    import_file(written(tmp_path / "a.xml", filled()), tmp_path / "records.jsonl", lambda _: None)
    about, record = (json.loads(line) for line in (tmp_path / "records.jsonl").read_text().splitlines())
    records = [about, record | {"other_xml": kept}, record | {"key": "2", "iati_identifier": "XM-2"}]
    source = builders.write_jsonl(tmp_path / "changed.jsonl", records)

    report = convert(source, tmp_path / "back.xml", Settings(), lambda _: None)

    assert (report.accepted, report.set_aside) == (1, 1)


@EACH_LAYOUT
def test_what_is_set_aside_comes_back_with_its_long_texts(tmp_path, layout):
    """The rejected are themselves a source: once mended, nothing of them is missing."""
    root = filled(title="long " * 20_000)
    root[0].remove(root[0].find("activity-status"))
    import_file(written(tmp_path / "a.xml", root), tmp_path / layout, lambda _: None)
    report = convert(tmp_path / layout, tmp_path / "back.xml", NOBODY, lambda _: None)
    assert (report.accepted, report.set_aside) == (0, 1)

    found = []
    again = convert(report.rejected, tmp_path / "again.xml", NOBODY, found.append)

    assert again.set_aside == 1
    assert {each.rule for each in found} >= {"0.3.1"}
    assert "ssc-continuation-missing" not in {each.rule for each in found}


def test_a_text_whose_parts_are_missing_is_a_finding_at_its_cell(tmp_path):
    import_file(written(tmp_path / "a.xml", filled(title="x" * 40_000)), tmp_path / "records", lambda _: None)
    (tmp_path / "records" / "continuations.csv").unlink()

    found = []
    convert(tmp_path / "records", tmp_path / "back.xml", NOBODY, found.append)

    (where,) = [each.where for each in found if each.rule == "ssc-continuation-missing"]
    assert (where.row, where.column) == (2, "title")


@pytest.mark.parametrize("layout", LAYOUTS[:2])
def test_other_xml_of_a_record_of_ones_own_is_said_not_to_be_published(tmp_path, layout):
    root = filled()
    root[0].set("{urn:a}note", "x")
    import_file(written(tmp_path / "a.xml", root), tmp_path / layout, lambda _: None)
    path = tmp_path / layout if layout.endswith(".jsonl") else tmp_path / layout / "projects.csv"
    text = path.read_text("utf-8-sig").replace('"imported_version":"2.03",', "").replace(",2.03,", ",,")
    path.write_text(text, "utf-8-sig" if path.suffix == ".csv" else "utf-8")

    found = []
    convert(tmp_path / layout, tmp_path / "back.xml", builders.SETTINGS, found.append, today=builders.TODAY)

    assert "ssc-other-xml-alone" in {each.rule for each in found}
