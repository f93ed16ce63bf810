import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssc_iati.findings import Finding, Severity
from ssc_iati.read.json_records import JsonRecord, json_document, json_lines


@pytest.fixture
def lines_of(tmp_path):
    def write_and_read(content):
        path = tmp_path / "projects.jsonl"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(json_lines(path, "projects.jsonl"))

    return write_and_read


@pytest.fixture
def document_of(tmp_path):
    def write_and_read(content):
        path = tmp_path / "projects.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(json_document(path, "projects.json"))

    return write_and_read


def brief(items):
    return [(item.rule, item.where.line) if isinstance(item, Finding) else (item.value, item.line) for item in items]


def nested(depth):
    return "[" * depth + "]" * depth


def test_each_line_is_a_record_and_blank_lines_are_none(lines_of):
    assert lines_of('{"a": 1}\n\n  {"a": 2} \r\n') == [JsonRecord(1, {"a": 1}), JsonRecord(3, {"a": 2})]


def test_a_mark_at_the_start_is_no_trouble(lines_of):
    assert brief(lines_of(b'\xef\xbb\xbf{"a": 1}\n')) == [({"a": 1}, 1)]


def test_numbers_keep_their_digits(lines_of):
    ((value, _),) = brief(lines_of('{"a": 100.00, "b": 0.1, "c": 1e3, "d": 7}'))

    assert [str(number) for number in value.values()] == ["100.00", "0.1", "1E+3", "7"]
    assert isinstance(value["a"], Decimal)
    assert type(value["d"]) is int


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('{"a": 1', "ssc-json-line-broken"),
        ('{"a": 1} {"a": 2}', "ssc-json-line-broken"),
        ("{'a': 1}", "ssc-json-line-broken"),
        ('{"a": 1,}', "ssc-json-line-broken"),
        ('{"a": NaN}', "ssc-json-not-a-number"),
        ('{"a": [1, -Infinity]}', "ssc-json-not-a-number"),
        ('{"a": 1e99999999999999999999}', "ssc-json-not-a-number"),
        ('{"a": ' + "9" * 5000 + "}", "ssc-json-not-a-number"),
        ('{"a": {"b": 1, "b": 1}}', "ssc-json-duplicate-key"),
        (nested(101), "ssc-json-too-deep"),
        (nested(100_000), "ssc-json-too-deep"),
        ("[" * 100_000, "ssc-json-too-deep"),
        ('{"a": "' + "x" * 20_000_000 + '"}', "ssc-json-too-long"),
    ],
)
def test_a_line_that_cannot_be_read_is_a_finding_and_the_others_go_on(lines_of, line, rule):
    assert brief(lines_of(f'{{"a": 1}}\n{line}\n{{"a": 3}}\n')) == [({"a": 1}, 1), (rule, 2), ({"a": 3}, 3)]


def test_a_line_in_another_encoding_is_a_finding_and_the_others_go_on(lines_of):
    found = brief(lines_of(b'{"a": 1}\n' + '{"a": "año"}\n'.encode("latin-1") + b'{"a": 3}'))

    assert found == [({"a": 1}, 1), ("ssc-json-encoding", 2), ({"a": 3}, 3)]


def test_a_broken_line_says_from_which_character_on(lines_of):
    (item,) = lines_of('{"a": 1 "b": 2}')

    assert item.values == {"column": "9"}


def test_many_brackets_side_by_side_are_not_deep(lines_of):
    assert brief(lines_of(json.dumps([[]] * 500))) == [([[]] * 500, 1)]
    assert brief(lines_of(nested(100)))[0][1] == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_one_finding(lines_of, document_of, encoding):
    assert brief(lines_of('{"a": 1}\n{"a": 2}\n'.encode(encoding))) == [("ssc-json-utf16", 1)]
    assert brief(document_of('[{"a": 1}]'.encode(encoding))) == [("ssc-json-utf16", 1)]


def test_a_file_without_records_says_so(lines_of, document_of):
    assert [item.rule for item in lines_of("\n \n")] == ["ssc-json-empty"]
    assert [item.rule for item in document_of("  \n")] == ["ssc-json-empty"]
    assert document_of("[]") == []


def test_an_array_gives_its_items_with_their_lines(document_of):
    assert document_of('\n[\n  {"a":\n 1},\n\n  {"a": 2.50}]\n') == [
        JsonRecord(3, {"a": 1}, "projects"),
        JsonRecord(6, {"a": Decimal("2.50")}, "projects"),
    ]


def test_an_object_gives_the_items_of_its_arrays_and_its_other_members(document_of):
    content = (
        '{"publisher": {"name": "X"},\n"organisations": [{"key": "A"}],\n"projects": [{"a": 1},\n{"a": 2}], "none": []}'
    )

    assert document_of(content) == [
        JsonRecord(1, {"name": "X"}, "publisher"),
        JsonRecord(2, {"key": "A"}, "organisations"),
        JsonRecord(3, {"a": 1}, "projects"),
        JsonRecord(4, {"a": 2}, "projects"),
    ]


@pytest.mark.parametrize(
    "content", ['[{"a": 1},\n{"a": 2', '[{"a": 1},\n{"a": "x', '[{"a": 1},\n', '[{"a": 1}\n', '[{"a": 1},\n{']
)
def test_an_array_cut_in_the_middle_ends_in_a_critical_finding(document_of, content):
    first, last = document_of(content)

    assert first == JsonRecord(1, {"a": 1})
    assert (last.rule, last.severity, last.where.line) == ("ssc-json-document-cut", Severity.CRITICAL, 2)


@pytest.mark.parametrize(
    "content",
    ['[{"a": 1},\n{"a" 2}]', '[{"a": 1},\n]', '[{"a": 1}\n{"a": 2}]', '[{"a": 1}]\nx', '{"p": [{"a": 1}],\n7: 1}'],
)
def test_a_broken_document_ends_in_a_critical_finding_at_its_line(document_of, content):
    first, last = document_of(content)

    assert first.value == {"a": 1}
    assert (last.rule, last.severity, last.where.line) == ("ssc-json-document-broken", Severity.CRITICAL, 2)


@pytest.mark.parametrize("content", ["7", '"text"', "null", "key,title\n"])
def test_a_document_that_is_neither_array_nor_object_is_broken(document_of, content):
    assert brief(document_of(content)) == [("ssc-json-document-broken", 1)]


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        ('{"a": NaN}', "ssc-json-not-a-number"),
        ('{"a": 1, "a": 2}', "ssc-json-duplicate-key"),
        (nested(150), "ssc-json-too-deep"),
    ],
)
def test_a_faulty_item_of_an_array_is_a_finding_and_the_others_go_on(document_of, item, rule):
    assert brief(document_of(f'[{{"a": 1}},\n{item},\n{{"a": 3}}]')) == [({"a": 1}, 1), (rule, 2), ({"a": 3}, 3)]


def test_an_item_in_another_encoding_is_a_finding_and_the_others_go_on(document_of):
    found = brief(document_of('[{"a": 1},\n{"a": "año"},\n{"a": 3}]'.encode("latin-1")))

    assert found == [({"a": 1}, 1), ("ssc-json-encoding", 2), ({"a": 3}, 3)]


def test_hopeless_depth_ends_the_document(document_of):
    assert brief(document_of('[{"a": 1},\n' + "[" * 100_000)) == [({"a": 1}, 1), ("ssc-json-document-deep", 2)]


def test_an_item_without_end_is_given_up(document_of):
    found = brief(document_of('[{"a": 1},\n{"a": "' + "x" * 40_000_000))

    assert found == [({"a": 1}, 1), ("ssc-json-document-long", 2)]


def test_a_member_that_stands_twice_is_critical(document_of):
    found = document_of('{"projects": [{"a": 1}],\n"projects": [{"a": 2}]}')

    assert brief(found) == [({"a": 1}, 1), ("ssc-json-document-key", 2)]
    assert found[-1].severity is Severity.CRITICAL


def test_items_larger_than_what_is_held_in_memory_come_whole(document_of):
    items = [{"a": "x" * 700_000, "n": number} for number in range(5)] + [{"a": "y" * 3_000_000}, 12345]

    assert [record.value for record in document_of(json.dumps(items, indent=1))] == items


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


def written(value):
    """JSON of a value in which numbers keep their digits."""
    if isinstance(value, list):
        return "[" + ",\n".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {written(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, Decimal):
        digits = str(value)
        return digits if "." in digits or "E" in digits else digits + ".0"
    return json.dumps(value)


@given(items=st.lists(values, max_size=6))
def test_any_array_comes_back(tmp_path_factory, items):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(written(items), encoding="utf-8")

    assert [record.value for record in json_document(path, "a.json")] == items


def test_a_document_cut_anywhere_never_passes_for_a_whole_one(document_of):
    whole = '{"publisher": {"n": "ñ\\u00f1"}, "projects": [{"a": [1, 2.5e3, true, null]}, -7, "t"]}'
    assert not [item for item in document_of(whole) if isinstance(item, Finding)]

    for length in range(1, len(whole)):
        assert document_of(whole[:length])[-1].rule == "ssc-json-document-cut", whole[:length]
