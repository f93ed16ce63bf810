"""Texts read as the official validator reads them: dates and numbers of ECMAScript, numbers of XPath.

A value that those languages take is taken here, however odd: where the official validator is merely lenient, so are we.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_ISO = re.compile(
    r"(?P<year>\d{4}|[+-]\d{6})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<part>\d+))?)?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
_WORD = re.compile(r"[A-Za-z]+|\d+|[+-]|[:/.,]|\([^()]*\)|\s+|.", re.DOTALL)
_MONTHS = {name: month for month, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_ZONES = {"ut": 0, "utc": 0, "gmt": 0, "z": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300}
_ZONES |= {"mst": -420, "mdt": -360, "pst": -480, "pdt": -420}
_XPATH = re.compile(r"[ \t\r\n]*-?\d*\.?\d+[ \t\r\n]*")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PREFIXED = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_BLANKS = " \t\n\v\f\r\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def trimmed(text: str) -> str:
    """The text without the blanks around it that ECMAScript's `trim` takes away (non-breaking ones and BOM included)."""
    return text.strip(_BLANKS)


def moment(text: str) -> datetime | None:
    """The instant that ECMAScript's `Date` makes of the text, in UTC; None where it makes none.

    A day is its midnight; a time without zone counts as UTC. A day with an offset (`2020-01-01+02:00`) is none.
    """
    day = _DAY.fullmatch(text)
    if day:
        return _instant(int(day[1]), int(day[2]), int(day[3]), lenient=int(day[3]) <= 31)
    return _iso(text.strip(" ")) or _legacy(text)


def number(text: str) -> float:
    """The number that ECMAScript's `Number` makes of the text: blanks around it ignored, nothing is 0, words are NaN."""
    bare = trimmed(text)
    if not bare:
        return 0.0
    if _DECIMAL.fullmatch(bare):
        return float(bare)
    if _PREFIXED.fullmatch(bare):
        return float(int(bare, 0))
    return {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}.get(bare, math.nan)


def xpath_number(text: str) -> float:
    """The number that the official validator's XPath makes of the text, else NaN: ` 5 `, `.5`, `-5`; not `5.`, `+5`, `1e3`."""
    return float(text) if _XPATH.fullmatch(text) else math.nan


def shown(instant: datetime) -> str:
    """The instant as the official validator shows it: `2020-01-01T00:00:00.000Z`."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03}Z"


def _instant(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: float = 0, *, lenient: bool = True
) -> datetime | None:
    """The instant; a day that the month does not have runs over into the next, as ECMAScript has it."""
    if not (lenient and 1 <= month <= 12 and 1 <= day <= 31 and hour <= 24 and minute < 60 and second < 60):
        return None
    if hour == 24 and (minute or second):
        return None
    try:
        return datetime(year, month, 1, tzinfo=UTC) + timedelta(
            days=day - 1, hours=hour, minutes=minute, seconds=second
        )
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if not found or (found["zone"] not in {None, "Z"} and found["hour"] is None):
        return None
    second = float(f"{found['second'] or 0}.{found['part'] or 0}")
    parts = (int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))
    made = _instant(*parts, int(found["hour"] or 0), int(found["minute"] or 0), second)
    return _moved(made, _offset(found["zone"]))


def _offset(zone: str | None) -> int:
    """Minutes that a zone is ahead of UTC."""
    if zone in {None, "Z"} or zone is None:
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return -minutes if zone[0] == "-" else minutes


def _moved(instant: datetime | None, minutes: int) -> datetime | None:
    try:
        return None if instant is None else instant - timedelta(minutes=minutes)
    except OverflowError:
        return None


class _Legacy:
    """What V8's older parser gathers of a text, word by word: numbers, a month's name, a time, a zone."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.time: list[int] = []
        self.month: int | None = None
        self.half: str | None = None
        self.zone: int | None = None


def _legacy(text: str) -> datetime | None:
    """The instant of a text in an older form: `1/31/2020`, `2020/1/31`, `Jan 31 2020 10:00 GMT+0200`."""
    if len(text) > 200:
        return None
    read = _Legacy()
    words = [word for word in _WORD.findall(text) if not word.startswith("(")]
    if not all(_took(read, words, index) for index in range(len(words))):
        return None
    day = _legacy_day(read)
    hour, minute, second, *_ = [*read.time, 0, 0, 0]
    if read.half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if read.half == "pm" else 0)
    return None if day is None else _moved(_instant(*day, hour, minute, second), read.zone or 0)


def _took(read: _Legacy, words: list[str], index: int) -> bool:
    """Take a word; False if no date can hold it."""
    word, before = words[index], words[index - 1] if index else ""
    after = words[index + 1] if index + 1 < len(words) else ""
    if word.isdigit() and word.isascii():
        return _took_number(read, word, before, after, index >= 2 and words[index - 2].isalpha())
    if word.isalpha() and word.isascii():
        return _took_word(read, word.lower())
    # Signs between numbers only divide them; a sign where a zone might stand is looked at with its number.
    return word.isspace() or word in {"-", "+", "/", ":", ",", "."}


def _took_number(read: _Legacy, word: str, before: str, after: str, zoned: bool) -> bool:  # noqa: FBT001
    value = int(word[:9])
    if before in {"+", "-"} and (read.time or (zoned and read.zone is not None)):
        minutes = value * 60 if len(word) <= 2 else value // 100 * 60 + value % 100
        read.zone = (read.zone or 0) + (-minutes if before == "-" else minutes)
        return True
    if after == ":" or before == ":":
        read.time.append(value)
        return len(read.time) <= 3
    if before == "." and len(read.time) == 3:
        return True
    read.numbers.append(value)
    return len(read.numbers) <= 3


def _took_word(read: _Legacy, word: str) -> bool:
    if word in {"am", "pm"}:
        read.half = word
    elif word in _ZONES:
        read.zone = _ZONES[word]
    elif word[:3] in _MONTHS:
        read.month = _MONTHS[word[:3]]
    else:
        # Words before the first number are passed over, as is the T between day and time.
        return not read.numbers or (word == "t" and not read.time)
    return True


def _legacy_day(read: _Legacy) -> tuple[int, int, int] | None:
    """Year, month and day, in the order that the older parser supposes: month first, unless a year comes first."""
    if read.month is not None:
        return _named_month(read.numbers, read.month)
    match read.numbers:
        case [year]:
            return (year, 1, 1) if year > 31 else None
        case [first, second]:
            return (2001, first, second) if first <= 12 else None
        case [first, second, third] if first > 31:
            return first, second, third
        case [first, second, third]:
            return _century(third), first, second
    return None


def _named_month(numbers: list[int], month: int) -> tuple[int, int, int] | None:
    match numbers:
        case [day]:
            return 2001, month, day
        case [first, second] if first > 31:
            return first, month, second
        case [first, second]:
            return _century(second), month, first
    return None


def _century(year: int) -> int:
    """Two digits are a year of 1950 to 2049."""
    return year + (2000 if year < 50 else 1900) if year < 100 else year
