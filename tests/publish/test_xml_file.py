"""The file around its activities: its date-times stand apart from what is hashed."""

from io import BytesIO

from lxml import etree

from ssc_iati.publish.xml_file import ActivitiesFile

ACTIVITY = b"<iati-activity>\n    <title/>\n  </iati-activity>"
STAMP = "2026-01-31T12:00:00Z"


def root(file):
    return etree.fromstring(file.getvalue())


def test_a_file_holds_its_activities_in_order():
    file = BytesIO()
    out = ActivitiesFile(file)

    out.add(ACTIVITY, None)
    out.add(ACTIVITY.replace(b"title", b"sector"), STAMP)
    out.close()

    assert out.activities == 2
    assert root(file).attrib == {"version": "2.03"}
    assert [each[0].tag for each in root(file)] == ["title", "sector"]
    assert [each.get("last-updated-datetime") for each in root(file)] == [None, STAMP]


def test_the_declaration_says_utf_8_and_the_file_ends_with_a_line():
    file = BytesIO()
    out = ActivitiesFile(file)
    out.add("<iati-activity>ñ</iati-activity>".encode(), None)

    out.close()

    assert file.getvalue().startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03"')
    assert file.getvalue().endswith(b"</iati-activities>\n")
    assert "ñ".encode() in file.getvalue()


def test_the_date_time_may_be_settled_when_all_is_known():
    early, late = BytesIO(), BytesIO()

    for file, out in ((early, ActivitiesFile(early, STAMP)), (late, ActivitiesFile(late, settle_later=True))):
        out.add(ACTIVITY, STAMP)
        out.close(STAMP if file is late else None)

    assert root(late).get("generated-datetime") == STAMP
    assert late.getvalue() == early.getvalue()


def test_a_date_time_cannot_break_out_of_its_attribute():
    file = BytesIO()
    out = ActivitiesFile(file, 'a"b<c>&d')

    out.add(ACTIVITY, 'x" y="z')
    out.close()

    assert root(file).get("generated-datetime") == 'a"b<c>&d'
    assert dict(root(file)[0].attrib) == {"last-updated-datetime": 'x" y="z'}
