import openpyxl
import pytest

from ssc_iati.findings import SourceError
from ssc_iati.read.source import sniff


def refusal(path):
    with pytest.raises(SourceError) as raised:
        sniff(path)
    return raised.value.finding


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.json", b"[]", "json"),
        ("a.json", b'\xef\xbb\xbf\n [{"a": 1}]', "json"),
        ("a.json", b'{"projects": []}', "json"),
        ("a.json", b'{\n"projects": []\n}\n', "json"),
        ("a.json", b'{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("a.JSONL", b'{"a": 1}\n', "jsonl"),
        ("a.ndjson", b'{"a": 1}\n', "jsonl"),
        ("a.jsonl", b'[{"a": 1},\n{"a": 2}]', "json"),
        ("export", b'{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("a.json", '[{"a": 1}]'.encode("utf-16"), "json"),
    ],
)
def test_json_is_told_by_its_content_first(tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)

    assert sniff(tmp_path / name) == kind


@pytest.mark.parametrize("name", ["book.xlsx", "book.xls", "book", "book.zip"])
def test_a_workbook_is_told_under_any_name(tmp_path, name):
    openpyxl.Workbook().save(tmp_path / name)

    assert sniff(tmp_path / name) == "workbook"


def test_a_folder_with_a_table_is_a_source(tmp_path):
    (tmp_path / "projects.CSV").write_text("key\n")

    assert sniff(tmp_path) == "csv-folder"


def test_a_folder_without_a_table_is_none(tmp_path):
    (tmp_path / "readme.txt").write_text("nothing")

    assert refusal(tmp_path).rule == "ssc-source-folder-empty"


def test_a_single_table_points_to_its_folder(tmp_path):
    (tmp_path / "projects.csv").write_text("key\n")

    item = refusal(tmp_path / "projects.csv")

    assert (item.rule, item.values["folder"]) == ("ssc-source-single-csv", str(tmp_path))


def test_a_missing_path_is_named_as_it_was_given(tmp_path):
    with pytest.raises(SourceError) as raised:
        sniff(tmp_path / "nowhere.xlsx", "nowhere.xlsx")

    assert raised.value.finding.rule == "ssc-source-missing"
    assert raised.value.finding.where.file == "nowhere.xlsx"


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.json", b"", "ssc-source-empty"),
        ("a.csv", b"", "ssc-source-empty"),
        ("a.xlsx", b"%PDF-1.4", "ssc-source-pdf"),
        ("a.json", b"%PDF-1.4", "ssc-source-pdf"),
        ("a.xls", b"<table><tr><td>1</td></tr></table>", "ssc-source-html"),
        ("a.xml", b'<?xml version="1.0"?><iati-activities/>', "ssc-source-xml"),
        ("a.xlsx", b"key,title\n", "ssc-source-unknown"),
        ("a.txt", b"key,title\n", "ssc-source-unknown"),
        ("a.xls", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(100), "ssc-workbook-old-xls"),
        ("a.doc", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(100), "ssc-workbook-old-xls"),
    ],
)
def test_what_is_no_source_is_named(tmp_path, name, content, rule):
    (tmp_path / name).write_bytes(content)

    assert refusal(tmp_path / name).rule == rule
