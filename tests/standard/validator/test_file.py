"""The story of a file: its head, its end, and what only the whole can show."""

from datetime import UTC, datetime
from xml.parsers import expat

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from small_activities import SOUND, document, findings

from ssc_iati.standard.validator import Source, judged
from ssc_iati.standard.validator import file as files
from ssc_iati.standard.validator.batch import NESTED

SECTOR = '<sector code="11110"/>'
ONE = SOUND["iati-activity"].format(content="", sector=SECTOR)


def rules(text):
    return [each.rule for each in findings(text)]


def whole(*items, start=""):
    return start + document(*items)


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("", "0.1.1", 1),
        ("  \n", "0.1.1", 2),
        ("text", "0.1.1", 1),
        ("<?xml version='1.0'?>\n", "0.1.1", 2),
        (" <?xml version='1.0'?>" + document(ONE), "0.1.1", 1),
        ("<?xml version='1.0' encoding=UTF-8?>" + document(ONE), "0.1.1", 1),
        ("<?xml?>" + document(ONE), "0.1.1", 1),
        ("\n<!DOCTYPE iati-activities odd odd>" + document(ONE), "0.1.1", 2),
        ("<iati-activities version='2.03' version='2.03'/>", "0.1.1", 1),
        ("<iati-activities\fversion='2.03'/>", "0.1.1", 1),
        ("<iati-activities version='2.03'>", "0.1.1", 1),
        ("<iati-activities version='2.03'>\n\n", "0.1.1", 3),
        ("<iati-activities version='2.03'/><x/>", "0.1.1", 1),
        ("<iati-activities version='2.03'/>x", "0.1.1", 1),
        (document(ONE) + "\n<iati-activity/>", "0.1.1", 2),
        (document(ONE) + document(ONE), "0.1.1", 1),
        (document(ONE)[:-3], "0.1.1", 1),
        (document(ONE, "\n<iati-activity><iati-ident"), "0.1.1", 2),
        (document(ONE, "\0"), "0.1.1", 1),
        ("<r/>", "0.2.1", 1),
        ("<!-- \n -->\n<iati-activity/>", "0.2.1", 3),
        ("<html><br></html>", "0.1.1", 1),
        ("<iati-activities/>", "0.6.1", 1),
        ("<iati-activities version='2.04'/>", "0.6.1", 1),
        ("<iati-activities version=' 2.03'/>", "0.6.1", 1),
        ("<iati-activities version='1.05'><iati-activity></iati-activities>", "0.1.1", 1),
        ("<iati-activities xmlns='urn:x' version='2.03'/>", "0.6.1", 1),
        ("<x:iati-activities xmlns:x='urn:x' version='2.03'/>", "0.6.1", 1),
        ("<!DOCTYPE r [<!ENTITY a 'b'>]>" + document(ONE), "ssc-xml-entities", 1),
        ("<!DOCTYPE r [<!-- it's -->]>" + document(ONE), "ssc-xml-entities", 1),
        ("<?xml version='1.0' encoding='zorg'?>" + document(ONE), "ssc-xml-encoding", 1),
        (f"<iati-activities version='2.03' a='{'x' * 70_000}'/>", "ssc-xml-unreadable", 1),
    ],
)  # fmt: skip
def test_a_file_that_is_not_judged_has_one_finding_that_says_why(text, rule, line):
    (found,) = findings(text)
    assert (found.rule, found.where.line) == (rule, line)
    assert found.identifier is None
    assert found.severity == "critical"


@pytest.mark.parametrize("after", ["", "\n", "<!-- x -->", "\n<?x y?>\n"])
@pytest.mark.parametrize(
    "root", ["<iati-activities version='2.03'/>", "<iati-activities version='2.03'></iati-activities>"]
)
def test_a_file_without_activities_is_well_formed_and_against_the_schema(root, after):
    (found,) = findings(root + after)
    assert (found.rule, found.values["expected"]) == ("0.3.1", "iati-activity")


@pytest.mark.parametrize("after", ["", " ", "<!-- x -->", "<?x y?>"])
def test_what_the_end_holds_beside_the_end_tag_is_said_of_the_file(after):
    text = document(ONE, "\n\n", after, "\n<odd/>")
    (found,) = [each for each in findings(text) if each.values.get("element") == "odd"]
    assert (found.rule, found.identifier, found.where.line) == ("0.3.1", None, 4)


def test_a_commented_activity_is_none():
    (found,) = findings(document("<!--", ONE, ONE, "-->"))
    assert found.values["expected"] == "iati-activity"


def test_identifiers_that_several_bear_are_named_once_with_every_place():
    item = "<iati-activity><iati-identifier>{}</iati-identifier></iati-activity>\n"
    text = document(*map(item.format, ("A", "B", "A", "A", "C", "C")))
    doubled = {each.values["value"]: each for each in findings(text) if each.rule == "1.1.2"}
    assert list(doubled) == ["A", "C"]
    assert [each.line for each in (doubled["A"].where, *doubled["A"].also)] == [3, 4, 1]
    assert doubled["A"].identifier is None


def test_activities_without_identifier_share_having_none():
    (found,) = [each for each in findings(document("<iati-activity/>\n", "<iati-activity/>")) if each.rule == "1.1.2"]
    assert found.values["value"] == ""


class TestNested:
    """Activities that stand within other elements: the file cannot be cut between them."""

    def test_they_are_judged_and_what_holds_them_is_said_of_the_file(self):
        found = findings(document("\n<odd>", ONE, "</odd>", ONE))
        of_the_file = [each for each in found if each.rule == "0.3.1" and each.identifier is None]
        assert [(each.values["element"], each.where.line) for each in of_the_file] == [("odd", 2)]
        assert "1.1.2" in {each.rule for each in found}

    def test_what_is_said_of_an_activity_is_not_said_again_of_the_file(self):
        found = findings(document("<odd><iati-activity/></odd>"))
        problems = [each.values["problem"] for each in found if each.rule == "0.3.1"]
        assert len(problems) == len(set(problems)) == 2

    @pytest.mark.parametrize(
        "items",
        [
            '<iati-activity xmlns="urn:x"/>',
            '<x xmlns="urn:x"><iati-activity/></x>',
            '<x:y xmlns:x="urn:x" xmlns=""><iati-activity/></x:y>',
        ],
    )
    def test_one_of_another_namespace_is_no_activity(self, items):
        found = findings(document(items, ONE))
        assert not [
            each
            for each in found
            if each.where.path and "[1]" in each.where.path and each.rule != "0.3.1" and "x:" not in items
        ]

    def test_a_file_too_large_to_be_judged_as_one_piece_is_refused(self, monkeypatch):
        monkeypatch.setattr(files, "WHOLE_LIMIT", 1_000)
        (found,) = findings(document("<odd>", ONE * 10, "</odd>"))
        assert found.rule == "ssc-xml-unreadable"

    def test_nor_is_one_with_very_many_of_them(self, monkeypatch):
        monkeypatch.setattr(files, "WHOLE_ITEMS", 9)
        (found,) = findings(document("<odd>", "<iati-activity/>" * 10, "</odd>"))
        assert (found.rule, found.values["problem"]) == ("ssc-xml-unreadable", NESTED)

    def test_an_ill_formed_file_of_that_size_is_still_called_ill_formed(self, monkeypatch):
        monkeypatch.setattr(files, "WHOLE_LIMIT", 1_000)
        (found,) = findings(document("<odd>", ONE * 10))
        assert found.rule == "0.1.1"


def test_a_file_is_read_as_often_as_needed_and_nothing_is_said_before_its_end():
    """Of a file that turns out to be ill-formed, only that is said, whatever was found before."""
    bad = '<iati-activity><sector code="x"/></iati-activity>'
    assert rules(document(*[bad] * 6_000)[:-1]) == ["0.1.1"]


def test_very_many_findings_wait_on_the_disk_and_come_in_order(monkeypatch):
    monkeypatch.setattr(files, "IN_MEMORY", 10_000)
    text = document(*[f"<iati-activity><iati-identifier>A-{n}</iati-identifier></iati-activity>" for n in range(3_000)])
    numbers = [
        each.number
        for each in judged(Source("f", 0, lambda: iter([text.encode()])), now=datetime(2026, 1, 1, tzinfo=UTC))
    ]
    assert numbers == list(range(3_000))


# --- Any document at all ---

TEXTS = st.sampled_from(
    ["", " ", "\n", "x", "&amp;", "<!-- <iati-activity> -->", "<![CDATA[</iati-activity>]]>", "<?p <a?>", "é"]
)
NAMES = st.sampled_from(["iati-activity", "iati-activity", "title", "odd", "iati-activities"])


@st.composite
def trees(draw, depth=3):
    name = draw(NAMES)
    said = draw(st.sampled_from(["", " a='>'", ' xmlns="urn:x"', " x:y='1' xmlns:x='urn:x'", ' xmlns=""', ' code="x"']))
    inner = [draw(TEXTS) + draw(trees(depth - 1)) for _ in range(draw(st.integers(0, 2)))] if depth else []
    return f"<{name}{said}>{''.join(inner)}{draw(TEXTS)}</{name}>"


@given(
    st.lists(trees(), max_size=4),
    st.integers(0, 10_000),
    st.sampled_from(["", "<", ">", "</iati-activity>", "<iati-activity>", "\0", "&", "]]>"]),
)
def test_a_file_is_called_ill_formed_if_and_only_if_it_is(items, at, put):
    text = document("\n", *items)
    at %= len(text)
    text = text[:at] + put + text[at:]
    parser = expat.ParserCreate("utf-8")
    try:
        parser.Parse(text, True)
        sound = True
    except expat.ExpatError:
        sound = False
    assert bool({"0.1.1", "ssc-xml-encoding"} & set(rules(text))) != sound


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_borne(data):
    assert findings(data)


@example("\u0710".encode(), 171)  # a letter that names in XML may begin with, and those in XPath may not
@given(st.binary(max_size=60), st.integers(0, 300))
def test_any_bytes_within_a_file_are_borne(data, at):
    text = document(ONE, ONE).encode()
    findings(text[:at] + data + text[at:])
