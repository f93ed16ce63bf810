"""Which rules are asked for."""

import pytest

from ssc_iati.standard.validator.select import matches_any, official_rules, selection

OWN = ["ssc-iati-link-no-url", "ssc-xml-encoding"]
RULES = ["0.1.1", "0.3.1", "6.11.1", "9.9.1", "9.76.1", "19.1.1", "1000.0.1", *OWN]


@pytest.mark.parametrize(
    ("asked", "left_out"),
    [
        ("", []),
        (" , ", []),
        ("9.*", ["0.3.1", "6.11.1", "19.1.1", "1000.0.1", "ssc-iati-link-no-url"]),
        ("9.76.1, 6.11.1", ["0.3.1", "9.9.1", "19.1.1", "1000.0.1", "ssc-iati-link-no-url"]),
        ("official", ["ssc-iati-link-no-url"]),
        ("official,!9.*", ["9.9.1", "9.76.1", "ssc-iati-link-no-url"]),
        ("-official", ["0.1.1", "0.3.1", "6.11.1", "9.9.1", "9.76.1", "19.1.1", "1000.0.1"]),
        ("!ssc-*", ["ssc-iati-link-no-url", "ssc-xml-encoding"]),
        ("ssc-*,! ssc-iati-*", ["0.3.1", "6.11.1", "9.9.1", "9.76.1", "19.1.1", "1000.0.1", "ssc-iati-link-no-url"]),
        ("!0.1.1", ["0.1.1"]),
    ],
)
def test_patterns_choose_rules_and_what_keeps_a_file_from_being_judged_stays(asked, left_out):
    found = selection(asked)

    assert [rule for rule in RULES if not found.has(rule)] == left_out


def test_the_official_rules_are_those_that_can_be_found():
    found = official_rules()

    assert {"0.1.1", "0.3.1", "1.1.2", "6.11.1", "9.76.1", "9.14.1", "12.1.2", "1000.0.6"} <= found
    assert not [rule for rule in found if rule.startswith("ssc-")]
    assert matches_any("9.7?.1", found)
    assert not matches_any("9.76", found)
