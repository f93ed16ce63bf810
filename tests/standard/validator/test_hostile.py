"""Files that are made to harm: a finding, bounded memory, and the sound activity behind it judged like any."""

import pytest
from benchmarks import hostile

SMALL = {
    "empty": {"0.1.1"},
    "blank": {"0.1.1"},
    "html": {"0.1.1"},
    "xhtml": {"0.2.1"},
    "zip": {"0.1.1"},
    "cut in a tag": {"0.1.1"},
    "cut after an activity": {"0.1.1"},
    "NUL": {"0.1.1"},
    "billion laughs": {"ssc-xml-entities"},
    "entity of a file": {"ssc-xml-entities"},
    "DTD of a server": {"ssc-xml-doctype", "0.3.1", "1.1.21", "6.11.1", "6.2.2"},
    "UTF-16": {"0.3.1", "1.1.21", "6.11.1", "6.2.2"},
    "UTF-16 without mark": {"0.3.1", "1.1.21", "6.11.1", "6.2.2"},
    "UTF-16 declared, UTF-8": {"0.3.1", "1.1.21", "6.11.1", "6.2.2"},
    "Latin-1": {"0.3.1", "1.1.21", "6.11.1", "6.2.2"},
    "Latin-1 declared as UTF-8": {"0.1.1"},
    "no encoding": {"ssc-xml-encoding"},
    "an encoding that compresses": {"ssc-xml-encoding"},
}
# Of these the whole file is refused: it, not one activity, is at fault (or the parser goes no deeper).
REFUSED = {
    "300,000 attributes of the root",
    "300,000 elements deep",
    "100 MB, ill-formed at its end",
    "100 MB behind an empty root",
}
# As large as shows that memory does not follow the size; with what is then found.
HEAVY = {
    "500 MB of text": (0.2, "ssc-xml-activity-too-large"),
    "500 MB of comment": (0.2, "ssc-xml-activity-too-large"),
    "200 MB of blanks": (0.5, "ssc-xml-activity-too-large"),
    "10 million attributes": (0.1, "ssc-xml-activity-too-large"),
    "30,000 activities in one line": (0.2, "0.3.1"),
    "100 MB, ill-formed at its end": (0.05, "0.1.1"),
}


def test_every_small_case_is_expected():
    assert SMALL.keys() == hostile.SMALL.keys()


@pytest.mark.parametrize("name", SMALL)
def test_a_small_file_is_judged_or_refused_with_the_reason(name):
    assert hostile.judge(name, 1)["rules"].keys() == SMALL[name]


@pytest.mark.parametrize("name", hostile.LARGE)
def test_a_file_of_another_size_is_judged_and_the_activity_behind_is_too(name):
    judged = hostile.judge(name, 0.003)
    assert judged["rules"]
    if name not in REFUSED:
        assert {"1.1.21", "6.11.1"} <= judged["rules"].keys()


@pytest.mark.parametrize("name", HEAVY)
def test_memory_does_not_follow_the_size(name):
    scale, rule = HEAVY[name]
    judged = hostile.alone(name, scale)
    assert rule in judged["rules"]
    assert judged["peak"] < 180


def test_nothing_of_an_activity_that_is_too_large_is_said_but_that_and_the_next_is_judged():
    judged = hostile.alone("500 MB of text", 0.1)
    assert judged["rules"]["ssc-xml-activity-too-large"] == 1
    assert judged["activities"] == 1


def test_the_line_of_a_fault_is_told_past_what_a_parser_tells():
    from small_activities import findings

    blocks = hostile.CASES["70,000 lines in an activity"](1)
    found = findings("".join(blocks))
    title = next(each for each in found if each.rule == "4.3.1")
    assert (title.where.line, title.where.character) == (70_003, 1)
    assert {each.where.line for each in found if each.values.get("element") == "foo"} <= {70_005}


def test_a_document_reaches_no_server(monkeypatch):
    import socket

    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a document was obeyed"))
    assert hostile.judge("DTD of a server", 1)["rules"]["ssc-xml-doctype"] == 1
