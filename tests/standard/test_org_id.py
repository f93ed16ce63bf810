"""Organisation identifiers: the register they begin with, what is wrong with their shape, what was probably meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssc_iati.standard import codelists, org_id

REGISTERS = org_id.codes()
PROBLEMS = (None, "spaces", "symbol", "no-prefix", "unknown-prefix", "no-number")

numbers = st.text("0123456789ABCabc.-_", min_size=1)


@pytest.mark.parametrize(
    ("identifier", "prefix"),
    [
        ("CO-RUE-900123456", "CO-RUE"),
        ("XM-DAC-7", "XM-DAC"),
        ("XM-DAC-41114-COL", "XM-DAC"),
        ("XI-IATI-IADB", "XI-IATI"),
        ("CN-11-CR-5501", "CN-11-CR"),
        ("CA_ON-ONT-123", "CA_ON-ONT"),
        ("co-rue-900123456", None),
        ("CO-RUE", None),
        ("SERVIVIENDA", None),
        ("", None),
    ],
)
def test_an_identifier_begins_with_the_longest_register_that_fits(identifier, prefix):
    assert org_id.prefix_of(identifier) == prefix


@pytest.mark.parametrize(
    ("identifier", "problem"),
    [
        ("CO-RUE-900123456", None),
        ("XM-DAC-7", None),
        ("XI-IATI-EC_DEVCO", None),
        ("BR-CNPJ-12.345.678", None),
        (" CO-RUE-1", "spaces"),
        ("CO-RUE-1\n", "spaces"),
        ("CO-RUE- 1", "spaces"),
        ("BR-CNPJ-12.345/0001", "symbol"),
        ("CO-RUE-1?", "symbol"),
        ("A&B", "symbol"),
        ("CO|RUE", "symbol"),
        ("SERVIVIENDA", "no-prefix"),
        ("46002", "no-prefix"),
        ("", "no-prefix"),
        ("CO-890900", "no-prefix"),
        ("co-rue-1", "unknown-prefix"),
        ("ZZ-QQQ-1", "unknown-prefix"),
        ("UK-CHC-202918", "unknown-prefix"),
        ("CO-RUE", "no-number"),
        ("CO-RUE-", "no-number"),
        ("XM-DAC-", "no-number"),
    ],
)
def test_each_way_of_being_wrong_has_its_name(identifier, problem):
    assert org_id.shape_problem(identifier) == problem


@pytest.mark.parametrize(
    ("identifier", "prefix"),
    [
        ("co-rue-900", "CO-RUE"),
        ("CORUE-900", "CO-RUE"),
        ("CO-RUE900", "CO-RUE"),
        ("CO RUE 900", "CO-RUE"),
        ("CO_RUE_900", "CO-RUE"),
        ("CO-RUES-900", "CO-RUE"),
        ("xmdac-7", "XM-DAC"),
        ("xi-iati-iadb", "XI-IATI"),
        (" CO-RUE-1", "CO-RUE"),
        ("cocoa growers", None),
        ("SERVIVIENDA", None),
        ("", None),
    ],
)
def test_the_register_that_was_meant_is_suggested(identifier, prefix):
    assert org_id.suggest_prefix(identifier) == prefix


@given(st.sampled_from(REGISTERS), numbers)
def test_every_register_and_a_number_make_a_good_identifier(register, number):
    assert org_id.shape_problem(f"{register}-{number}") is None
    assert org_id.prefix_of(f"{register}-{number}").startswith(register)


@given(st.sampled_from(REGISTERS), st.integers(0, 10**9))
def test_the_right_register_is_suggested_whatever_the_case(register, number):
    assert org_id.suggest_prefix(f"{register}-{number}".lower()) == register


@given(st.text())
def test_any_text_is_judged_without_failing(text):
    problem = org_id.shape_problem(text)
    assert problem in PROBLEMS
    assert (problem is not None) or org_id.prefix_of(text) is not None
    assert org_id.suggest_prefix(text) in (None, *REGISTERS)


def test_the_registers_of_a_country_are_given_confirmed_ones_first():
    assert {"CO-RUE", "CO-CCB", "CO-NIT", "CO-COA"} <= set(org_id.for_country("CO"))
    assert org_id.for_country("BJ") == ("BJ-COA", "BJ-IFU", "BJ-CR")
    assert [org_id.confirmed(code) for code in org_id.for_country("BJ")] == [True, True, False]
    assert org_id.for_country("??") == ()


def test_a_register_that_is_advised_against_is_known_but_not_offered():
    assert org_id.known("XI-GRID")
    assert org_id.deprecated("XI-GRID")
    assert "XI-GRID" not in org_id.for_country("XI")


def test_a_register_that_nobody_knows_is_neither_confirmed_nor_deprecated():
    assert (org_id.known("ZZ-QQQ"), org_id.confirmed("ZZ-QQQ"), org_id.deprecated("ZZ-QQQ")) == (False, False, False)


def test_registers_have_names():
    assert org_id.name("XM-DAC") == "OECD Development Assistance Committee"
    assert all(org_id.name(code) for code in REGISTERS)


def test_the_identifiers_that_iati_itself_gives_out_are_well_formed():
    given_out = codelists.codes("IATIOrganisationIdentifier")
    assert [code for code in given_out if org_id.shape_problem(code) or org_id.prefix_of(code) != "XI-IATI"] == []


def test_every_agency_that_iati_lists_is_a_known_register():
    assert [code for code in codelists.codes("OrganisationRegistrationAgency") if not org_id.known(code)] == []
