"""What one cell of a table says, a number, a date, yes or no, a text: pure functions from raw cell to value or trouble.

A cell that can be read in two ways is never guessed at: the trouble carries both readings. Form decides first; the
locale of the source decides only what form leaves open.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Literal, NamedTuple

from ssc_iati.text import fold, states_unknown


class Locale(NamedTuple):
    """How a source writes, where it is known; None where it is not."""

    decimal: Literal[".", ","] | None = None
    date_order: Literal["dmy", "mdy", "ymd"] | None = None


class Trouble(NamedTuple):
    """Why a cell cannot be read: the rule, and the values that its message shows."""

    rule: str
    values: dict[str, str]


ANYWHERE = Locale()

# --- Text -------------------------------------------------------------------------------------------------------------

# Beside white space: zero-width space and joiners, and the byte order mark, which stand at the edges of pasted text.
_EDGES = re.compile(r"\A[\s\u200b\u200c\u200d\u2060\ufeff]+|[\s\u200b\u200c\u200d\u2060\ufeff]+\Z")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_LIST_MARK = re.compile(r"[;|\r\n]")
_YES = frozenset(fold(word) for word in ("true", "yes", "1", "sí", "verdadero", "sim", "verdadeiro", "oui", "vrai"))
_NO = frozenset(fold(word) for word in ("false", "no", "0", "falso", "não", "non", "faux"))


def is_blank(cell: object) -> bool:
    """Say whether nothing stands in the cell, or nothing that can be seen."""
    return cell is None or (isinstance(cell, str) and not _bare(cell))


def is_unknown(cell: object) -> bool:
    """Say whether the cell states that the value is not known; `n/a`, which says that there is none, does not."""
    return isinstance(cell, str) and states_unknown(cell)


def text(cell: object) -> str | Trouble:
    """The cell's text as people see it, without the spaces around; characters that no XML can hold are trouble."""
    seen = cell if isinstance(cell, str) else _seen(cell)
    illegal = _ILLEGAL.search(seen)
    return _bare(seen) if illegal is None else _illegal(illegal[0], seen)


def _illegal(character: str, seen: str) -> Trouble:
    code, shown = ord(character), _ILLEGAL.sub("\ufffd", seen)
    if 0xDC80 <= code <= 0xDCFF:
        return Trouble("ssc-text-undecodable", {"value": shown, "byte": f"{code - 0xDC00:02X}"})
    return Trouble("ssc-text-illegal-character", {"value": shown, "character": f"U+{code:04X}"})


def split_list(cell: object) -> list[str]:
    """The items of a cell that lists several, apart at `;`, `|` or a new line; empty ones are nothing."""
    seen = cell if isinstance(cell, str) else _seen(cell)
    if not (";" in seen or "|" in seen or "\n" in seen or "\r" in seen):  # most cells name one: told without a pattern
        bare = _bare(seen)
        return [bare] if bare else []
    return [item for item in map(_bare, _LIST_MARK.split(seen)) if item]


def boolean(cell: object) -> bool | Trouble:
    """Yes or no, in four languages."""
    seen = _bare(_seen(cell))
    # Folding drops signs, and `-1` is no 1.
    word = seen if seen[-1:].isdecimal() else fold(seen)
    if word in _YES or word in _NO:
        return word in _YES
    return _unread("ssc-boolean-unreadable", cell)


def _bare(seen: str) -> str:
    bare = seen.strip()
    if bare and (bare[0] in _INVISIBLE or bare[-1] in _INVISIBLE):
        return _EDGES.sub("", bare)
    return bare


def _seen(cell: object) -> str:
    """A cell as a spreadsheet shows it."""
    if isinstance(cell, float) and isfinite(cell):
        cell = Decimal(repr(cell))
    if isinstance(cell, Decimal) and cell.is_finite():
        plain = f"{cell:f}" if abs(cell.adjusted()) < _SCALE else str(cell)
        return plain.removesuffix(".0")
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _unread(rule: str, cell: object, **values: str) -> Trouble:
    return Trouble(rule, {"value": _ILLEGAL.sub("\ufffd", _bare(_seen(cell))), **values})


# --- Numbers ----------------------------------------------------------------------------------------------------------

# Far beyond any sum of money; it keeps `1e999999999` from being written out.
_SCALE = 30
_GROUPING = r"[ \u00a0\u2009\u202f'’.,]"
_INTEGER = re.compile(r"-?\d{1,30}", re.ASCII)
_ONE_MARK = re.compile(r"(\d{1,3})([.,])(\d{3})", re.ASCII)
_PLAIN = re.compile(r"(\d{1,30})(?:[.,](\d{1,30}))?|[.,](\d{1,30})", re.ASCII)
_GROUPED = re.compile(
    rf"([1-9]\d{{0,2}}(?P<group>{_GROUPING})\d{{3}}(?:(?P=group)\d{{3}}){{0,9}})(?:(?!(?P=group))[.,](\d{{1,30}}))?",
    re.ASCII,
)
_INDIAN = re.compile(r"([1-9]\d?(?:,\d{2}){1,9},\d{3})(?:\.(\d{1,30}))?", re.ASCII)
_NOT_DIGITS = re.compile(r"[^\d]", re.ASCII)
_CURRENCY = re.compile(r"([^\W\d_]{1,4}\.?\$?)\s*[-\d(].*|[-\d(].*?\s*([^\W\d_]{1,4}\.?\$?)")
_MAGNITUDES = frozenset(
    (
        "k", "m", "mn", "mm", "mio", "mill", "million", "millions", "bn", "b", "billion", "billions", "thousand", "mil",
        "miles", "millon", "millones", "milhao", "milhoes", "mille", "milliers", "milliard", "milliards", "lakh",
        "crore",
    )
)  # fmt: skip
_MINUS = str.maketrans({"\u2212": "-"})


def number(
    cell: object, locale: Locale = ANYWHERE, low: Decimal | int | None = None, high: Decimal | int | None = None
) -> Decimal | Trouble:
    """The cell's number with the digits it was written with.

    The bounds only help to read `33.333` and, where they are 0 and 100, let a percent sign stand; they are not checked.
    """
    if isinstance(cell, str):
        return Decimal(cell) if _is_digits(cell) else _number_in(_bare(cell), locale, low, high)
    if isinstance(cell, bool):
        return _unread("ssc-number-unreadable", str(cell).upper())
    if isinstance(cell, int):
        return Decimal(cell) if abs(cell) < 10**_SCALE else Trouble("ssc-number-too-large", {})
    if isinstance(cell, (float, Decimal)):
        return _typed(Decimal(repr(cell)) if isinstance(cell, float) else cell)
    return _unread("ssc-number-is-date" if isinstance(cell, date) else "ssc-number-unreadable", cell)


def _is_digits(cell: str) -> bool:
    """Whether the text is a number as programs write it, with digits and at most a point that marks no thousands."""
    whole, point, rest = cell.partition(".")
    if not (whole.isdecimal() and cell.isascii() and len(cell) < _SCALE):
        return False
    return not point or (rest.isdecimal() and (len(rest) != 3 or len(whole) > 3))


def _typed(value: Decimal) -> Decimal | Trouble:
    if not value.is_finite():
        return _unread("ssc-number-unreadable", str(value))
    if value.adjusted() >= _SCALE or _exponent(value) < -_SCALE:
        return Trouble("ssc-number-too-large", {})
    return value


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _number_in(seen: str, locale: Locale, low: Decimal | int | None, high: Decimal | int | None) -> Decimal | Trouble:
    if _INTEGER.fullmatch(seen):
        return Decimal(seen)
    digits = seen.translate(_MINUS)
    if digits.endswith("%"):
        if (low, high) != (0, 100):
            return _unread("ssc-number-percent", seen)
        digits = _bare(digits[:-1])
    sign = "-" if digits.startswith("-") else ""
    digits = digits[1:] if digits.startswith(("-", "+")) else digits
    one_mark = _ONE_MARK.fullmatch(digits)
    if one_mark is not None and not one_mark[1].startswith("0"):
        return _one_mark(seen, sign, one_mark, locale, (low, high))
    value = _unambiguous(sign, digits)
    return _no_number(seen) if value is None else value


def _unambiguous(sign: str, digits: str) -> Decimal | None:
    """The number whose form has one reading only: `1234.5`, `1,5`, `1.234,56`, `1 234`, `12,34,567.00`."""
    plain = _PLAIN.fullmatch(digits)
    if plain is not None:
        return _decimal(sign, plain[1] or "0", plain[2] or plain[3])
    grouped = _GROUPED.fullmatch(digits)
    if grouped is not None:
        return _decimal(sign, grouped[1], grouped[3])
    indian = _INDIAN.fullmatch(digits)
    return None if indian is None else _decimal(sign, indian[1], indian[2])


def _decimal(sign: str, whole: str, fraction: str | None) -> Decimal:
    return Decimal(f"{sign}{_NOT_DIGITS.sub('', whole)}{'.' + fraction if fraction else ''}")


def _one_mark(
    seen: str,
    sign: str,
    match: re.Match[str],
    locale: Locale,
    bounds: tuple[Decimal | int | None, Decimal | int | None],
) -> Decimal | Trouble:
    """`1,234`: a decimal mark, or one of thousands."""
    whole, mark, rest = match.groups()
    fraction, thousands = _decimal(sign, whole, rest), _decimal(sign, whole + rest, None)
    if locale.decimal is not None:
        return fraction if locale.decimal == mark else thousands
    possible = [value for value in (fraction, thousands) if _within(value, *bounds)]
    if len(possible) == 1:
        return possible[0]
    return _unread("ssc-number-ambiguous", seen, first=str(fraction), second=str(thousands))


def _within(value: Decimal, low: Decimal | int | None, high: Decimal | int | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _no_number(seen: str) -> Trouble:
    if any(sign.isdecimal() and not sign.isascii() for sign in seen):
        return _unread("ssc-number-digits", seen)
    if not any(sign.isdecimal() for sign in seen):
        return _unread("ssc-number-unreadable", seen)
    if any(word in _MAGNITUDES for word in re.findall(r"[a-z]+", fold(seen))):
        return _unread("ssc-number-words", seen)
    if re.fullmatch(r"\([\d.,' ]+\)", seen):
        return _unread("ssc-number-parentheses", seen)
    currency = _currency(seen)
    if currency:
        return _unread("ssc-number-currency", seen, currency=currency)
    return _unread("ssc-number-unreadable", seen)


def _currency(seen: str) -> str:
    """The code or sign beside a number, as in `USD 1,000`, `500 €`, `R$ 20`."""
    match = _CURRENCY.fullmatch(seen)
    letters: str = (match[1] or match[2]) if match else ""
    return letters or next((sign for sign in seen if unicodedata.category(sign) == "Sc"), "")


# --- Dates ------------------------------------------------------------------------------------------------------------

FIRST_YEAR, LAST_YEAR = 1900, 2100
_FIRST, _AFTER = str(FIRST_YEAR), str(LAST_YEAR + 1)
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_001)
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})(?:\2(\d{{1,2}}){_TIME})?", re.ASCII)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/. ])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.ASCII)
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_TWO_DIGIT_YEAR = re.compile(rf"\d{{1,2}}([-/. ])\d{{1,2}}\1\d{{2}}{_TIME}", re.ASCII)
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)
_RANGE = re.compile(r"(\d{4}(?:-\d{2}){0,2})\s*/\s*(\d{4}(?:-\d{2}){0,2})|(\d{4})\s*[-–—]\s*(\d{4})", re.ASCII)
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan january ene enero janeiro janv janvier",
            "feb february febrero fev fevereiro fevr fevrier",
            "mar march marzo marco mars",
            "apr april abr abril avr avril",
            "may mayo mai maio",
            "jun june junio junho juin",
            "jul july julio julho juil juillet",
            "aug august ago agosto aout",
            "sep sept september septiembre setiembre set setembro septembre",
            "oct october octubre out outubro octobre",
            "nov november noviembre novembro novembre",
            "dec december dic diciembre dez dezembro decembre",
        ),
        1,
    )
    for name in names.split()
}
_SMALL_WORDS = frozenset(("de", "del", "of", "the", "le", "do", "el"))
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|o|a|re)", re.ASCII)


def partial_date(cell: object, locale: Locale = ANYWHERE) -> str | Trouble:
    """The cell's date, no more precise than it is written: `2024-03-25`, `2024-03`, `2024`, a range `2024/2025-06`."""
    if isinstance(cell, str):
        return cell if _is_whole_iso(cell) else _date_in(_bare(cell), locale)
    if isinstance(cell, date):
        return _checked(cell.isoformat()[:10], cell.year, cell.month, cell.day)
    if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        return _date_in(_seen(cell), locale)
    return _unread("ssc-date-unreadable", cell)


def _is_whole_iso(cell: str) -> bool:
    """Whether the text is a date as programs write it, which most are: told at once, without the patterns."""
    if len(cell) != len("2024-03-25") or cell[4] != "-" or cell[7] != "-" or not _FIRST <= cell < _AFTER:
        return False
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def full_date(cell: object, locale: Locale = ANYWHERE) -> str | Trouble:
    """The cell's date, which must name its day."""
    value = partial_date(cell, locale)
    if isinstance(value, str) and len(value) != len("2024-03-25"):
        return _unread("ssc-date-day-needed", cell)
    return value


def _date_in(seen: str, locale: Locale) -> str | Trouble:
    iso = _ISO.fullmatch(seen)
    if iso is not None:
        return _checked(seen, *(int(part) for part in iso.groups() if part))
    for read in (_numbers, _range, _odd, _words):
        value = read(seen, locale)
        if value is not None:
            return value
    return _unread("ssc-date-unreadable", seen)


def _checked(seen: str, year: int, month: int | None = None, day: int | None = None) -> str | Trouble:
    """The date in ISO's form, as precise as its parts; trouble if no calendar has it."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return _unread("ssc-date-year", seen, year=str(year))
    try:
        exact = date(year, month or 1, day or 1) if month != 0 and day != 0 else None
    except ValueError:
        exact = None
    if exact is None:
        return _unread("ssc-date-impossible", seen)
    return exact.isoformat()[: 10 if day is not None else 7 if month is not None else 4]


def _numbers(seen: str, locale: Locale) -> str | Trouble | None:
    """Numbers only: `2024/3/5`, `25/03/2024`, `03/2024`, `20240325`."""
    if match := _YEAR_FIRST.fullmatch(seen):
        if match[2] == "/" and not match[4] and int(match[3]) == (int(match[1]) + 1) % 100:
            return _month_or_next_year(seen, int(match[1]), int(match[3]))
        return _checked(seen, int(match[1]), int(match[3]), int(match[4]) if match[4] else None)
    if match := _YEAR_LAST.fullmatch(seen):
        return _day_and_month(seen, int(match[1]), int(match[3]), int(match[4]), locale)
    if match := _MONTH_YEAR.fullmatch(seen):
        return _checked(seen, int(match[2]), int(match[1]))
    if match := _BASIC.fullmatch(seen):
        return _checked(seen, *(int(part) for part in match.groups()))
    return None


def _month_or_next_year(seen: str, year: int, second: int) -> str | Trouble:
    """`2010/11`: November 2010, or the two years that budgets are often made for."""
    month, years = _checked(seen, year, second), f"{year}/{year + 1}"
    return month if isinstance(month, Trouble) else _unread("ssc-date-ambiguous", seen, first=month, second=years)


def _day_and_month(seen: str, first: int, second: int, year: int, locale: Locale) -> str | Trouble:
    """`03/04/2024`: the third of April, or the fourth of March."""
    if max(first, second) > 12:
        return _checked(seen, year, min(first, second), max(first, second))
    if first == second or locale.date_order == "dmy":
        return _checked(seen, year, second, first)
    if locale.date_order == "mdy":
        return _checked(seen, year, first, second)
    readings = _checked(seen, year, second, first), _checked(seen, year, first, second)
    trouble = next((reading for reading in readings if isinstance(reading, Trouble)), None)
    return trouble or _unread("ssc-date-ambiguous", seen, first=str(readings[0]), second=str(readings[1]))


def _range(seen: str, locale: Locale) -> str | Trouble | None:
    match = _RANGE.fullmatch(seen)
    if match is None:
        return None
    start, end = _date_in(match[1] or match[3], locale), _date_in(match[2] or match[4], locale)
    if isinstance(start, Trouble) or isinstance(end, Trouble):
        return start if isinstance(start, Trouble) else end
    shared = min(len(start), len(end))
    return f"{start}/{end}" if start[:shared] <= end[:shared] else _unread("ssc-date-range-reversed", seen)


def _odd(seen: str, _: Locale) -> Trouble | None:
    """What is a date to a spreadsheet or to its writer only."""
    if _TWO_DIGIT_YEAR.fullmatch(seen):
        return _unread("ssc-date-two-digit-year", seen)
    if _SERIAL.fullmatch(seen) and int(seen[:5]) in _SERIALS:
        meaning = _EXCEL_EPOCH + timedelta(days=int(seen[:5]))
        return _unread("ssc-date-serial", seen, meaning=meaning.isoformat())
    return None


def _words(seen: str, _: Locale) -> str | Trouble | None:
    """A month by its name: `5 de marzo de 2024`, `March 5, 2024`, `mars 2024`, `2024-mar-05`."""
    if any(sign.isdecimal() and not sign.isascii() for sign in seen) or len(seen) > 40:
        return None
    parts = [_ORDINAL.sub(r"\1", part) for part in fold(seen).split() if part not in _SMALL_WORDS]
    months = [part for part in parts if part in _MONTHS]
    numbers = [part for part in parts if part.isdecimal()]
    if len(months) != 1 or len(months) + len(numbers) != len(parts):
        return None
    return _named_month(seen, _MONTHS[months[0]], numbers, parts.index(months[0]))


def _named_month(seen: str, month: int, numbers: list[str], position: int) -> str | Trouble | None:
    years, days = [each for each in numbers if len(each) == 4], [each for each in numbers if len(each) < 3]
    if len(years) + len(days) != len(numbers) or len(days) > 2 or len(years) > 1:
        return None
    if not years:
        return _unread("ssc-date-two-digit-year", seen) if days else None
    if len(days) > 1 or (days and position == 2):
        return None
    return _checked(seen, int(years[0]), month, int(days[0]) if days else None)
