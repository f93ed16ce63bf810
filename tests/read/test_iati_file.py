"""Files from outside: what is no IATI file is named, what would do harm is refused, and memory stays small."""

import pytest

from ssc_iati.findings import SourceError
from ssc_iati.read.xml_file import XmlFile

START, END = '<iati-activities version="2.03">', "</iati-activities>"


def opened(tmp_path, content):
    path = tmp_path / "a.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return XmlFile(path, "a.xml")


def elements(file):
    return [(line, element.tag, len(element)) for line, element in file.elements()]


def refusal(tmp_path, content):
    with pytest.raises(SourceError) as raised:
        elements(opened(tmp_path, content))
    return raised.value.finding


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    f"{START}<iati-activity><iati-identifier>&b;</iati-identifier></iati-activity>{END}"
)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("", "ssc-source-empty"),
        ("hello", "ssc-xml-broken"),
        (b"\xff\xfe\x00\x01", "ssc-xml-broken"),
        (f"{START}<iati-activity>", "ssc-xml-broken"),
        (f"{START}<iati-activity>&undefined;</iati-activity>{END}", "ssc-xml-broken"),
        (f"{START}{'<a>' * 5000}{'</a>' * 5000}{END}", "ssc-xml-broken"),
        (f"{START}<iati-activity>{'x' * 10_500_000}</iati-activity>{END}", "ssc-xml-broken"),
        (BOMB, "ssc-xml-document-type"),
        (f'<!DOCTYPE x SYSTEM "file:///etc/passwd">{START}{END}', "ssc-xml-document-type"),
        ("<!DOCTYPE html><html></html>", "ssc-source-html"),
        ("%PDF-1.4", "ssc-source-pdf"),
        ('<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "ssc-xml-not-iati"),
        ('<iati-activities version="1.05"/>', "ssc-xml-version"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path, content, rule):
    assert refusal(tmp_path, content).rule == rule


def test_each_activity_comes_with_its_line(tmp_path):
    file = opened(tmp_path, f"{START}\n<iati-activity/>\n\n<iati-activity><title/></iati-activity>{END}")

    assert elements(file) == [(2, "iati-activity", 0), (4, "iati-activity", 1)]


def test_what_belongs_to_the_file_is_kept_apart(tmp_path):
    file = opened(
        tmp_path,
        '<iati-activities version="2.02" generated-datetime="2024-01-01T00:00:00Z" linked-data-default="https://e.org"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="a.xsd">'
        '<iati-activity/><a:last xmlns:a="urn:a">x</a:last></iati-activities>',
    )

    assert elements(file) == [(1, "iati-activity", 0)]
    assert file.root.values == {
        "iati_version": "2.02",
        "iati_file": "activities",
        "generated_datetime": "2024-01-01T00:00:00Z",
        "linked_data_default": "https://e.org",
        "other_xml": {"@xsi:noNamespaceSchemaLocation": "a.xsd", "*": "<a:last>x</a:last>"},
        "namespaces": {"xsi": "http://www.w3.org/2001/XMLSchema-instance", "a": "urn:a"},
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_any_declared_encoding_is_read(tmp_path, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>{START}<iati-activity><a>ñ</a></iati-activity>{END}'
    ((_, element),) = ((line, element) for line, element in opened(tmp_path, text.encode(encoding)).elements())

    assert element.tag == "iati-activity"


def test_an_activity_is_forgotten_when_the_next_one_comes(tmp_path):
    file = opened(tmp_path, f"{START}{'<iati-activity><title/></iati-activity>' * 50}{END}")

    for _, element in file.elements():
        assert [len(each) for each in element.itersiblings(preceding=True)] in ([], [0])


def test_a_text_about_web_pages_makes_no_web_page(tmp_path):
    file = opened(tmp_path, f"{START}<iati-activity><title><![CDATA[<html>]]></title></iati-activity>{END}")

    assert elements(file) == [(1, "iati-activity", 1)]
