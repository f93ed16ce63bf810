"""The report in the official validator's shape."""

from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.report.official import Versions, report, said

VERSIONS = Versions("rules", "lists", "registers", "program")


def item(rule, category="identifiers", severity=Severity.ERROR, places=(("/a/b[2]/@ref", 7, 3),), **values):
    first, *others = [Place("a.xml", line=line, character=at, path=path) for path, line, at in places]
    words = "iati:code-unknown" if "codelist" in values else ""
    return Finding(rule, severity, category, first, "A", values, words, tuple(others))


def made(*activities, root="iati-activities"):
    told = [each for identifier, title, nth, items in activities for each in said(items, identifier, title, nth, "en")]
    return report(told, "2.03", root, VERSIONS)


def context(finding):
    (activity,) = made(("A", "T", 1, [finding]))["errors"]
    return activity["errors"][0]["errors"][0]["context"]


def test_a_file_without_findings_is_valid():
    assert made() == {
        "valid": True,
        "fileType": "iati-activities",
        "iatiVersion": "2.03",
        "rulesetCommitSha": "rules",
        "codelistCommitSha": "lists",
        "orgIdPrefixFileName": "registers",
        "apiVersion": "program",
        "summary": {"critical": 0, "error": 0, "warning": 0, "advisory": 0},
        "errors": [],
    }


def test_findings_are_grouped_by_identifier_and_category_in_the_order_of_the_stages():
    advice = item("1000.0.1", severity=Severity.ADVISORY, value="X")
    rule = item("1.3.13", severity=Severity.WARNING, value="A/")
    schema = item("0.3.1", "schema", Severity.CRITICAL, problem="?")
    code = item("9.1.1", "geo", value="ZZ", codelist="Country", attribute="code", element="b")

    found = made(("A", "One", 1, [advice, rule]), ("B", "", 1, [code, schema]))

    assert not found["valid"]
    assert found["summary"] == {"critical": 1, "error": 1, "warning": 1, "advisory": 1}
    assert [(each["identifier"], each["title"]) for each in found["errors"]] == [
        ("B", "No Activity Title Found"),
        ("A", "One"),
    ]
    shape = [
        (each["identifier"], group["category"], [error["id"] for error in group["errors"]])
        for each in found["errors"]
        for group in each["errors"]
    ]
    assert shape == [
        ("B", "schema", ["0.3.1"]),
        ("B", "geo", ["9.1.1"]),
        ("A", "identifiers", ["1.3.13", "1000.0.1"]),
    ]
    (listed,) = found["errors"][0]["errors"][1]["errors"]
    assert listed["codelist"] == "Country"
    assert listed.keys() == {"id", "severity", "message", "context", "codelist"}


def test_names_are_the_official_ones_and_whole_numbers_come_first():
    items = [item("1.3.1", value=" x")]
    names = [
        ("Z", 1),
        ("10", 1),
        ("9", 1),
        ("09", 1),
        ("", 1),
        ("", 2),
        ("Z", 3),
        (None, 1),
        ("4294967295", 1),
        ("٣", 1),
    ]

    found = made(*[(name, "T", nth, items) for name, nth in names])

    assert [each["identifier"] for each in found["errors"]] == [
        "9",
        "10",
        "Z",
        "09",
        "noIdentifier",
        "noIdentifier(2)",
        "Z(3)",
        "file",
        "4294967295",
        "٣",
    ]
    assert found["errors"][7]["title"] == "File level errors"


def test_our_own_checks_are_left_out_but_for_what_keeps_a_file_from_being_judged():
    own, unread = item("ssc-iati-link-no-url", severity=Severity.WARNING, value="x"), item("ssc-xml-unreadable")
    unread = Finding("ssc-xml-unreadable", Severity.CRITICAL, "iati", Place("a.xml"), values={"problem": "?"})

    found = made(("A", "T", 1, [own]), (None, "", 1, [unread]), root=None)

    assert [each["identifier"] for each in found["errors"]] == ["file"]
    assert (found["valid"], found["summary"]["critical"], found["fileType"]) == (False, 1, "")


def test_contexts_say_where_and_what_in_the_official_way():
    code = {"value": "ZZ", "codelist": "Sector", "attribute": "code", "element": "sector"}
    where = [("/a/b[2]/@ref", 7, 3), ("/a/c[1]", 8, 5)]

    assert context(item("9.1.1", **code)) == [
        {"text": '"ZZ" is not a valid value for attribute @code, in element <sector>'}
    ]
    assert context(item("9.1.1", **code, vocabulary="1"))[0]["text"].endswith("<sector> and linked @vocabulary = 1")
    assert context(item("9.40.1", value="x", codelist="C", element="channel-code")) == [
        {"text": '"x" is not a valid value for element <channel-code>'}
    ]
    assert context(item("0.3.1", problem="?", places=[(None, 12, None), (None, 14, None)])) == [
        {"text": "At line: 12"},
        {"text": "At line: 14"},
    ]
    assert context(item("1.3.1", value=" x")) == [{"text": "For /a/b/@ref = ' x' at line: 7, column: 3"}]
    assert context(item("6.9.1", places=where)) == [
        {"text": "For <b> at line: 7, column: 3"},
        {"text": "For <c> at line: 8, column: 5"},
    ]
    assert context(item("8.6.3", start="2", end="1", places=where)) == [
        {"text": "/a/b/@ref = '2' at line: 7, column: 3 is later than /a/c = '1' at line: 8, column: 5"}
    ]
    assert context(item("7.5.3", start="1", end="2", places=where))[0]["text"].startswith("/a/c = '2' at line: 8")
    assert context(item("2.1.2", sum="90", vocabulary="1", places=where)) == [
        {"text": "The sum is 90 for b, c in vocabulary 1"}
    ]
    assert context(item("1.1.2", value="A", element="iati-identifier")) == [
        {"text": "Duplicate found for <iati-identifier> = 'A'"}
    ]
    assert context(item("1000.0.1", value="B", severity=Severity.ADVISORY)) == [
        {"text": "For /a/b/@ref = B at line: 7, column: 3", "lineNumber": 7, "columnNumber": 3}
    ]
