"""One judge serves many activities, and remembers nothing of any."""

from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from random_activities import document
from small_activities import document as small
from small_activities import findings

from ssc_iati.standard import VERSIONS, codelists
from ssc_iati.standard.validator.conditions import Conditions
from ssc_iati.standard.validator.judge import ITEMS, Judge

NOW = 1_767_225_600_000


def said(faults):
    return [
        (fault.rule.id, [(spot.element.tag, spot.attribute) for spot in fault.spots], dict(fault.values))
        for fault in faults
    ]


@given(st.integers(0, 2**32), st.sampled_from(VERSIONS), st.sampled_from(list(ITEMS.values())))
@settings(max_examples=20, deadline=None)
def test_what_is_found_does_not_depend_on_what_came_before(seed, version, item):
    text = document(Random(seed), version, item, 3)  # noqa: S311 - no secret
    judge = Judge(version, item)
    activities = list(etree.fromstring(text.encode()))
    once = [said(judge.faults(each, NOW)) for each in activities]
    assert [said(judge.faults(each, NOW)) for each in reversed(activities)] == once[::-1]


@given(st.integers(0, 2**32), st.sampled_from(VERSIONS))
@settings(max_examples=20, deadline=None)
def test_every_fault_shows_somewhere_in_its_activity(seed, version):
    for activity in etree.fromstring(document(Random(seed), version, "iati-activity", 2).encode()):  # noqa: S311
        for fault in Judge(version, "iati-activity").faults(activity, NOW):
            assert fault.spots
            for element, attribute in fault.spots:
                assert element is activity or activity in element.iterancestors()
                assert attribute is None or element.get(attribute) is not None


@cache
def judges(version, item, own):
    """The judge, and one that asks every test of every element, whatever the conditions say."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Conditions, "of", lambda *_: "")
        careful = Judge(version, item, own=own)
    return Judge(version, item, own=own), careful


@given(st.integers(0, 2**32), st.sampled_from(VERSIONS), st.sampled_from(list(ITEMS.values())), st.booleans())
@settings(max_examples=100, deadline=None)
def test_the_tests_that_are_due_find_all_that_every_test_would(seed, version, item, own):
    quick, careful = judges(version, item, own)
    for activity in etree.fromstring(document(Random(seed), version, item, 3).encode()):  # noqa: S311 - no secret
        assert said(quick.faults(activity, NOW)) == said(careful.faults(activity, NOW))


def test_a_list_of_codes_is_read_when_a_code_of_it_is_met(monkeypatch):
    read = list[str]()
    members = codelists.members
    monkeypatch.setattr(codelists, "members", lambda name, version: (read.append(name), members(name, version))[1])
    judge = Judge("2.03", "iati-activity", advice=False)
    activity = etree.fromstring('<iati-activity><sector code="11110"/><sector code="nothing"/></iati-activity>')
    assert read == []
    assert said(judge.faults(activity, NOW)) == said(judge.faults(activity, NOW))
    assert set(read) == {"Sector"}


def test_what_was_judged_can_be_let_go():
    judge, activity = Judge("2.03", "iati-activity"), etree.fromstring("<iati-activity><sector/></iati-activity>")
    before = said(judge.faults(activity, NOW))
    judge.forget()
    assert not any(judge._gatherer.found.values())
    assert said(judge.faults(activity, NOW)) == before


@pytest.mark.parametrize("version", VERSIONS)
def test_an_empty_activity_is_borne(version):
    found = said(Judge(version, "iati-activity").faults(etree.fromstring("<iati-activity/>"), NOW))
    assert [rule for rule, _, _ in found] == ["6.11.1", "6.2.2"]
    assert said(Judge(version, "iati-organisation").faults(etree.fromstring("<iati-organisation/>"), NOW)) == []


def test_an_activity_named_elsewhere_in_the_file_needs_no_advice():
    one = '<iati-activity><iati-identifier>{}</iati-identifier><related-activity type="1" ref="{}"/></iati-activity>'
    text = small(one.format("A-1", "B-1"), one.format("B-1", "C-1"), one.format("D-1", ""))
    advice = [(each.identifier, each.values["value"]) for each in findings(text) if each.rule == "1000.0.6"]
    assert advice == [("B-1", "C-1")]
