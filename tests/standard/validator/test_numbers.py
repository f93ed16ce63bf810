"""Numbers as the two readings of the official validator have them: ECMAScript's, and its XPath's."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssc_iati.standard.validator.numbers import number, trimmed, xpath_number

NAN = math.nan
# text: as ECMAScript reads it, as XPath does
FACTS = {
    "5": (5, 5),
    " 5 ": (5, 5),
    ".5": (0.5, 0.5),
    "-5": (-5, -5),
    "007.50": (7.5, 7.5),
    "5.": (5, NAN),
    "+5": (5, NAN),
    "- 5": (NAN, NAN),
    "--5": (NAN, NAN),
    "1e3": (1000, NAN),
    "1E-1": (0.1, NAN),
    "0x10": (16, NAN),
    "0b11": (3, NAN),
    "0o17": (15, NAN),
    "-0x10": (NAN, NAN),
    "1_000": (NAN, NAN),
    "1,000": (NAN, NAN),
    "5%": (NAN, NAN),
    "Infinity": (math.inf, NAN),
    "-Infinity": (-math.inf, NAN),
    "inf": (NAN, NAN),
    "nan": (NAN, NAN),
    ".": (NAN, NAN),
    "1.2.3": (NAN, NAN),
    "": (0, NAN),
    " \u00a0\ufeff": (0, NAN),
    "\u00a05": (5, NAN),
    "٣": (NAN, NAN),
}


@pytest.mark.parametrize(("text", "wanted"), FACTS.items())
def test_each_reading_was_observed(text, wanted):
    assert (number(text), xpath_number(text)) == pytest.approx(wanted, nan_ok=True)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_plain_decimals_are_read_alike(value):
    assert number(f"{value:f}") == xpath_number(f"{value:f}") == float(value)


@given(st.text())
def test_any_text_is_borne(text):
    assert isinstance(number(text), float)
    assert isinstance(xpath_number(text), float)


@pytest.mark.parametrize("text", ["0x" + "f" * 290, "0x" + "f" * 100_000, "9" * 400, "1e999"])
def test_what_is_too_large_for_a_number_is_endless(text):
    assert number(text) == math.inf


@pytest.mark.parametrize(
    "long", ["1" * 1_000_000 + "x", "." * 1_000_000, " " * 1_000_000 + "x", "1." * 500_000, "1e" * 500_000]
)
def test_a_long_text_that_is_nearly_a_number_is_read_once_not_a_million_times(long):
    began = time.process_time()
    assert math.isnan(number(long))
    assert math.isnan(xpath_number(long))
    assert time.process_time() - began < 5  # a second look at each digit would take days


def test_the_blanks_of_ecmascript_are_trimmed():
    assert trimmed("\ufeff\u00a0\u2003 a b\u3000\n") == "a b"
    assert trimmed("\u200bx\u0085") == "\u200bx\u0085"  # no blanks to ECMAScript
