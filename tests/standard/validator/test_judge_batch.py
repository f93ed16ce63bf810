"""A batch is whole activities or is refused; what is said of each is said with its place, and bounded."""

import pickle

import pytest
from small_activities import document, findings

from ssc_iati.standard.validator import batch as batches
from ssc_iati.standard.validator.batch import LONGEST, NESTED, IllFormedError, Sort, judge_batch, parsed, short
from ssc_iati.standard.validator.split import Batch, Splitter, head


def cut(text):
    data = text.encode()
    top = head(data)
    sort = Sort("f.xml", "2.03", "iati-activities", top.tag, top.end, 0)
    parts = list(Splitter(iter([data[top.length :]]), b"iati-activity", top).parts())
    return next(part for part in parts if isinstance(part, Batch)), sort


def test_each_activity_is_noted_with_its_number_its_names_and_its_line():
    one = (
        "\n<iati-activity><iati-identifier>A-{0}</iati-identifier>"
        "<title><narrative>T {0}</narrative></title></iati-activity>"
    )
    first, second = judge_batch(*cut(document(one.format(1), one.format(2))))
    assert [(each.number, each.title, each.identifiers, each.line) for each in (first, second)] == [
        (0, "T 1", ("A-1",), 2),
        (1, "T 2", ("A-2",), 3),
    ]
    assert first.notes
    assert all(
        place[2].startswith("/iati-activities/iati-activity[1]") for note in first.notes for place in note.places
    )


@pytest.mark.parametrize(
    "items",
    [
        "<x><iati-activity/></x><iati-activity/>",
        '<x xmlns="urn:x"><iati-activity/></x><iati-activity/>',
        '<iati-activity xmlns="urn:x"/>',
    ],
)
def test_a_batch_with_activities_elsewhere_than_in_the_root_is_refused(items):
    with pytest.raises(IllFormedError, match=NESTED):
        judge_batch(*cut(document(items)))


def test_what_is_not_well_formed_is_refused_with_its_line_in_the_file():
    with pytest.raises(IllFormedError) as caught:
        judge_batch(*cut(document("\n\n<iati-activity>\n</x></iati-activity>")))
    assert caught.value.line == 4
    assert "line" not in caught.value.problem.rpartition(":")[2].replace("iati-activity line 3", "")
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - from one process to another
    assert (again.problem, again.line) == (caught.value.problem, caught.value.line)


def test_a_prefix_that_nothing_declares_is_the_schemas_business():
    (one,) = judge_batch(*cut(document("<iati-activity><x:y/></iati-activity>")))
    assert "0.3.1" in {note.rule for note in one.notes}


@pytest.mark.parametrize("entity", ["&nbsp;", "&x;", "&#0;", "&#xD800;"])
def test_an_entity_that_nothing_declares_is_ill_formed(entity):
    with pytest.raises(IllFormedError):
        parsed(f"<a>{entity}</a>".encode(), 1)


def test_equal_messages_of_the_schema_are_one_finding_with_several_places():
    wrong = "<title/>" * 3
    found = findings(document(f"<iati-activity><transaction>{wrong}</transaction></iati-activity>"))
    schema = [each for each in found if each.rule == "0.3.1"]
    assert len({each.values["problem"] for each in schema}) == len(schema)


def test_a_fault_of_what_stands_before_an_activity_is_said_of_it():
    text = document("<iati-activity/>", "\n<odd/>\n", "<iati-activity/>")
    said = [each for each in findings(text) if each.rule == "0.3.1" and each.values["element"] == "odd"]
    assert [(each.where.line, each.identifier) for each in said] == [(2, "")]


def test_a_fault_of_the_root_is_said_and_a_sound_activity_has_no_other():
    text = document("<iati-activity/>").replace('version="2.03"', 'version="2.03" odd="1"')
    assert any(each.values.get("attribute") == "odd" for each in findings(text))


def test_of_very_many_faults_of_one_rule_some_are_said_and_that_there_are_more(monkeypatch):
    monkeypatch.setattr(batches, "MOST_OF_A_RULE", 3)
    text = document("<iati-activity/>", "<iati-activity>" + '<sector code="x"/>' * 10 + "</iati-activity>")
    found = [each for each in findings(text) if each.where.path and "[2]" in each.where.path]
    codes = [each for each in found if each.rule == "9.78.1" or each.values.get("codelist") == "Sector"]
    (more,) = [each for each in found if each.rule == "ssc-xml-more-findings"]
    assert len(codes) == 3
    assert more.values["count"] == "7"
    assert more.where.path == "/iati-activities/iati-activity[2]"


def test_of_very_many_places_the_first_are_said():
    text = document("<iati-activity>" + '<sector vocabulary="2"/>' * 300 + "</iati-activity>")
    found = next(each for each in findings(text) if each.rule == "2.1.1")
    assert 1 + len(found.also) == batches.MOST_PLACES
    assert found.values["total"] == "300"


def test_a_very_long_text_is_kept_by_its_beginning_and_a_digest_of_all():
    long = "x" * LONGEST
    assert short(long) == long
    assert short(long + "a") != short(long + "b")
    assert len(short("x" * 10_000_000)) < LONGEST + 30


def test_no_value_of_a_finding_is_longer_than_that():
    long = "y" * 1_000_000
    item = (
        f"<iati-activity><iati-identifier>{long}</iati-identifier><title><narrative>{long}</narrative></title>"
        f'<sector code="{long}" percentage="{long}"/><activity-date type="1" iso-date="{long}"/></iati-activity>'
    )
    found = findings(document(item, item))
    assert {"0.3.1", "1.1.2", "12.3.1"} < {each.rule for each in found}
    assert max(len(value) for each in found for value in each.values.values()) < 2 * LONGEST
    assert max(len(each.identifier or "") for each in found) < 2 * LONGEST
