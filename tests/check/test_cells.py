from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssc_iati.check.cells import (
    Locale,
    Trouble,
    boolean,
    full_date,
    is_blank,
    is_unknown,
    number,
    partial_date,
    split_list,
    text,
)

POINT, COMMA = Locale(decimal="."), Locale(decimal=",")
DMY, MDY, YMD = Locale(date_order="dmy"), Locale(date_order="mdy"), Locale(date_order="ymd")


def rule(value):
    assert isinstance(value, Trouble), value
    return value.rule


# --- Numbers


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (5, "5"),
        (-5, "-5"),
        (0.1, "0.1"),
        (1234.5, "1234.5"),
        (Decimal("100.00"), "100.00"),
        ("100.00", "100.00"),
        ("1234.56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u2009234\u2009567,5", "1234567.5"),
        ("1\u202f234", "1234"),
        ("1'234'567.50", "1234567.50"),
        ("1’234", "1234"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("12,34,567.00", "1234567.00"),
        ("1,5", "1.5"),
        ("12,3456", "12.3456"),
        ("1234,567", "1234.567"),
        ("0,500", "0.500"),
        ("0.125", "0.125"),
        (",5", "0.5"),
        ("-5", "-5"),
        ("\u22125,25", "-5.25"),
        ("+7", "7"),
        ("  42\u00a0", "42"),
        ("\ufeff42\u200b", "42"),
        ("007", "7"),
    ],
)
def test_a_number_is_read_with_the_digits_it_was_written_with(cell, expected):
    value = number(cell)

    assert isinstance(value, Decimal)
    assert str(value) == expected


@pytest.mark.parametrize("cell", ["1,234", "1.234", "-12,345", "123.456"])
def test_one_mark_before_three_digits_is_never_guessed(cell):
    assert rule(number(cell)) == "ssc-number-ambiguous"


def test_an_ambiguous_number_shows_both_readings():
    assert number("1,234").values == {"value": "1,234", "first": "1.234", "second": "1234"}


def test_the_locale_decides_what_the_form_leaves_open():
    assert str(number("1,234", POINT)) == "1234"
    assert str(number("1,234", COMMA)) == "1.234"
    assert str(number("1.234", COMMA)) == "1234"
    assert str(number("1.234,5", POINT)) == "1234.5"


def test_bounds_leave_one_reading():
    assert str(number("33.333", low=0, high=100)) == "33.333"
    assert str(number("33,333", low=0, high=100)) == "33.333"
    assert str(number("-1.234", low=-180, high=180)) == "-1.234"
    assert str(number("1,234", low=100)) == "1234"
    assert rule(number("1.234", low=0, high=5000)) == "ssc-number-ambiguous"


def test_a_percent_sign_stands_only_where_percentages_do():
    assert str(number("33,3 %", low=0, high=100)) == "33.3"
    assert str(number("50%", low=Decimal(0), high=Decimal(100))) == "50"
    assert rule(number("50%")) == "ssc-number-percent"


@pytest.mark.parametrize(
    ("cell", "currency"),
    [
        ("USD 1,000.00", "USD"), ("1000 EUR", "EUR"), ("$ 500", "$"), ("500€", "€"), ("R$ 20", "R$"), ("US$20", "US$"),
        ("₹ 5,000", "₹"), ("Bs. 70", "Bs."),
    ],
)  # fmt: skip
def test_a_currency_beside_a_number_is_named(cell, currency):
    assert number(cell) == Trouble("ssc-number-currency", {"value": cell, "currency": currency})


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (True, "ssc-number-unreadable"),
        (None, "ssc-number-unreadable"),
        ("", "ssc-number-unreadable"),
        ("many", "ssc-number-unreadable"),
        ("1e5", "ssc-number-unreadable"),
        ("1,23,45", "ssc-number-unreadable"),
        ("1.234.5", "ssc-number-unreadable"),
        ("1,234 567", "ssc-number-unreadable"),
        ("12-13", "ssc-number-unreadable"),
        ("5-", "ssc-number-unreadable"),
        ("--5", "ssc-number-unreadable"),
        ("nan", "ssc-number-unreadable"),
        ("9" * 50, "ssc-number-unreadable"),
        (float("nan"), "ssc-number-unreadable"),
        (float("inf"), "ssc-number-unreadable"),
        (Decimal("Infinity"), "ssc-number-unreadable"),
        (Decimal("1e999999"), "ssc-number-too-large"),
        (Decimal("1e-999999"), "ssc-number-too-large"),
        (10**40, "ssc-number-too-large"),
        ("(5)", "ssc-number-parentheses"),
        ("(1,234.00)", "ssc-number-parentheses"),
        ("1.5 million", "ssc-number-words"),
        ("USD 5 millones", "ssc-number-words"),
        ("5k", "ssc-number-words"),
        ("１２", "ssc-number-digits"),
        ("١٢", "ssc-number-digits"),
        (date(2024, 4, 3), "ssc-number-is-date"),
    ],
)
def test_what_is_no_number_says_why(cell, expected):
    assert rule(number(cell)) == expected


amounts = st.decimals(min_value=-(10**15), max_value=10**15, places=2)


@given(amount=amounts, group=st.sampled_from(["", ",", " ", "\u00a0", "'"]))
def test_any_amount_written_with_a_point_reads_back(amount, group):
    assert number(f"{amount:,.2f}".replace(",", group)) == amount


@given(amount=amounts, group=st.sampled_from(["", ".", " ", "\u202f", "’"]))
def test_any_amount_written_with_a_comma_reads_back(amount, group):
    written = f"{amount:,.2f}".translate({ord(","): group, ord("."): ","})

    assert number(written) == amount


@given(value=st.integers(-(10**20), 10**20), locale=st.sampled_from([POINT, COMMA]))
def test_any_whole_number_with_marks_of_thousands_reads_back_where_the_locale_is_known(value, locale):
    group = "," if locale.decimal == "." else "."

    assert number(f"{value:,}".replace(",", group), locale) == value


@given(value=st.floats(allow_nan=False, allow_infinity=False, min_value=-1e25, max_value=1e25))
def test_any_float_keeps_the_digits_it_shows(value):
    read = number(value)

    assert isinstance(read, Trouble) or float(read) == value


@given(
    cell=st.text()
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.dates()
    | st.datetimes()
    | st.decimals()
)
def test_no_cell_makes_any_reading_fail(cell):
    for read in (number, partial_date, full_date, boolean, text):
        assert read(cell) is not None
    assert isinstance(is_blank(cell), bool)
    assert isinstance(is_unknown(cell), bool)
    assert isinstance(split_list(cell), list)


# --- Dates


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (date(2024, 3, 25), "2024-03-25"),
        (datetime(2024, 3, 25, tzinfo=UTC), "2024-03-25"),
        (datetime(2024, 3, 25, 14, 30, tzinfo=UTC), "2024-03-25"),
        (2024, "2024"),
        (2024.0, "2024"),
        (Decimal(2024), "2024"),
        ("2024", "2024"),
        ("2024-03", "2024-03"),
        ("2024-03-25", "2024-03-25"),
        (" 2024-03-25\u00a0", "2024-03-25"),
        ("2024-03-25T00:00:00", "2024-03-25"),
        ("2024-03-25T00:00:00Z", "2024-03-25"),
        ("2024-03-25 00:00:00.000", "2024-03-25"),
        ("2024-03-25T23:30:00-03:00", "2024-03-25"),
        ("2024/3/5", "2024-03-05"),
        ("2024.03.05", "2024-03-05"),
        ("2024/03", "2024-03"),
        ("20240325", "2024-03-25"),
        (20240325, "2024-03-25"),
        ("25/03/2024", "2024-03-25"),
        ("25.03.2024", "2024-03-25"),
        ("25-03-2024", "2024-03-25"),
        ("03/25/2024", "2024-03-25"),
        ("5/5/2024", "2024-05-05"),
        ("25/03/2024 00:00", "2024-03-25"),
        ("03/2024", "2024-03"),
        ("3-2024", "2024-03"),
        ("5 de marzo de 2024", "2024-03-05"),
        ("5 de março de 2024", "2024-03-05"),
        ("5 March 2024", "2024-03-05"),
        ("March 5, 2024", "2024-03-05"),
        ("5th of March 2024", "2024-03-05"),
        ("le 1er août 2024", "2024-08-01"),
        ("1º de enero de 2024", "2024-01-01"),
        ("mars 2024", "2024-03"),
        ("mar-2024", "2024-03"),
        ("Déc. 2024", "2024-12"),
        ("05-Sep-2024", "2024-09-05"),
        ("2024 setembro", "2024-09"),
        ("2011/2012", "2011/2012"),
        ("2011-05/2012-03", "2011-05/2012-03"),
        ("2024-01-01 / 2024-06", "2024-01-01/2024-06"),
        ("2019-2021", "2019/2021"),
        ("2019 – 2021", "2019/2021"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_a_date_is_read_and_made_no_more_precise(cell, expected):
    assert partial_date(cell) == expected


def test_day_and_month_are_never_guessed():
    trouble = partial_date("03/04/2024")

    assert trouble == Trouble(
        "ssc-date-ambiguous", {"value": "03/04/2024", "first": "2024-04-03", "second": "2024-03-04"}
    )
    assert rule(partial_date("03.04.2024", YMD)) == "ssc-date-ambiguous"


def test_the_order_of_the_source_decides_what_the_form_leaves_open():
    assert partial_date("03/04/2024", DMY) == "2024-04-03"
    assert partial_date("03/04/2024", MDY) == "2024-03-04"
    assert partial_date("25/03/2024", MDY) == "2024-03-25"


def test_a_budget_year_is_not_taken_for_a_month():
    assert partial_date("2010/11").values == {"value": "2010/11", "first": "2010-11", "second": "2010/2011"}
    assert partial_date("2010-11") == "2010-11"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("25/03/24", "ssc-date-two-digit-year"),
        ("24-03-05", "ssc-date-two-digit-year"),
        ("mar-24", "ssc-date-two-digit-year"),
        ("5 March", "ssc-date-two-digit-year"),
        (45376, "ssc-date-serial"),
        (45376.5, "ssc-date-serial"),
        ("45376", "ssc-date-serial"),
        ("2023-02-30", "ssc-date-impossible"),
        ("2023-02-29", "ssc-date-impossible"),
        ("30/02/2023", "ssc-date-impossible"),
        ("31 abril 2023", "ssc-date-impossible"),
        ("2024-13", "ssc-date-impossible"),
        ("2024-00-10", "ssc-date-impossible"),
        ("00/04/2024", "ssc-date-impossible"),
        ("25/13/2024", "ssc-date-impossible"),
        ("2024-01-00", "ssc-date-impossible"),
        ("1899-01-01", "ssc-date-year"),
        (date(2101, 1, 1), "ssc-date-year"),
        ("0001-01-01", "ssc-date-year"),
        (1800, "ssc-date-year"),
        ("2012/2011", "ssc-date-range-reversed"),
        ("2012-05/2012-04-30", "ssc-date-range-reversed"),
        ("soon", "ssc-date-unreadable"),
        ("Q1 2024", "ssc-date-unreadable"),
        ("may", "ssc-date-unreadable"),
        ("March April 2024", "ssc-date-unreadable"),
        ("２０２４", "ssc-date-unreadable"),
        ("2024-03-25x", "ssc-date-unreadable"),
        (True, "ssc-date-unreadable"),
        (None, "ssc-date-unreadable"),
        (12, "ssc-date-unreadable"),
        (float("nan"), "ssc-date-unreadable"),
        (Decimal("1e999999"), "ssc-date-unreadable"),
    ],
)
def test_what_is_no_date_says_why(cell, expected):
    assert rule(partial_date(cell)) == expected


def test_a_serial_number_shows_the_date_it_would_mean():
    assert partial_date(45376).values == {"value": "45376", "meaning": "2024-03-25"}


def test_a_year_outside_the_calendar_of_projects_is_named():
    assert partial_date("1066-10-14").values["year"] == "1066"


@pytest.mark.parametrize("cell", ["2024", "2024-03", "2024/2025", "2024-01-01/2024-06-30", 2024])
def test_a_full_date_names_its_day(cell):
    assert rule(full_date(cell)) == "ssc-date-day-needed"
    assert full_date("25/03/2024") == "2024-03-25"
    assert rule(full_date("03/04/2024")) == "ssc-date-ambiguous"


FORMS = (
    (Locale(), "{day.year:04}-{day.month:02}-{day.day:02}"),
    (Locale(), "{day.year}/{day.month}/{day.day}"),
    (Locale(), "{day.day} {month} {day.year}"),
    (Locale(), "{month} {day.day}, {day.year}"),
    (DMY, "{day.day}/{day.month}/{day.year}"),
    (DMY, "{day.day:02}.{day.month:02}.{day.year}"),
    (MDY, "{day.month:02}/{day.day:02}/{day.year}"),
)
MONTHS = ("enero", "fevereiro", "mars", "April", "mayo", "junho", "juillet", "August", "sept.", "outubro", "NOV", "déc")


@given(day=st.dates(date(1900, 1, 1), date(2100, 12, 31)), form=st.sampled_from(FORMS))
def test_any_day_in_any_unambiguous_form_reads_back(day, form):
    locale, template = form

    assert partial_date(template.format(day=day, month=MONTHS[day.month - 1]), locale) == day.isoformat()


# --- Yes and no, unknown, texts


@pytest.mark.parametrize(
    "cell", [True, 1, 1.0, "1", "true", "TRUE", "Yes", "sí", "SI", "sim", "oui", "Verdadero", " vrai "]
)
def test_yes_in_four_languages(cell):
    assert boolean(cell) is True


@pytest.mark.parametrize("cell", [False, 0, 0.0, "0", "false", "No", "não", "NAO", "non", "falso", "faux"])
def test_no_in_four_languages(cell):
    assert boolean(cell) is False


@pytest.mark.parametrize("cell", ["x", "maybe", 2, -1, "-1", "", None, "10"])
def test_what_is_neither_yes_nor_no_says_so(cell):
    assert rule(boolean(cell)) == "ssc-boolean-unreadable"


@pytest.mark.parametrize(
    "cell", ["unknown", "Desconocido", "desconhecida", "INCONNU", "S/D", "n/d", "n.d.", "Sin datos", "não informado"]
)
def test_what_states_that_nothing_is_known(cell):
    assert is_unknown(cell)


@pytest.mark.parametrize("cell", ["n/a", "", None, 0, "Unknown Soldier Foundation", "no"])
def test_what_states_no_such_thing(cell):
    assert not is_unknown(cell)


def test_blank_is_what_shows_nothing():
    assert all(is_blank(cell) for cell in (None, "", "  ", "\u00a0\t\n", "\u200b", "\ufeff "))
    assert not any(is_blank(cell) for cell in (0, False, "0", "-", ".", date(2024, 1, 1)))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, ""),
        ("  two  words\u00a0", "two  words"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        (2024.0, "2024"),
        (2024, "2024"),
        (0.1, "0.1"),
        (1e22, "10000000000000000000000"),
        (Decimal("100.00"), "100.00"),
        (date(2024, 3, 25), "2024-03-25"),
        (datetime(2024, 3, 25, 14, 30, tzinfo=UTC), "2024-03-25T14:30:00+00:00"),
        ("\U0001f30d Ñandú", "\U0001f30d Ñandú"),
    ],
)
def test_a_text_is_what_people_see(cell, expected):
    assert text(cell) == expected


@pytest.mark.parametrize("character", ["\0", "\x0b", "\x1f", "\x7f", "\x81", "\ufffe", "\ud800"])
def test_a_character_that_xml_cannot_hold_is_named(character):
    trouble = text(f"a{character}b")

    assert trouble == Trouble(
        "ssc-text-illegal-character", {"value": "a\ufffdb", "character": f"U+{ord(character):04X}"}
    )


def test_a_byte_that_could_not_be_decoded_is_named():
    assert text("S\udce3o").values == {"value": "S\ufffdo", "byte": "E3"}


def test_a_list_is_split_at_its_marks():
    assert split_list(" a, b ; c|d\n\r\ne;; ") == ["a, b", "c", "d", "e"]
    assert split_list(7) == ["7"]
    assert split_list(None) == []
