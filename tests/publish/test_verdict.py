"""What the validator says of what was written: the last judge before anything is published."""

from datetime import date

import pytest

from ssc_iati.check.places import Draft
from ssc_iati.findings import Place
from ssc_iati.map.activity import Rendered
from ssc_iati.publish.verdict import verdicts
from ssc_iati.publish.work import _say

TODAY = date(2026, 11, 24)


def rendered(identifier="XM-DAC-9-1", start="2026-11-24", country="BO", more="", words="Agua limpia"):
    xml = f"""
  <iati-activity xml:lang="es" default-currency="USD">
    <iati-identifier>{identifier}</iati-identifier>
    <reporting-org ref="XM-DAC-9" type="10"><narrative>Agencia</narrative></reporting-org>
    <title><narrative>Agua</narrative></title>
    <description><narrative>{words}</narrative></description>
    <participating-org role="1" ref="XM-DAC-9" type="10"/>
    <activity-status code="2"/>
    <activity-date type="2" iso-date="{start}"/>
    <recipient-country code="{country}"/>
    <sector code="14030"/>{more}
  </iati-activity>"""
    return Rendered(xml.encode(), None, 0)


def rules(made):
    return [[fault.rule.id for fault in verdict.faults] for verdict in verdicts(made, TODAY)]


def test_what_is_sound_gets_no_word():
    assert verdicts([], TODAY) == []
    assert rules([rendered(), rendered("XM-DAC-9-2")]) == [[], []]
    assert all(not verdict.problems for verdict in verdicts([rendered(), rendered("XM-DAC-9-2")], TODAY))


def test_each_activity_has_its_own_verdict():
    assert rules([rendered(), rendered(country="ZZ"), rendered(start="2026-11-25"), rendered()]) == [
        [],
        ["9.50.1"],
        ["11.1.4"],
        [],
    ]


@pytest.mark.parametrize(
    "words",
    ["", " ", "\n  ", "&#32;", " &#32; ", " " * 1_000, "\n &amp; ", "<![CDATA[ ]]>", " <b/> ", "<b/>", "Agua <b/> "],
)
def test_the_verdict_on_one_alone_is_that_on_one_among_others(words):
    # Among others it is read without the blanks between elements.
    alone, among = verdicts([rendered(words=words)], TODAY), verdicts([rendered(words=words), rendered()], TODAY)
    assert [(each.problems, [fault.rule.id for fault in each.faults]) for each in alone] == [
        (each.problems, [fault.rule.id for fault in each.faults]) for each in among[:1]
    ]


def test_what_happens_today_is_not_in_the_future():
    assert rules([rendered(start="2026-11-24")]) == [[]]


def test_one_that_the_schema_refuses_does_not_spoil_the_others():
    sound, wrong, doubtful = verdicts([rendered(), rendered(more="<wrong/>"), rendered(country="ZZ")], TODAY)
    assert sound.problems == ()
    assert len(wrong.problems) == 1
    assert "wrong" in wrong.problems[0]
    assert [fault.rule.id for fault in doubtful.faults] == ["9.50.1"]


def test_one_that_is_no_xml_does_not_spoil_the_others():
    sound, wrong = verdicts([rendered(), rendered("a & b")], TODAY)
    assert (sound.problems, sound.faults) == ((), ())
    assert len(wrong.problems) == 1


def test_activities_named_elsewhere_are_not_asked_for():
    assert rules([rendered(more='<related-activity ref="XM-DAC-9-77" type="1"/>')]) == [[]]


def test_what_the_checks_of_the_record_said_is_not_said_again():
    draft = Draft(0, Place("projects.jsonl", line=1))
    draft.say("6.11.1", ())
    (verdict,) = verdicts([rendered(start="", country="ZZ", more="<wrong/>")], TODAY)
    _say(verdict, draft)
    _say(verdict, draft)

    assert [found.rule for found in draft.findings].count("9.50.1") == 1
    found = next(each for each in draft.findings if each.rule == "9.50.1")
    assert found.where.file == "projects.jsonl"
    assert found.values == {"element": "recipient-country", "attribute": "code", "value": "ZZ", "codelist": "Country"}
