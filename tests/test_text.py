"""Comparing spellings: case, accents, punctuation and spaces make no difference, letters and digits do."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssc_iati import text as text_module
from ssc_iati.text import fold

words = st.lists(st.text("abcçdeéfñoõxyz019", min_size=1), min_size=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Contraparte  Técnica", "contraparte-tecnica"),
        ("COOPERAÇÃO", "cooperacao"),
        ("Fecha_de inicio:", "fecha de inicio"),
        ("Mise en œuvre", "mise en œuvre "),
        ("m²", "m2"),
        ("STRASSE", "straße"),
        ("e\u0301tat", "état"),
    ],
)
def test_spellings_of_one_word_are_equal(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("año 1", "año 2"), ("ab", "a b"), ("sí", "so")])
def test_different_words_stay_different(one, other):
    assert fold(one) != fold(other)


def spelt_out(text):
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


@given(st.text() | st.text("aéñ\u0300\u034f\u036f\u0370ſß漢\u3099"))
def test_the_quick_way_for_latin_letters_is_the_same(text):
    assert text_module._bare(text) == spelt_out(text)


def test_every_sign_is_bared_alike():
    for start in range(0, 0x3000, 16):
        text = "".join(chr(start + more) for more in range(16))
        assert text_module._bare(text) == spelt_out(text)


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_every_sign_of_unicode_folds_to_a_stable_form():
    unstable = [number for number in range(sys.maxunicode + 1) if fold(fold(chr(number))) != fold(chr(number))]
    assert not unstable


@given(st.text())
def test_no_space_stands_at_the_ends_or_twice(text):
    folded = fold(text)
    assert folded == " ".join(folded.split())


@given(words, st.sampled_from([" ", "-", "_", " - ", "\t", "/", "\u00a0"]))
def test_what_stands_between_words_makes_no_difference(parts, between):
    assert fold(between.join(parts)) == fold(" ".join(parts))


@given(words)
def test_case_makes_no_difference(parts):
    assert fold(" ".join(parts).upper()) == fold(" ".join(parts))
