"""The record's own lists: complete in four languages, and every spelling leads to one code."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssc_iati.record import terms
from ssc_iati.text import fold

every_code = pytest.mark.parametrize(
    ("list_name", "code"), [(name, code) for name in terms.LISTS for code in terms.codes(name)]
)
every_list = pytest.mark.parametrize("list_name", terms.LISTS)
spelt = st.sampled_from(
    [(name, code, text) for name in terms.LISTS for code in terms.codes(name) for text in terms.spellings(name, code)]
)


def test_the_named_lists_are_those_of_the_file():
    assert tuple(terms._codes()) == terms.LISTS


@every_code
def test_every_code_has_a_label_in_each_language(list_name, code):
    for language in terms.LANGUAGES:
        assert terms.label(list_name, code, language).strip() == terms.label(list_name, code, language) != ""


@every_list
def test_no_spelling_leads_to_two_codes(list_name):
    pairs = {(fold(text), code) for code in terms.codes(list_name) for text in terms.spellings(list_name, code)}
    twice = [spelling for spelling, times in Counter(spelling for spelling, _ in pairs).items() if times > 1]
    assert not twice


@every_list
def test_no_spelling_folds_to_nothing(list_name):
    spelt_as = [text for code in terms.codes(list_name) for text in terms.spellings(list_name, code)]
    assert [text for text in spelt_as if not fold(text)] == []


@given(spelt)
def test_every_spelling_is_found_in_any_case(entry):
    list_name, code, text = entry
    assert terms.lookup(list_name, f"  {text.upper()} ") == code


@pytest.mark.parametrize(
    ("list_name", "text", "code"),
    [
        ("modality", "Cooperação trilateral", "triangular"),
        ("modality", "Cooperação triangular", "triangular"),
        ("modality", "COOPERACION TRIANGULAR", "triangular"),
        ("function", "Contraparte  Técnica", "technical-counterpart"),
        ("function", "ejecutor", "executing-agency"),
        ("function", "Donante", "funder"),
        ("function", "socio implementador", "executing-agency"),
        ("function", "Bailleur de fonds", "funder"),
        ("phase", "Formulación y negociación", "negotiation-formulation"),
        ("actor_type", "associations", "association"),
        ("actor_type", "non-profit organizations", "non-profit"),
        ("actor_type", "networks", "network"),
        ("actor_type", "academic or research centers", "academic-research"),
        ("actor_type", "government bodies", "government-body"),
        ("actor_type", "private sector", "private-company"),
        ("actor_type", "public companies", "public-company"),
        ("unit", "m²", "square-metre"),
        ("share_basis", "cash+in-kind", "cash-and-in-kind"),
        ("tossd_modality", "b02a", "B02a"),
    ],
)
def test_words_that_people_use_are_understood(list_name, text, code):
    assert terms.lookup(list_name, text) == code


@pytest.mark.parametrize(
    ("list_name", "text"),
    [("function", "contraparte"), ("actor_type", "fundación"), ("segib_role", "oferente"), ("phase", "")],
)
def test_a_word_that_may_mean_two_codes_means_none(list_name, text):
    assert terms.lookup(list_name, text) is None


def test_a_code_near_the_text_is_suggested():
    assert terms.suggest("function", "finaciador") == "funder"
    assert terms.suggest("modality", "triangullar") == "triangular"
    assert terms.suggest("function", "zzzz") is None


def test_a_language_that_is_not_ours_is_answered_in_english():
    assert terms.label("instrument", "action", "pt") == "Ação"
    assert terms.label("instrument", "action", "de") == "Action"


def test_a_list_that_does_not_exist_is_an_error_of_the_program():
    with pytest.raises(KeyError):
        terms.codes("phases")


@given(st.text(), st.sampled_from(terms.LISTS))
def test_any_text_is_looked_up_without_failing(text, list_name):
    assert terms.lookup(list_name, text) in (None, *terms.codes(list_name))
    assert terms.suggest(list_name, text) in (None, *terms.codes(list_name))


def test_the_lists_hold_the_codes_that_the_record_is_built_on():
    assert terms.codes("phase") == (
        "identification",
        "negotiation-formulation",
        "implementation-followup",
        "evaluation",
        "unspecified",
    )
    sizes = {name: len(terms.codes(name)) for name in ("function", "mechanism_type", "relationship_type")}
    assert sizes == {"function": 21, "mechanism_type": 14, "relationship_type": 12}
    assert len(terms.codes("contribution_kind")) == 16
    assert len(terms.codes("valuation_method")) == 9
