"""Instants as ECMAScript's `Date` makes them of a text, in the engine that the official validator runs on (V8).

A text in ISO form is read as the language's specification says; any other by the older, lenient reading that the
engine keeps beside it: `1/31/2020`, `Jan 31, 2020 10:00 GMT+2`, `2999`. Instants are milliseconds since 1970 in
UTC; a time without zone counts as UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_HALVES = {"am": 0, "pm": 12}
_ZONES = {"ut": 0, "utc": 0, "z": 0, "gmt": 0, "cdt": -5, "cst": -6, "edt": -4, "est": -5}
_ZONES |= {"mdt": -6, "mst": -7, "pdt": -7, "pst": -8}
_EPOCH = date(1970, 1, 1).toordinal()
_MS_DAY = 86_400_000
_FARTHEST = 8_640_000_000_000_000
_LONGEST = 1_000
_DAY_SIGNS = len("2020-01-31")

Token = tuple[str, str]


def moment(text: str) -> int | None:
    """The instant that the text means, in milliseconds since 1970; None where ECMAScript makes none of it.

    None, too, of a text longer than any date: it is neither read nor remembered.
    """
    return _moment(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=16_384)
def _moment(text: str) -> int | None:
    if len(text) == _DAY_SIGNS and text[4] == text[7] == "-":
        try:
            return (date.fromisoformat(text).toordinal() - _EPOCH) * _MS_DAY
        except ValueError:
            pass  # no day of the calendar; but 2020-02-30 means the first of March
    day = _day().fullmatch(text)
    if day and day[2] <= "12" and day[3] <= "31" and day[2] != "00" and day[3] != "00":
        return _instant(int(day[1]), int(day[2]), int(day[3]), 0, 0)
    return _otherwise(text)


def milliseconds(instant: datetime) -> int:
    """A date-time (with its zone) as an instant."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def shown(instant: int) -> str:
    """The instant as ECMAScript writes it, `2020-01-01T00:00:00.000Z`; in far years, the milliseconds."""
    try:
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant)
    except OverflowError:
        return str(instant)
    return when.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _otherwise(text: str) -> int | None:
    reading = _Reading(_tokens(text))
    try:
        return reading.instant()
    except _NoDate:
        return None


# The patterns take long to compile, and most runs meet no text that needs them.


@cache
def _day() -> re.Pattern[str]:
    return re.compile(r"(\d{4})-(\d\d)-(\d\d)Z?", re.ASCII)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(
        r"(?P<number>[0-9]+)|(?P<sign>[:.+)-])|(?P<blank>\s|\ufeff)|(?P<word>(?:(?![\s\ufeff])[A-Za-z\[-`{-\U0010ffff])+)|(?P<other>.)",
        re.DOTALL,
    )


class _NoDate(Exception):  # noqa: N818 - says only that the text is no date
    """The text is no date."""


def _tokens(text: str) -> list[Token]:
    """Numbers, signs, blanks, words; what stands in parentheses counts as one odd sign."""
    found, depth = list[Token](), 0
    for match in _word().finditer(text):
        kind, word = match.lastgroup or "", match[0]
        if word == "(":
            depth += 1
        elif depth and word == ")":
            depth -= 1
            found.append(("other", "()"))
        elif not depth:
            found.append((kind, word))
    if depth:
        found.append(("other", "()"))
    return found


def _instant(year: int, month: int, day: int, milliseconds: int, offset: int) -> int | None:
    """The instant of a day (one that the month lacks runs over) and a time; `offset`: seconds ahead of UTC."""
    # Years repeat every 400: so those that Python's dates do not reach are reckoned too.
    cycles, within = divmod(year - 1, 400)
    days = date(within + 1, month, 1).toordinal() - _EPOCH + cycles * 146_097 + day - 1
    made = days * _MS_DAY + milliseconds - offset * 1000
    return made if abs(made) <= _FARTHEST else None


class _Reading:
    """Reads the tokens of one text, first as ISO has it, and from where that fails in the lenient way."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens, self._at = tokens, 0
        self._numbers: list[int] = []
        self._month: int | None = None
        self._time: list[int] = []
        self._half: int | None = None
        self._sign: int | None = None
        self._hours: int | None = None
        self._minutes: int | None = None
        self._read_number = self._is_iso = False

    def instant(self) -> int | None:
        """The instant; `_NoDate` if there is none."""
        if not self._iso():
            self._read_number = bool(self._numbers)
            while (token := self._next()) is not None:
                self._take(*token)
        year, month, day = self._day()
        return _instant(year, month, day, self._clock(), self._offset())

    # --- Tokens ---

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> Token | None:
        token = self._peek()
        self._at += token is not None
        return token

    def _skip(self, sign: str) -> bool:
        if self._peek() == ("sign", sign):
            self._at += 1
            return True
        return False

    def _fixed(self, digits: int, least: int, most: int) -> int | None:
        """A number of so many digits that comes next, if it does and lies between the limits; not yet taken."""
        token = self._peek()
        if token is None or token[0] != "number" or len(token[1]) != digits or not least <= int(token[1]) <= most:
            return None
        return int(token[1])

    def _wanted(self, digits: int, most: int) -> int:
        """As `_fixed`, taken; `_NoDate` if it does not come."""
        number = self._fixed(digits, 0, most)
        if number is None:
            raise _NoDate
        self._at += 1
        return number

    # --- ISO ---

    def _iso(self) -> bool:
        """Read a date in ISO form; False where the text turns out to be none, with what was read so far kept."""
        if not self._iso_year():
            return False
        for most in (12, 31):
            if not self._skip("-"):
                break
            number = self._fixed(2, 1, most)
            if number is None:
                return False
            self._numbers.append(number)
            self._at += 1
        token = self._peek()
        if token is not None:
            if token[0] != "word" or token[1].lower() != "t":
                return False
            self._at += 1
            self._iso_time()
        self._is_iso = True
        return True

    def _iso_year(self) -> bool:
        token = self._peek()
        if token in {("sign", "+"), ("sign", "-")}:
            self._at += 1
            year = self._fixed(6, 0, 999_999)
            if year is None:
                self._at -= 1
                return False
            if year == 0 and token == ("sign", "-"):
                # There is no such year; the engine reads on behind it, in the lenient way.
                self._at += 1
                return False
            year = -year if token == ("sign", "-") else year
        else:
            year = self._fixed(4, 0, 9999)
            if year is None:
                return False
        self._numbers.append(year)
        self._at += 1
        return True

    def _iso_time(self) -> None:
        hour = self._wanted(2, 24)
        self._time.append(hour)
        late = 0 if hour == 24 else 59
        if not self._skip(":"):
            raise _NoDate
        self._time.append(self._wanted(2, late))
        if self._skip(":"):
            self._time.append(self._wanted(2, late))
            if self._skip("."):
                part = self._next()
                if part is None or part[0] != "number" or (hour == 24 and int(part[1])):
                    raise _NoDate
                self._time.append(_thousandths(part[1]))
        self._iso_zone()
        if self._peek() is not None:
            raise _NoDate

    def _iso_zone(self) -> None:
        token = self._peek()
        if token is not None and token[0] == "word" and token[1].lower() == "z":
            self._at += 1
            self._zone(0)
        elif token in {("sign", "+"), ("sign", "-")}:
            self._at += 1
            self._sign = -1 if token == ("sign", "-") else 1
            both = self._fixed(4, 0, 2359)
            if both is not None:
                self._at += 1
                self._hours, self._minutes = divmod(both, 100)
            else:
                self._hours = self._wanted(2, 23)
                if not self._skip(":"):
                    raise _NoDate
                self._minutes = self._wanted(2, 59)
            if self._minutes > 59:
                raise _NoDate

    # --- The lenient way ---

    def _take(self, kind: str, word: str) -> None:
        if kind == "number":
            self._read_number = True
            self._number(word)
        elif kind == "word":
            self._word(word.lower())
        elif kind == "sign" and word in "+-" and ((self._hours == 0 and self._minutes == 0) or self._time):
            self._shift(word)
        elif kind == "sign" and word in "+-)" and self._read_number:
            raise _NoDate

    def _number(self, word: str) -> None:
        number = int(word.lstrip("0")[:9] or "0")
        if self._skip(":"):
            self._part_of_time(number)
        elif self._skip(".") and self._time_expects(number):
            self._time.append(number)
            part = self._next()
            if part is None or part[0] != "number":
                raise _NoDate
            self._finish_time(_thousandths(part[1]))
        elif self._hours is not None and self._minutes is None and number < 60:
            self._minutes = number
        elif self._time_expects(number):
            self._finish_time(number)
            self._expect_end_of_time()
        elif len(self._numbers) < 3:
            self._numbers.append(number)
            self._skip("-")
        else:
            raise _NoDate

    def _part_of_time(self, number: int) -> None:
        if self._skip(":"):
            if self._time:
                raise _NoDate
            self._time += [number, 0]
            return
        if len(self._time) >= 4:
            raise _NoDate
        self._time.append(number)
        self._skip(".")

    def _time_expects(self, number: int) -> bool:
        return {1: number < 60, 2: number < 60, 3: number < 1000}.get(len(self._time), False)

    def _finish_time(self, number: int) -> None:
        self._time.append(number)
        self._time += [0] * (4 - len(self._time))

    def _expect_end_of_time(self) -> None:
        token = self._peek()
        if token is None or token[0] == "blank" or token in {("sign", "+"), ("sign", "-")}:
            return
        if token[0] != "word" or token[1].lower() != "z":
            raise _NoDate

    def _word(self, word: str) -> None:
        if word in _HALVES and self._time:
            self._half = _HALVES[word]
        elif word[:3] in _MONTHS:
            self._month = _MONTHS[word[:3]]
            self._skip("-")
        elif word in _ZONES and self._read_number:
            self._zone(_ZONES[word])
        elif self._read_number or (self._peek() or ("", ""))[0] == "number":
            # Words may stand before the first number, and not touch it.
            raise _NoDate

    def _zone(self, hours: int) -> None:
        self._sign, self._hours, self._minutes = (-1 if hours < 0 else 1), abs(hours), 0

    def _shift(self, sign: str) -> None:
        """An offset from UTC: `+2`, `+0200`, `+02:00` (whose minutes come with the next number)."""
        self._sign = -1 if sign == "-" else 1
        token = self._peek()
        digits = token[1] if token is not None and token[0] == "number" else ""
        self._at += bool(digits)
        number = int(digits.lstrip("0")[:9] or "0")
        self._read_number = True
        if self._peek() == ("sign", ":"):
            self._hours, self._minutes = number, None
        elif len(digits) in {1, 2}:
            self._hours, self._minutes = number, 0
        elif len(digits) in {3, 4}:
            self._hours, self._minutes = divmod(number, 100)
        else:
            raise _NoDate

    # --- What was read ---

    def _day(self) -> tuple[int, int, int]:
        if not self._numbers:
            raise _NoDate
        first, second, third = [*self._numbers, 1, 1][:3]
        if self._month is not None:
            month = self._month
            year, day = (second, first) if 1 <= first <= 31 else (first, second)
        elif self._is_iso or not 1 <= first <= 31:
            year, month, day = first, second, third
        else:
            month, day, year = first, second, third
        if not self._is_iso and 0 <= year < 100:
            year += 2000 if year < 50 else 1900
        if not (1 <= month <= 12 and 1 <= day <= 31):
            raise _NoDate
        return year, month, day

    def _clock(self) -> int:
        """The time of the day, in milliseconds."""
        hour, minute, second, part = [*self._time, 0, 0, 0, 0][:4]
        if self._half is not None:
            if not 0 <= hour <= 12:
                raise _NoDate
            hour = hour % 12 + self._half
        if not (hour < 24 and minute < 60 and second < 60 and part < 1000) and (hour, minute, second, part) != (
            24,
            0,
            0,
            0,
        ):
            raise _NoDate
        return ((hour * 60 + minute) * 60 + second) * 1000 + part

    def _offset(self) -> int:
        if self._sign is None:
            return 0
        # The engine counts the seconds in 32 bits, and takes what then seems negative for no zone.
        seconds = ((self._hours or 0) * 3600 + (self._minutes or 0) * 60) % (1 << 32)
        if seconds >= 1 << 31:
            raise _NoDate
        return self._sign * seconds


def _thousandths(digits: str) -> int:
    """Digits behind a point of seconds, as milliseconds; what is finer is cut."""
    return int((digits + "00")[:3])
