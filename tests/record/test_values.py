"""Dates of any precision, exact numbers, and what a fact carries."""

import copy
import json
import pickle
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ssc_iati.record.activity import ActivityDate, RecipientCountry, Sector
from ssc_iati.record.fields import describe
from ssc_iati.record.organisations import Contribution, Organisation
from ssc_iati.record.project import Project
from ssc_iati.record.values import (
    CodeBy,
    Fact,
    altered,
    blank,
    first_day,
    is_datetime,
    made,
    plain,
    precision,
    shaped,
    span,
)

DATES = [
    ("2011", "year", "2011-01-01", "2011-12-31"),
    ("2011-02", "month", "2011-02-01", "2011-02-28"),
    ("2012-02", "month", "2012-02-01", "2012-02-29"),
    ("2011-12", "month", "2011-12-01", "2011-12-31"),
    ("2011-05-17", "day", "2011-05-17", "2011-05-17"),
    ("2011/2012", "range", "2011-01-01", "2012-12-31"),
    ("2011-05/2011-06", "range", "2011-05-01", "2011-06-30"),
    ("2011-05-17/2012", "range", "2011-05-17", "2012-12-31"),
    ("2011/2011-03", "range", "2011-01-01", "2011-03-31"),
]
NO_DATES = (
    *("", "11", "2011-13", "2011-00", "2011-02-30", "2011-5", "2011-05-17T00:00", "2012/2011", "2011/", "/2011"),
    *("2011//2012", " 2011", "٢٠١١", "20111", "2011-05-17/2011-05-16", "2011/2012/2013"),
)


@pytest.mark.parametrize(("value", "known_to", "first", "last"), DATES)
def test_a_date_means_all_days_from_its_first_to_its_last(value, known_to, first, last):
    days = span(value)

    assert (days.first.isoformat(), days.last.isoformat()) == (first, last)
    assert first_day(value) == first
    assert precision(value) == known_to
    assert ActivityDate(date=value).date == value


@pytest.mark.parametrize("value", NO_DATES)
def test_what_no_calendar_has_is_no_date(value):
    with pytest.raises(ValueError, match=r".*"):
        span(value)
    with pytest.raises(ValidationError):
        ActivityDate(date=value)


@pytest.mark.parametrize("value", [2011, 2011.5, True, date(2011, 5, 17), ["2011"]])
def test_a_date_is_a_text(value):
    with pytest.raises(ValidationError, match="A date is written as text"):
        ActivityDate.model_validate({"date": value})


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_a_month_ends_the_day_before_the_next_begins(day):
    last = span(day.isoformat()[:7]).last

    assert (last + timedelta(days=1)).day == 1
    assert last >= day


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_a_number_keeps_every_digit_and_never_takes_an_exponent(value):
    fact = Contribution(amount=value)

    written = json.loads(fact.model_dump_json())["amount"]

    assert "e" not in written.lower()
    assert Decimal(written) == value
    assert Contribution.model_validate({"amount": written}).amount == value


@pytest.mark.parametrize(
    ("number", "text"), [("1E+3", "1000"), ("1.50", "1.50"), ("0E-7", "0.0000000"), ("-0.1", "-0.1")]
)
def test_a_number_is_written_without_exponent(number, text):
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(
    ("value", "sound"),
    [
        ("2026-01-31T12:00:00Z", True),
        ("2026-01-31T12:00:00", True),
        ("2026-01-31T12:00:00.123-05:00", True),
        ("2026-01-31", False),
        ("2026-02-30T12:00:00Z", False),
        ("2026-01-31T24:00:00Z", False),
        ("2026-01-31 12:00:00Z", False),
        ("2026-01-31T12:00:00z", False),
        ("soon", False),
        ("", False),
    ],
)
def test_a_date_time_has_the_form_that_xml_demands(value, sound):
    assert is_datetime(value) is sound


def test_a_text_may_be_given_bare_and_a_dictionary_of_languages_is_refused():
    assert Organisation(names="APC").names[0].text == "APC"
    with pytest.raises(ValidationError, match=r"list of \{lang, text\}"):
        Organisation.model_validate({"names": {"es": "APC"}})


def test_a_fact_takes_no_field_that_it_does_not_have_and_cannot_be_changed():
    with pytest.raises(ValidationError):
        RecipientCountry.model_validate({"kode": "HN"})
    with pytest.raises(ValidationError):
        RecipientCountry(code="HN").code = "GT"


@pytest.mark.parametrize(
    ("vocabulary", "codelist"),
    [(None, "Sector"), ("1", "Sector"), ("2", "SectorCategory"), ("99", None), ("", "Sector")],
)
def test_the_vocabulary_tells_the_list_of_a_code(vocabulary, codelist):
    by = next(field for field in describe(Sector) if field.name == "code").mark(CodeBy)

    assert by.codelist(vocabulary) == codelist


def models(model=Project, seen=None):
    seen = {} if seen is None else seen
    if model.__name__ not in seen:
        seen[model.__name__] = model
        for field in describe(model):
            if issubclass(field.kind, Fact):
                models(field.kind, seen)
    return seen


@pytest.mark.parametrize("name", sorted(models()))
def test_every_field_that_people_fill_in_says_what_it_holds(name):
    unsaid = {"unknown", "spellings", "value_date_basis"}
    silent = [
        field.name
        for field in describe(models()[name])
        if not field.says and not issubclass(field.kind, Fact) and field.name not in unsaid
    ]

    assert silent == []


# --- Facts that need no validation ------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{}, {"key": "o", "named": False, "identifiers": ("CO-RUE-1",)}])
def test_a_fact_that_is_made_is_as_one_that_was_read(values):
    read, made_so = Organisation(**values), made(Organisation, **values)

    assert made_so == read
    assert shaped(Organisation, blank(Organisation) | values) == read
    assert altered(Organisation(acronym="A"), acronym=None, **values) == read
    assert copy.copy(made_so) == copy.deepcopy(made_so) == read
    assert pickle.loads(pickle.dumps(made_so)) == read  # noqa: S301 - our own
    assert made_so.model_dump() == read.model_dump()
    assert repr(made_so) == repr(read)


def test_what_is_filled_in_is_a_facts_own():
    values = blank(Organisation)
    values["acronym"] = "A"

    assert (blank(Organisation)["acronym"], made(Organisation).acronym) == (None, None)
