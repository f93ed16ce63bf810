"""Values as bytes, and back."""

import pickle
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssc_iati.read.packing import packed, unpacked

cells = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.sampled_from(["", "\ud800"])
)
texts = st.lists(st.tuples(st.integers(), st.lists(cells)))


@given(texts)
@settings(deadline=None)
def test_texts_and_numbers_come_back(rows):
    assert unpacked(packed(rows)) == rows


@pytest.mark.parametrize("value", [Decimal("1.10"), date(2024, 3, 1), [(1, [Decimal(0), None, "x"])]])
def test_what_takes_the_other_form_comes_back(value):
    assert packed(value) == pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    assert unpacked(packed(value)) == value
