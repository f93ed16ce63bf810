"""References of organisations: a known register, a number that it can have given; not what official rules say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iati_files as iati
from ssc_iati.standard import org_id
from ssc_iati.standard.validator.own import references

PREFIX, SHAPE = "ssc-iati-org-ref-prefix", "ssc-iati-org-ref-shape"


def transaction(inner):
    return (
        '<transaction><transaction-type code="3"/><transaction-date iso-date="2025-01-01"/>'
        f'<value value-date="2025-01-01">1</value>{inner}</transaction>'
    )


def planned(inner):
    return (
        '<planned-disbursement><period-start iso-date="2026-01-01"/><period-end iso-date="2026-03-31"/>'
        f'<value value-date="2026-01-01">1</value>{inner}</planned-disbursement>'
    )


PLACES = {
    "participating-org": '<participating-org role="1" ref="{}"/>',
    "owner-org": '<other-identifier ref="x" type="B1"><owner-org ref="{}"/></other-identifier>',
    "provider-org": transaction('<provider-org ref="{}"/>'),
    "receiver-org": transaction('<receiver-org ref="{}"/>'),
    "planned provider-org": planned('<provider-org ref="{}"/>'),
    "planned receiver-org": planned('<receiver-org ref="{}"/>'),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_reference_of_no_known_register_is_told_at_its_place(place):
    (found,) = iati.findings(PREFIX, iati.activity(PLACES[place].format("ZZ-NONE-1")))

    element = place.rpartition(" ")[2]
    assert found.values == {"element": element, "attribute": "ref", "value": "ZZ-NONE-1"}
    assert found.where.path.endswith(f"/{element}/@ref") or found.where.path.endswith(f"/{element}[2]/@ref")
    assert found.identifier == "XM-DAC-41119-1"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("reference", ["GB-COH-07676886", "XI-IATI-1001", "CL-RUT-61.979.950-K", ""])
def test_a_reference_of_a_register_and_an_empty_one_are_well(place, reference):
    item = iati.activity(PLACES[place].format(reference))

    assert not iati.findings(PREFIX, item)
    assert not iati.findings(SHAPE, item)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "reference",
    ["XM-DAC", "GB-COH-", "GB-COH-0000", "GB-COH-xxxx", "GB-COH-12 34", "GB-COH-1;GB-COH-2", "XM-DAC-UNDP"],
)
def test_what_cannot_be_a_number_of_the_register_is_told(place, reference):
    (found,) = iati.findings(SHAPE, iati.activity(PLACES[place].format(reference)))

    assert found.values["value"] == reference


def test_the_same_reference_is_told_once_with_all_its_places():
    item = iati.activity(PLACES["participating-org"].format("22000"), PLACES["provider-org"].format("22000"))

    (found,) = iati.findings(PREFIX, item)

    assert found.where.path.endswith("/participating-org[2]/@ref")
    assert [each.path.rpartition("[1]/")[2] for each in found.also] == ["transaction/provider-org/@ref"]


def test_what_official_rules_say_of_a_value_is_not_said_again():
    # 1.14.8: the reporter's register; 1.8.1 and 1.8.13: blanks and odd signs in a participant's reference.
    reporter = iati.activity('<reporting-org ref="ZZ-NONE-1" type="40"/>', without="reporting-org")
    blanks = iati.activity(PLACES["participating-org"].format(" GB-COH-1 "))
    signs = iati.activity(PLACES["participating-org"].format("GB-COH-1/2"))

    assert "1.8.1" in iati.rules(blanks)
    assert "1.8.13" in iati.rules(signs)
    assert not {PREFIX, SHAPE} & {*iati.rules(reporter), *iati.rules(blanks), *iati.rules(signs)}


def test_the_references_of_an_organisation_file_are_looked_at():
    budget = """<recipient-org-budget><recipient-org ref="{}"><narrative>A</narrative></recipient-org>
      <period-start iso-date="2026-01-01"/><period-end iso-date="2026-12-31"/>
      <value value-date="2026-01-01">1</value></recipient-org-budget>"""
    own = "<organisation-identifier>{}</organisation-identifier>"

    assert iati.findings(PREFIX, iati.organisation(budget.format("22000")))
    assert iati.findings(SHAPE, iati.organisation(budget.format("GB-COH-1/2")))
    assert iati.findings(PREFIX, iati.organisation(own.format("22000"), without="organisation-identifier"))
    assert not iati.findings(PREFIX, iati.organisation(budget.format("GB-COH-12")))
    assert not iati.findings(SHAPE, iati.organisation(budget.format("GB-COH-12")))


@given(st.text(max_size=30) | st.sampled_from(["XM-DAC", "GB-COH-", "AA-AAA-1"]))
def test_a_reference_is_judged_by_one_of_the_two_rules_at_most(text):
    assert not (references._is_of_none(text) and references._is_odd(text))


@given(st.sampled_from(org_id.for_country("GB")), st.from_regex(r"[1-9][0-9]{0,9}([A-Z][0-9]{1,3})?", fullmatch=True))
def test_any_number_of_digits_and_signs_is_plausible(prefix, number):
    assert not references._is_odd(f"{prefix}-{number}")
