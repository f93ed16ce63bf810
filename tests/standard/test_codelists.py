"""The standard's codelists: complete, fast to ask, and met by people in their own words and language."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssc_iati.standard import codelists
from ssc_iati.text import fold

every_list = pytest.mark.parametrize("list_name", codelists.lists())
TRANSLATED = sorted(codelists._translations())


def test_all_lists_of_the_standard_are_here():
    assert len(codelists.lists()) == 70
    assert {"ActivityStatus", "Country", "Sector", "UNSDG-Targets", "Version"} <= set(codelists.lists())


def test_the_snapshot_names_its_month():
    assert codelists.snapshot_date() == "2026-06"


def test_a_list_that_does_not_exist_is_an_error_of_the_program():
    with pytest.raises(KeyError):
        codelists.has("Colour", "1")
    with pytest.raises(KeyError):
        codelists.has("../codelists/data/Country", "CO")


def test_codes_are_told_from_what_is_none():
    assert codelists.has("Country", "CO")
    assert not codelists.has("Country", "co")
    assert not codelists.has("Country", "Colombia")
    assert codelists.codes("OrganisationRole") == ("1", "2", "3", "4")


def test_a_withdrawn_code_is_known_as_such():
    assert codelists.has("FlowType", "20")
    assert codelists.status("FlowType", "20") == "withdrawn"
    assert codelists.status("FlowType", "30") == "active"
    assert "20" in codelists.codes("FlowType")
    assert "20" not in codelists.codes("FlowType", active=True)


def test_the_day_of_a_withdrawal_is_known_where_the_standard_states_it():
    assert codelists.withdrawn("Sector", "15161") == date(2020, 2, 28)
    assert codelists.withdrawn("Sector", "15151") is None
    assert codelists.status("Country", "AN") == "withdrawn"
    assert codelists.withdrawn("Country", "AN") is None


@pytest.mark.parametrize(
    ("list_name", "code", "successor"),
    [
        ("Sector", "15161", "15151"),
        ("Sector", "11322", "11320"),
        ("Currency", "ZMK", "ZMW"),
        ("FileFormat", "application/vnd.geo+json", "application/geo+json"),
        ("Sector", "23067", None),
        ("Sector", "74010", None),
        ("FlowType", "20", None),
        ("Country", "AN", None),
        ("Sector", "15151", None),
    ],
)
def test_a_withdrawn_code_has_a_successor_only_where_that_is_certain(list_name, code, successor):
    assert codelists.successor(list_name, code) == successor


def test_every_successor_is_in_use_and_every_code_that_has_one_is_not():
    for list_name, known in codelists._successors().items():
        assert {codelists.status(list_name, code) for code in known} == {"withdrawn"}
        assert {codelists.status(list_name, code) for code in known.values()} == {"active"}
        assert [codelists.successor(list_name, code) for code in known] == list(known.values())


def test_a_code_knows_its_category():
    assert codelists.category("Sector", "16040") == "160"
    assert codelists.category("DocumentCategory", "A07") == "A"
    assert codelists.category("ActivityStatus", "1") is None


@pytest.mark.parametrize(
    ("list_name", "code", "language", "name"),
    [
        ("Country", "HT", "en", "Haiti"),
        ("Country", "HT", "es", "Haití"),
        ("Country", "CR", "pt", "Costa Rica"),
        ("Country", "NL", "fr", "Pays-Bas"),
        ("ResultType", "3", "fr", "Impact"),
        ("CollaborationType", "8", "pt", "Bilateral, cooperação trilateral"),
        ("OrganisationType", "24", "fr", "ONG établie dans le pays partenaire"),
        ("OrganisationType", "10", "de", "Government"),
        ("FileFormat", "application/pdf", "es", "application/pdf"),
    ],
)
def test_a_code_has_a_name_in_the_language_else_in_english_else_its_own(list_name, code, language, name):
    assert codelists.name(list_name, code, language) == name


def test_a_code_that_the_list_lacks_has_no_name():
    with pytest.raises(KeyError):
        codelists.name("Country", "QQ", "en")


@pytest.mark.parametrize(
    ("list_name", "text", "code"),
    [
        ("OrganisationType", "10", "10"),
        ("OrganisationType", " 10 ", "10"),
        ("OrganisationType", "10 - Government", "10"),
        ("OrganisationType", "10 – Gobierno", "10"),
        ("OrganisationType", "10: Governo", "10"),
        ("OrganisationType", "gobierno", "10"),
        ("Country", "COLOMBIA", "CO"),
        ("Country", "Países Bajos", "NL"),
        ("Country", "Netherlands", "NL"),
        ("Country", "Bolivia", "BO"),
        ("Country", "Butão", "BT"),
        ("Country", "Benin", "BJ"),
        ("Country", "co", "CO"),
        ("Currency", "usd", "USD"),
        ("CollaborationType", "Cooperação trilateral", "8"),
        ("TransactionType", "Desembolso", "3"),
        ("UNSDG-Goals", "ODS 17", "17"),
        ("FileFormat", "application/pdf", "application/pdf"),
        ("FlowType", "OOF", "20"),
        ("ConditionType", "Fiduciaria", "3"),
        ("GeographicLocationReach", "Pessoas beneficiárias previstas", "2"),
        ("BudgetIdentifier", "Agricultura: riego", "3.3.2"),
    ],
)
def test_words_that_people_use_lead_to_the_code(list_name, text, code):
    assert codelists.lookup(list_name, text) == code


@pytest.mark.parametrize(
    ("list_name", "text"),
    [
        ("Country", "Atlantis"),
        ("Country", ""),
        ("OrganisationType", "11 - "),
        ("OrganisationType", "99 - Government"),
        ("TransactionType", "Compromiso"),
        ("Sector", "Desarrollo rural"),
        ("Country", "Corea"),
    ],
)
def test_what_names_no_code_or_may_name_two_leads_to_none(list_name, text):
    found = codelists.lookup(list_name, text)
    assert found is None or text.startswith(found)


def test_a_name_of_two_codes_in_use_is_not_decided_by_us():
    shared = [
        (name, text) for name in codelists.lists() for text, of in codelists._by_name(name).items() if len(of) > 1
    ]
    assert shared
    assert all(codelists.lookup(name, text) in (None, text) for name, text in shared)


@every_list
def test_every_code_is_found_by_itself(list_name):
    assert [code for code in codelists.codes(list_name) if codelists.lookup(list_name, code) != code] == []


@pytest.mark.parametrize("list_name", TRANSLATED)
def test_our_names_stand_for_codes_that_exist(list_name):
    assert [code for code in codelists._translations()[list_name] if not codelists.has(list_name, code)] == []


@pytest.mark.parametrize("list_name", TRANSLATED)
def test_our_names_lead_to_one_code_unless_the_standard_itself_names_two_alike(list_name):
    for code in codelists.codes(list_name, active=True):
        ours = codelists._translated(list_name, code)
        for text in (ours["es"], ours["pt"], *ours.get("also", ())):
            bearers = codelists._by_name(list_name)[fold(text)]
            assert code in bearers
            assert len({codelists.name(list_name, bearer, "en") for bearer in bearers}) == 1


# The lists of which every code, withdrawn ones too, has a name in Spanish, Portuguese and French. Left out are lists
# of what no language changes (file formats, identifiers of organisations), and lists too long to be met by name.
NAMED = sorted(
    set(codelists.lists())
    - {"CRSChannelCode", "FileFormat", "IATIOrganisationIdentifier", "LocationType", "OrganisationIdentifier"}
    - {"OrganisationRegistrationAgency", "UNSDG-Targets", "Version"}
)


def test_the_lists_that_people_meet_are_named():
    assert TRANSLATED == NAMED


@pytest.mark.parametrize("list_name", NAMED)
def test_every_code_has_a_name_in_four_languages(list_name):
    for code in codelists.codes(list_name):
        ours, official = codelists._translated(list_name, code), codelists._items(list_name)[code]
        assert ours["es"] == ours["es"].strip() != ""
        assert ours["pt"] == ours["pt"].strip() != ""
        assert ours.get("fr") or official.get("fr")


def test_a_name_that_a_withdrawn_code_shares_leads_to_the_code_in_use():
    assert codelists.name("Sector", "23067", "es") == "Energía solar"
    assert codelists.name("Sector", "15162", "es") == codelists.name("Sector", "15160", "es") == "Derechos humanos"
    assert codelists.lookup("Sector", "Derechos humanos") == "15160"
    assert codelists.lookup("Sector", "11321 - Educación secundaria baja") == "11321"


def test_a_code_near_the_text_is_suggested():
    assert codelists.suggest("Country", "Colmbia") == "CO"
    assert codelists.suggest("Country", "Hondurras") == "HN"
    assert codelists.suggest("AidType", "C1") == "C01"
    assert codelists.suggest("OrganisationRole", "zzzzzz") is None


@given(st.text(), st.sampled_from(["Country", "AidType", "OrganisationType", "Region"]))
def test_any_text_is_looked_up_without_failing(text, list_name):
    assert codelists.lookup(list_name, text) in (None, *codelists.codes(list_name))
    assert codelists.suggest(list_name, text) in (None, *codelists.codes(list_name))


def test_only_what_the_standard_embeds_differs_by_version():
    differing = {name for name in codelists.lists() if codelists.members(name, "2.01") != codelists.members(name)}
    assert differing == {"TransactionType", "BudgetStatus"}


@pytest.mark.parametrize(
    ("list_name", "version", "absent"),
    [
        ("TransactionType", "2.01", {"11", "12", "13"}),
        ("TransactionType", "2.02", {"12", "13"}),
        ("TransactionType", "2.03", set()),
        ("BudgetStatus", "2.01", {"1", "2"}),
        ("BudgetStatus", "2.02", set()),
    ],
)
def test_a_version_lacks_the_codes_that_came_later(list_name, version, absent):
    assert set(codelists.codes(list_name)) - codelists.members(list_name, version) == absent


def test_the_members_of_a_list_include_withdrawn_codes():
    assert "20" in codelists.members("FlowType")


def test_a_list_or_a_version_that_is_none_has_no_members():
    for question in (("Colour", "2.03"), ("Country", "1.05"), ("mapping", "2.03")):
        with pytest.raises(KeyError):
            codelists.members(*question)
    with pytest.raises(KeyError):
        codelists.mappings("2.04")


@pytest.mark.parametrize(("version", "number"), [("2.01", 81), ("2.02", 98), ("2.03", 124)])
def test_every_place_of_a_file_has_a_list_that_exists(version, number):
    places = codelists.mappings(version)
    assert len(places) == len(set(places)) == number
    assert {place.codelist for place in places} <= set(codelists.lists())
    assert all(codelists.members(place.codelist, version) for place in places)


@pytest.mark.parametrize(
    ("version", "held"),
    [
        ("2.02", {"AidType": None}),
        (
            "2.03",
            {
                "AidType": "@vocabulary = '1' or not(@vocabulary)",
                "EarmarkingCategory": "@vocabulary = '2'",
                "CashandVoucherModalities": "@vocabulary = '4'",
            },
        ),
    ],
)
def test_a_place_says_on_what_condition_its_lists_hold(version, held):
    places = codelists.mappings(version)
    aid = [place for place in places if place.path == "//iati-activity/default-aid-type/@code"]
    assert {place.codelist: place.condition for place in aid} == held
