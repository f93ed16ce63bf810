"""What libxml2 says of real faults against our own schemas is recognised, and said in words of ours."""

import re
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.messages import LANGUAGES, word
from ssc_iati.standard.schemas import schema
from ssc_iati.standard.validator.schema_words import explained

SOUND = """<iati-activities version="2.03" xmlns:x="urn:example:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <iati-activity hierarchy="1" last-updated-datetime="2024-05-06T07:08:09Z" xml:lang="en">
    <iati-identifier>XM-EX-1</iati-identifier>
    <reporting-org ref="XM-EX" type="10" secondary-reporter="0"><narrative>Agency</narrative></reporting-org>
    <title><narrative>Water</narrative></title>
    <description><narrative>Wells</narrative></description>
    <participating-org role="4" ref="XM-EX"/>
    <activity-status code="2"/>
    <activity-date type="1" iso-date="2024-01-01"/>
    <recipient-country code="BO" percentage="100"/>
    <budget><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/>
      <value value-date="2024-01-01">100</value></budget>
    <document-link url="https://example.org/a.pdf" format="application/pdf">
      <title><narrative>Report</narrative></title><category code="A01"/></document-link>
    <legacy-data name="a" value="b" iati-equivalent="sector"/>
  </iati-activity>
</iati-activities>
"""

FAULTS = [
    ("<title>", "<title/><title>", "child-missing", {"element": "title", "expected": "narrative"}),
    ("<title><narrative>Water</narrative></title>", "", "unexpected", {"element": "description", "expected": "title"}),
    ("<title>", "<x:note/><title>", "unexpected", {"element": "{urn:example:x}note", "expected": "title"}),
    (
        "  </iati-activity>\n",
        "  </iati-activity><iati-organisation/>",
        "unexpected-of-several",
        {"element": "iati-organisation", "expected": "iati-activity"},
    ),
    ('code="2"/>', 'code="2"><code/></activity-status>', "unexpected-at-end", {"element": "code"}),
    (
        '<category code="A01"/>',
        "",
        "child-missing-of-several",
        {"element": "document-link", "expected": "description, category"},
    ),
    ("Water", "<b>Water</b>", "child-not-allowed", {"element": "narrative"}),
    ("<title>", "<title>Water", "text-not-allowed", {"element": "title"}),
    ('role="4" ', "", "attribute-missing", {"element": "participating-org", "attribute": "role"}),
    ('role="4"', 'role="4" rol="4"', "attribute-not-allowed", {"element": "participating-org", "attribute": "rol"}),
    ("<title>", '<title xsi:nil="true">', "instance-attribute", {"element": "title", "attribute": "xsi:nil"}),
    ("<title>", '<title xsi:type="x:y">', "instance-attribute", {"element": "title", "attribute": "xsi:type"}),
    ("<title>", '<title xsi:type="budget">', "instance-attribute", {"element": "title", "attribute": "xsi:type"}),
    (
        '<iati-activities version="2.03"',
        '<iati-activities xmlns="urn:x" version="2.03"',
        "root",
        {"element": "{urn:x}iati-activities"},
    ),
    (
        'iso-date="2024-12-31"',
        'iso-date="2023-02-29"',
        "date",
        {"element": "period-end", "attribute": "iso-date", "value": "2023-02-29", "type": "xs:date"},
    ),
    (
        "2024-05-06T07:08:09Z",
        "2024-05-06",
        "datetime",
        {"element": "iati-activity", "attribute": "last-updated-datetime", "value": "2024-05-06"},
    ),
    (
        'percentage="100"',
        'percentage="100%"',
        "number",
        {"element": "recipient-country", "attribute": "percentage", "value": "100%", "type": "xs:decimal"},
    ),
    (">100<", ">1,000<", "number-text", {"element": "value", "value": "1,000", "type": "xs:decimal"}),
    (">100<", ">\n one\n<", "number-text", {"element": "value", "value": "\n one\n", "type": "xs:decimal"}),
    (
        'hierarchy="1"',
        'hierarchy="one"',
        "whole-number",
        {"element": "iati-activity", "attribute": "hierarchy", "value": "one", "type": "xs:int"},
    ),
    (
        'secondary-reporter="0"',
        'secondary-reporter="no"',
        "yes-or-no",
        {"element": "reporting-org", "attribute": "secondary-reporter", "value": "no", "type": "xs:boolean"},
    ),
    (
        "https://example.org/a.pdf",
        "a%%b",
        "address",
        {"element": "document-link", "attribute": "url", "value": "a%%b", "type": "xs:anyURI"},
    ),
    (
        'xml:lang="en"',
        'xml:lang="en español"',
        "language",
        {"element": "iati-activity", "attribute": "xml:lang", "value": "en español", "type": "union"},
    ),
    (
        'xml:lang="en"',
        'xml:space="keep"',
        "choice",
        {"element": "iati-activity", "attribute": "xml:space", "value": "keep", "expected": "default, preserve"},
    ),
    (
        'iati-equivalent="sector"',
        'iati-equivalent=","',
        "value",
        {"element": "legacy-data", "attribute": "iati-equivalent", "value": ",", "type": "xs:NMTOKEN"},
    ),
    (
        'percentage="100"',
        'percentage=""',
        "blank",
        {"element": "recipient-country", "attribute": "percentage"},
    ),
    (">100<", "> <", "blank-text", {"element": "value"}),
    (
        'iso-date="2024-12-31"',
        """iso-date="it's 'x' is not a valid value of the atomic type 'y'." """,
        "date",
        {
            "element": "period-end",
            "attribute": "iso-date",
            "value": "it's 'x' is not a valid value of the atomic type 'y'.",
            "type": "xs:date",
        },
    ),
]


WORDED = tomllib.loads(files("ssc_iati.messages").joinpath("iati/en.toml").read_text("utf-8"))
PLACEHOLDER = re.compile(r"{(\w+)}")


def complaint(document):
    judge = schema("2.03")
    judge.validate(etree.fromstring(document))
    return judge.error_log[0].message


def shown(key):
    words = WORDED[key.removeprefix("iati:")]
    return set(PLACEHOLDER.findall(words["message"] + words["hint"]))


def test_the_document_without_its_fault_is_sound():
    schema("2.03").assertValid(etree.fromstring(SOUND))


@pytest.mark.parametrize(("old", "new", "kind", "values"), FAULTS, ids=[f"{row[2]}-{row[1][:20]}" for row in FAULTS])
def test_a_fault_is_recognised_with_the_values_that_its_words_show(old, new, kind, values):
    assert old in SOUND

    key, told = explained(complaint(SOUND.replace(old, new, 1)))

    assert key == f"iati:0.3.1/{kind}"
    assert told | values == told
    assert shown(key) <= set(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_is_said_in_the_language_of_the_reader(language):
    key, values = explained(complaint(SOUND.replace(">100<", ">1,000<")))

    said = word(Finding("0.3.1", Severity.CRITICAL, "schema", Place("a.xml"), values=values, words=key), language)

    words = {"en": "is not a number", "es": "no es un número", "pt": "não é um número", "fr": "n'est pas un nombre"}
    assert said.message.startswith(f"1,000 {words[language]}")


def test_every_kind_that_is_worded_is_met():
    assert {key for key in WORDED if key.startswith("0.3.1/")} == {f"0.3.1/{row[2]}" for row in FAULTS}


def test_more_elements_than_libxml2_names_are_hinted_at():
    key, values = explained(complaint(SOUND.replace("<recipient-country", "<title/><recipient-country")))

    assert key == "iati:0.3.1/unexpected-of-several"
    assert len(values["expected"].split(", ")) == 11
    assert values["expected"].endswith(", ...")


@pytest.mark.parametrize(
    "message",
    [
        "Internal error: something of the library itself.",
        "Element 'value': '9' is not a valid value of the atomic type 'xs:int'.",
        "Element 'a': [facet 'enumeration'] The value 'b' is not an element of the set {'c'}.",
        "Element 'value': '" + "9" * 70_000,
        "",
    ],
    ids=["library", "text of a type for attributes", "text of a list", "cut", "nothing"],
)
def test_a_message_of_no_known_kind_is_shown_as_it_is(message):
    assert explained(message + "\n") == ("iati:0.3.1", {"problem": message})


PARTS = st.sampled_from(
    [
        "This element is not expected.",
        " Expected is ( ",
        " Expected is one of ( ",
        "x, ##other*",
        " ).",
        "Missing child element(s).",
        "'v'",
        "' is not a valid value of the ",
        "local union type.",
        "atomic type 'xs:decimal'.",
        "[facet 'enumeration'] The value '",
        "' is not an element of the set {",
        "'a', 'b'}.",
        "The type definition '",
        "', specified by xsi:type, ",
        "The attribute 'c' is required but missing.",
        "{",
        "\n",
    ]
)


@given(
    st.sampled_from(["Element 'a': ", "Element 'a', attribute 'b': ", ""]),
    st.lists(PARTS | st.text(max_size=5), max_size=5).map("".join),
)
def test_whatever_the_message_its_words_exist_and_show_what_it_gives(head, rest):
    key, values = explained(head + rest)

    assert shown(key) <= set(values)
