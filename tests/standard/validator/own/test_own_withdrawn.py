"""Codes that their list has withdrawn."""

import pytest

import iati_files as iati
from ssc_iati.messages import word

RULE = "ssc-iati-code-withdrawn"


def transaction(inner, date="2025-01-01"):
    return (
        f'<transaction><transaction-type code="3"/><transaction-date iso-date="{date}"/>'
        f'<value value-date="{date}">1</value>{inner}</transaction>'
    )


BUDGET = """<budget><period-start iso-date="2012-01-01"/><period-end iso-date="2012-12-31"/>
  <value value-date="2012-01-01" currency="LTL">1</value></budget>"""


def test_a_withdrawn_code_is_told_with_its_successor_at_all_its_places():
    loan = transaction('<finance-type code="410"/>')

    (found,) = iati.findings(RULE, iati.activity(loan, loan))

    assert found.values == {
        "element": "finance-type",
        "attribute": "code",
        "value": "410",
        "codelist": "FinanceType",
        "successor": "421",
    }
    assert len(found.also) == 1
    assert "421" in word(found).message
    assert found.where.path.endswith("/transaction[1]/finance-type/@code")


def test_where_no_successor_is_known_none_is_named():
    (found,) = iati.findings(RULE, iati.activity('<default-flow-type code="35"/>'))

    assert "successor" not in found.values
    assert word(found).message == "35 is a withdrawn code of the list FlowType."


@pytest.mark.parametrize(
    "more",
    [
        transaction('<finance-type code="410"/>', "2015-12-30"),
        BUDGET,
        '<default-flow-type code="35"/><activity-date type="3" iso-date="2015-06-30"/>',
    ],
    ids=["transaction", "value", "activity"],
)
def test_of_what_was_over_when_the_code_still_held_nothing_is_said(more):
    assert not iati.findings(RULE, iati.activity(more))


@pytest.mark.parametrize(
    ("more", "codelist"),
    [
        ('<default-finance-type code="111"/>', "FinanceType"),
        ('<sector vocabulary="1" code="23010"/>', "Sector"),
        ('<sector vocabulary="2" code="230"/>', "SectorCategory"),
        ("<crs-add><channel-code>41109</channel-code></crs-add>", "CRSChannelCode"),
        ('<recipient-country code="AN"/>', "Country"),
    ],
    ids=["plain", "by default", "by vocabulary", "as text", "of an unknown day"],
)
def test_every_sort_of_coded_place_is_looked_at(more, codelist):
    (found,) = iati.findings(RULE, iati.activity(more))

    assert found.values["codelist"] == codelist


def test_a_code_that_never_was_is_the_official_rules():
    rules = iati.rules(iati.activity('<default-flow-type code="3500"/>'))

    assert "9.24.1" in rules
    assert RULE not in rules
