"""Codes: exact, withdrawn ones included, free where a vocabulary has no list of ours."""

import pytest
from small_activities import broken, document, findings

F, T = False, True


@pytest.mark.parametrize(
    ("rule", "content", "wanted"),
    [
        ("9.5.1", '<activity-status code="2"/>', F),
        ("9.5.1", '<activity-status code="7"/>', T),
        ("9.5.1", '<activity-status code=""/>', T),  # 91
        ("9.5.1", '<activity-status code=" 2"/>', T),  # 91b
        ("9.5.1", "<activity-status/>", F),  # 91d
        ("9.50.1", '<recipient-country code="bo"/>', T),  # 91c
        ("9.50.1", '<recipient-country code="AN"/>', F),  # 91e: withdrawn
        ("9.47.1", '<policy-marker code="99" significance="1"/>', T),
        ("9.47.1", '<policy-marker vocabulary="" code="99" significance="1"/>', T),  # 50p: by default
        ("9.49.1", '<policy-marker vocabulary="" code="1" significance="1"/>', T),
        ("9.47.1", '<policy-marker vocabulary="99" code="99" significance="1"/>', F),  # 92
        ("9.47.1", '<policy-marker vocabulary="xx" code="99" significance="1"/>', F),  # 50u
        ("9.129.1", '<sector vocabulary="7" code="99"/>', T),
        ("9.129.1", '<sector vocabulary="7" code="1"/>', F),
        ("9.130.1", '<sector vocabulary="8" code="1.99"/>', T),
        ("9.16.1", "<crs-add><channel-code>21000</channel-code></crs-add>", F),
        ("9.16.1", "<crs-add><channel-code> 21000</channel-code></crs-add>", T),  # 90
        ("9.16.1", "<crs-add><channel-code/></crs-add>", T),
        ("9.125.1", '<tag vocabulary="2" code="99"/>', T),
        ("9.125.1", '<tag code="99"/>', F),  # no default
    ],
)
def test_of_an_activity(rule, content, wanted):
    assert (rule in broken(content)) is wanted


@pytest.mark.parametrize(
    ("rule", "content", "version", "wanted"),
    [
        ("9.14.1", '<country-budget-items vocabulary="1"><budget-item code="x"/></country-budget-items>', "2.02", T),
        (
            "9.14.1",
            '<country-budget-items vocabulary="1"><budget-item code="1.1.1"/></country-budget-items>',
            "2.02",
            F,
        ),
        ("9.14.1", '<country-budget-items vocabulary="2"><budget-item code="x"/></country-budget-items>', "2.02", F),
        ("9.14.1", '<country-budget-items vocabulary="1"><budget-item/></country-budget-items>', "2.02", F),  # 83e
        ("9.14.1", '<country-budget-items vocabulary="1"><budget-item code="x"/></country-budget-items>', "2.03", F),
        ("9.21.1", '<default-aid-type vocabulary="2" code="x"/>', "2.02", T),
        ("9.21.1", '<default-aid-type vocabulary="2" code="x"/>', "2.03", F),
        ("9.7.1", '<budget status="9"/>', "2.01", F),
        ("9.7.1", '<budget status="9"/>', "2.02", T),
    ],
)
def test_of_a_version(rule, content, version, wanted):
    assert (rule in broken(content, version)) is wanted


def test_transaction_types_are_those_of_the_version():
    for version, known in (("2.01", 9), ("2.02", 11), ("2.03", 13)):
        for code in ("9", "11", "13"):
            content = f'<transaction><transaction-type code="{code}"/></transaction>'
            rules = broken(content, version)
            assert ("9.93.1" in rules) == (int(code) > known), (version, code)


def test_a_finding_says_the_value_the_list_and_the_vocabulary_and_shows_the_attribute():
    text = document('<iati-activity>\n<policy-marker code="xx"/></iati-activity>')
    found = next(each for each in findings(text) if each.rule == "9.47.1")
    assert found.values["value"] == "xx"
    assert found.values["codelist"] == "PolicyMarker"
    assert found.values["vocabulary"] == "1"
    assert (found.where.line, found.where.character) == (2, 21)
    assert found.where.path == "/iati-activities/iati-activity[1]/policy-marker/@code"
