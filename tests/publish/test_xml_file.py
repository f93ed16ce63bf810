"""The file around its activities: its date-times stand apart from what is hashed."""

import re
from io import BytesIO

import pytest
from lxml import etree

from ssc_iati.publish.xml_file import ActivitiesFile, head_of, size_of

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


def test_a_file_can_be_made_again_with_the_head_that_it_had():
    first, again = BytesIO(), BytesIO()

    for out in (ActivitiesFile(first, STAMP), ActivitiesFile(again, head=head_of(STAMP))):
        out.add(ACTIVITY, STAMP)
        out.close()

    assert root(first).get("generated-datetime") == STAMP
    assert again.getvalue() == first.getvalue()


def test_the_size_of_an_activity_in_a_file_is_known_before_it_is_written():
    file = BytesIO()
    out = ActivitiesFile(file, STAMP)
    before = file.tell()

    out.add(ACTIVITY, STAMP)

    assert file.tell() - before == size_of(len(ACTIVITY), STAMP)


@pytest.mark.parametrize("generated", [None, STAMP])
def test_what_stands_before_the_root_is_what_the_platform_recognises(generated):
    recognised = re.compile(r"^(<\?xml[^>]*>)?\s*(<!--[^>]*-->)?\s*<iati-(activities|organisations)")

    assert recognised.match(head_of(generated).decode().replace("\n", "")[:6000])


def test_a_date_time_cannot_break_out_of_its_attribute():
    file = BytesIO()
    out = ActivitiesFile(file, 'a"b<c>&d')

    out.add(ACTIVITY, 'x" y="z')
    out.close()

    assert root(file).get("generated-datetime") == 'a"b<c>&d'
    assert dict(root(file)[0].attrib) == {"last-updated-datetime": 'x" y="z'}
