"""An element of IATI becomes the values of a record: typed where it can be, and nothing of it left out."""

import pytest
from lxml import etree

from ssc_iati.read.iati_xml import Namespaces, values_of
from ssc_iati.record.project import Project

SPACES = 'xmlns:akvo="http://akvo.org" xmlns:x="urn:x"'


def read(inner="", attributes=""):
    parser = etree.XMLParser(remove_comments=True, remove_pis=True)
    element = etree.fromstring(f"<iati-activity {SPACES} {attributes}>{inner}</iati-activity>", parser)
    return values_of(Project, element, Namespaces())


def test_a_value_goes_where_its_field_says():
    found = read(
        '<iati-identifier>XM-1</iati-identifier><transaction ref="r"><transaction-type code="3"/>'
        '<value currency="EUR" value-date="2024-01-31">5.00</value></transaction>',
        'xml:lang="fr" hierarchy="2"',
    )

    assert found == {
        "language": "fr",
        "hierarchy": "2",
        "iati_identifier": "XM-1",
        "transactions": [
            {"ref": "r", "type": "3", "currency": "EUR", "value_date": "2024-01-31", "value": "5.00"},
        ],
    }


@pytest.mark.parametrize(
    ("written", "value", "spelling"),
    [("1", True, None), ("0", False, None), ("true", True, "true"), (" false ", False, " false ")],
)
def test_a_truth_keeps_its_spelling(written, value, spelling):
    found = read(attributes=f'humanitarian="{written}"')

    assert found["humanitarian"] is value
    assert found.get("spellings", {}).get("humanitarian") == spelling


@pytest.mark.parametrize(
    ("written", "value", "spelling"),
    [
        ("5.00", "5.00", None),
        ("+5", "5", "+5"),
        ("007", "7", "007"),
        (".5", "0.5", ".5"),
        ("5.", "5", "5."),
        (" 5\n", "5", " 5\n"),
        ("1,000", "1,000", None),
        ("", "", None),
    ],
)
def test_a_number_keeps_its_spelling_and_what_is_none_stays_as_it_is(written, value, spelling):
    (budget,) = read(f"<budget><value>{written}</value></budget>")["budgets"]

    assert budget["value"] == value
    assert budget.get("spellings", {}).get("value") == spelling


@pytest.mark.parametrize(
    ("written", "value", "spelling"),
    [
        ("2024-02-29", "2024-02-29", None),
        ("2017-02-06+08:00", "2017-02-06", "2017-02-06+08:00"),
        ("2017-02-06Z", "2017-02-06", "2017-02-06Z"),
        ("12024-01-01", None, "12024-01-01"),
        ("2023-02-30", None, "2023-02-30"),
        ("01/02/2024", "01/02/2024", None),
    ],
)
def test_a_date_keeps_its_spelling_and_a_day_beyond_our_calendar_is_a_spelling_only(written, value, spelling):
    (date,) = read(f'<activity-date type="1" iso-date="{written}"/>')["activity_dates"]

    assert date.get("date") == value
    assert date.get("spellings", {}).get("date") == spelling


def test_empty_is_not_absent():
    found = read('<iati-identifier/><participating-org ref="" role="4"><narrative/></participating-org><title/>')

    assert found["iati_identifier"] == ""
    assert found["participating_orgs"] == [{"ref": "", "role": "4", "names": [{"text": ""}]}]
    assert (found["title"], found["other_xml"]) == ([], {"title": ""})


def test_comments_are_nothing_and_the_text_around_them_stays():
    found = read("<title><narrative>be<!-- not -->fore</narrative><!-- nothing --></title>")

    assert found == {"title": [{"text": "before"}]}


def test_texts_keep_their_languages_and_their_order():
    found = read(
        '<title><narrative xml:lang="fr">a</narrative><narrative>b</narrative><narrative xml:lang=""/></title>'
    )

    assert found["title"] == [{"lang": "fr", "text": "a"}, {"text": "b"}, {"lang": "", "text": ""}]


@pytest.mark.parametrize(
    ("inner", "place", "said"),
    [
        ('<title akvo:x="1"><narrative>t</narrative></title>', "title/@akvo:x", "1"),
        (
            '<title><narrative>t</narrative><narrative akvo:x="1">u</narrative></title>',
            "title/narrative[2]/@akvo:x",
            "1",
        ),
        ('<activity-status code="2" akvo:x="1"/>', "activity-status/@akvo:x", "1"),
        ('<akvo:photo url="u"><akvo:by>A &amp; B</akvo:by></akvo:photo>', "*", None),
        ("<title><narrative>t</narrative><x:y/></title>", "title/*", "<x:y/>"),
    ],
)
def test_what_is_foreign_is_kept_at_its_place(inner, place, said):
    kept = read(inner)["other_xml"]

    assert kept == {place: said or '<akvo:photo url="u"><akvo:by>A &amp; B</akvo:by></akvo:photo>'}


def test_what_is_foreign_below_a_fact_is_kept_in_that_fact():
    found = read(
        '<document-link url="u" format="f"><category code="A01"/><category code="A02" x:a="1"/></document-link>'
    )

    assert found["document_links"][0]["categories"] == ["A01", "A02"]
    assert found["document_links"][0]["other_xml"] == {"category[2]/@x:a": "1"}


def test_a_second_postal_address_is_not_a_second_language_of_the_first():
    address = "<mailing-address><narrative>{}</narrative></mailing-address>"
    found = read(f"<contact-info>{address.format('A')}{address.format('B')}</contact-info>")

    assert found["contacts"] == [
        {"mailing_address": [{"text": "A"}], "other_addresses": [{"text": [{"text": "B"}]}]},
    ]


def test_a_prefix_that_stands_for_two_namespaces_is_told_apart():
    element = etree.fromstring('<iati-activity xmlns:a="urn:1" a:x="1"><a:y xmlns:a="urn:2"/></iati-activity>')
    names = Namespaces()

    kept = values_of(Project, element, names)["other_xml"]

    assert kept == {"@a:x": "1", "*": "<a1:y/>"}
    assert names.declared() == {"a": "urn:1", "a1": "urn:2"}


def test_what_iati_does_not_know_is_kept_and_told():
    names = Namespaces()
    element = etree.fromstring('<iati-activity colour="red"><title>Bare</title><invented/></iati-activity>')

    kept = values_of(Project, element, names)["other_xml"]

    assert kept == {"@colour": "red", "title/text()": "Bare", "title": "", "*": "<invented/>"}
    assert names.strange == ["iati-activity/@colour", "title/text()", "invented"]
