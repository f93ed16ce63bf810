"""Dates are read as V8, the engine of the official validator, reads them: lenient where it is, silent where it is."""

import json
import random
import shutil
import subprocess
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssc_iati.standard.validator.moments import _otherwise, milliseconds, moment, shown

# Observed: the text, and the instant as ECMAScript writes it; None where it makes none of it.
FACTS = {
    "2020-01-01": "2020-01-01T00:00:00.000Z",
    "2020-01-01Z": "2020-01-01T00:00:00.000Z",
    " 2020-01-01 ": "2020-01-01T00:00:00.000Z",
    "2020-1-1": "2020-01-01T00:00:00.000Z",
    "2020-02-30": "2020-03-01T00:00:00.000Z",
    "2019-02-31": "2019-03-03T00:00:00.000Z",
    "2020-02": "2020-02-01T00:00:00.000Z",
    "2999": "2999-01-01T00:00:00.000Z",
    "2999/1/1": "2999-01-01T00:00:00.000Z",
    "1/31/2020": "2020-01-31T00:00:00.000Z",
    "Jan 1 2999": "2999-01-01T00:00:00.000Z",
    "1 January 2020": "2020-01-01T00:00:00.000Z",
    "Thu, 01 Jan 1970 00:00:00 GMT": "1970-01-01T00:00:00.000Z",
    "2020-01-01T10:00": "2020-01-01T10:00:00.000Z",
    "2020-01-01T10:00:00.1239Z": "2020-01-01T10:00:00.123Z",
    "2020-01-01T10:00:00+02:00": "2020-01-01T08:00:00.000Z",
    "2020-01-01T24:00:00": "2020-01-02T00:00:00.000Z",
    "2020-01-01 10:00:00": "2020-01-01T10:00:00.000Z",
    "Jan 31, 2020 10:00 PM GMT+2": "2020-01-31T20:00:00.000Z",
    "1/1/49": "2049-01-01T00:00:00.000Z",
    "1/1/50": "1950-01-01T00:00:00.000Z",
    "-000000-01-01": "2001-01-01T00:00:00.000Z",
    "-000000": None,
    "0001-01-01": "0001-01-01T00:00:00.000Z",
    "2020-01-01+02:00": None,  # a date of XML Schema
    "2020-12-25-05:00": None,
    "2020-13-01": None,
    "2020-00-01": None,
    "2020-01-00": None,
    "2020-01-32": None,
    "20200101T10": None,
    "31/12/2020": None,
    "soon": None,
    "": None,
    " ": None,
    "2020-01-01T25:00": None,
    "2020-01-01T24:00:01": None,
}


@given(st.from_regex(r"[0-9]{4}[-W0-9][0-9W]{2}[-0-9][0-9-]{2}Z?", fullmatch=True) | st.dates().map(str))
def test_the_quick_way_to_a_day_leads_where_the_slow_one_leads(text):
    assert moment(text) == _otherwise(text)


@pytest.mark.parametrize(("text", "wanted"), FACTS.items())
def test_what_a_text_means_was_observed(text, wanted):
    found = moment(text)
    assert (None if found is None else shown(found)) == wanted


@given(st.dates())
def test_a_date_in_iso_form_is_its_midnight_in_utc(day):
    wanted = milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
    assert moment(day.isoformat()) == moment(f"{day.isoformat()}Z") == wanted


@given(st.datetimes(timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))))
def test_a_date_time_with_its_zone_is_its_instant(when):
    when = when.replace(microsecond=when.microsecond // 1000 * 1000)
    assert moment(when.isoformat(timespec="milliseconds")) == milliseconds(when)


@given(st.text())
def test_any_text_is_an_instant_or_none(text):
    assert moment(text) is None or isinstance(moment(text), int)


@given(st.text(alphabet="0123456789-/:.TZ +()apmJnuFebGUC", max_size=30))
def test_any_text_that_looks_like_a_date_is_an_instant_or_none(text):
    assert moment(text) is None or abs(moment(text)) <= 8_640_000_000_000_000


def test_years_beyond_those_of_python_are_reckoned_and_shown():
    assert moment("+010000-01-01") == 253_402_300_800_000
    assert moment("-000001-01-01") == -62_198_755_200_000
    assert shown(253_402_300_800_000) == "253402300800000"
    assert moment("+275760-09-13") == 8_640_000_000_000_000
    assert moment("+275760-09-14") is None


def test_what_is_longer_than_any_date_is_neither_read_nor_kept_in_memory():
    tracemalloc.start()
    for number in range(30):
        assert moment(f"2020-01-01{' ' * 1_000_000}{number}") is None
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 2_000_000


PIECES = (
    "2020", "1", "31", "12", "13", "0", "99", "05", "20", "2999", "Jan", "january", "Feb", "Z", "T", "GMT", "UTC",
    "EST", "am", "PM", "-", "/", ".", ",", " ", "  ", ":", "+", "(x)", "(", ")", "10:20", "10:20:30", "+02:00", "-0500",
    "2014-01-01", "01/02/2024", "2014-01-01T10:00:00", "foo", "Mon", "32", "60", "25", "000", "24:00", "000000",
    "+002020", "é", "\u00a0",
)  # fmt: skip
NODE = """
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => { const t = new Date(text).getTime(); return isNaN(t) ? null : t; })));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_engine_itself_reads_random_texts_likewise():
    dice = random.Random(1)  # noqa: S311 - no secret
    texts = ["".join(dice.choice(PIECES) for _ in range(dice.randrange(1, 7))) for _ in range(10_000)] + list(FACTS)
    ran = subprocess.run(
        ["node", "-e", NODE],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        env={"TZ": "UTC", "PATH": "/usr/local/bin:/usr/bin:/bin"},
    )
    differing = {text: read for text, read in zip(texts, json.loads(ran.stdout), strict=True) if read != moment(text)}
    assert differing == {}
