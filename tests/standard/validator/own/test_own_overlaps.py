"""Periods of one series of budgets or planned disbursements that overlap."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iati_files as iati

BUDGETS, PLANNED = "ssc-iati-budgets-overlap", "ssc-iati-planned-disbursements-overlap"


def period(name, start, end, *, inner="", currency="", before="", **attributes):
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    of = f' currency="{currency}"' if currency else ""
    last = f'<period-end iso-date="{end}"/>' if end else ""
    return (
        f'<{name}{said}>{before}<period-start iso-date="{start}"/>{last}'
        f'<value value-date="2025-01-01"{of}>1</value>{inner}</{name}>'
    )


def budgets(*said, **attributes):
    return [period("budget", start, end, **attributes) for start, end in said]


def test_overlapping_budgets_are_told_with_both_periods_and_places():
    first, second = budgets(("2025-01-01", "2025-12-31"), ("2025-07-01", "2026-06-30"))

    (found,) = iati.findings(BUDGETS, iati.activity(first, second))

    assert found.where.path.endswith("/budget[2]")
    assert [each.path.rpartition("/")[2] for each in found.also] == ["budget[1]"]
    assert {key: found.values[key] for key in ("start", "end", "other_start", "other_end")} == {
        "start": "2025-07-01",
        "end": "2026-06-30",
        "other_start": "2025-01-01",
        "other_end": "2025-12-31",
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"start": "2026-01-01", "end": "2026-12-31"}),
        ({}, {"start": "2025-12-31", "end": "2026-12-31"}),
        ({"type": "1"}, {"type": "2"}),
        ({"status": "1"}, {"status": "2"}),
        ({}, {"type": "2"}),
        ({"currency": "EUR"}, {}),
        ({}, {"end": "none"}),
    ],
    ids=["next year", "from the last day on", "revised", "committed", "default type", "currency", "no date"],
)
def test_budgets_of_other_times_or_of_another_series_do_not_overlap(one, other):
    usual = {"start": "2025-01-01", "end": "2025-12-31"}

    assert not iati.findings(BUDGETS, iati.activity(period("budget", **usual | one), period("budget", **usual | other)))


def test_what_is_not_stated_is_the_default():
    usual = ("2025-01-01", "2025-12-31")
    stated = period("budget", *usual, type="1", status="1", currency="USD")

    assert iati.findings(BUDGETS, iati.activity(*budgets(usual), stated))


def test_planned_disbursements_to_several_receivers_may_overlap():
    to = '<receiver-org ref="{}"><narrative>{}</narrative></receiver-org>'
    usual = ("planned-disbursement", "2025-01-01", "2025-12-31")
    one, other = (period(*usual, inner=to.format(ref, "A")) for ref in ("CL-RUT-1", "CL-RUT-2"))
    named, otherwise = (period(*usual, inner=to.format("", name)) for name in ("A", "B"))

    assert not iati.findings(PLANNED, iati.activity(one, other))
    assert not iati.findings(PLANNED, iati.activity(named, otherwise))
    assert not iati.findings(PLANNED, iati.activity(one, period("planned-disbursement", "2025-01-01", "")))
    assert iati.findings(PLANNED, iati.activity(one, one))
    assert iati.findings(PLANNED, iati.activity(named, named))


def test_the_budgets_of_an_organisation_are_compared_with_those_for_the_same():
    country = '<recipient-country code="{}"/>'
    usual = ("recipient-country-budget", "2025-01-01", "2025-12-31")
    total = period("total-budget", "2025-01-01", "2025-12-31")
    bolivia, chile = (period(*usual, before=country.format(code)) for code in ("BO", "CL"))

    assert not iati.findings(BUDGETS, iati.organisation(total, bolivia, chile))
    assert len(iati.findings(BUDGETS, iati.organisation(total, total, bolivia, bolivia))) == 2


DAYS = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(
    lambda two: (date(2025, 1, 1) + timedelta(two[0]), date(2025, 1, 1) + timedelta(two[0] + two[1]))
)


@given(st.lists(DAYS, min_size=1, max_size=6))
def test_there_is_a_finding_if_and_only_if_two_periods_share_a_day_and_more(periods):
    found = iati.findings(BUDGETS, iati.activity(*budgets(*periods)))

    overlap = any(a[0] < b[1] and b[0] < a[1] for n, a in enumerate(periods) for b in periods[:n])
    assert bool(found) == overlap
    assert len(found) < len(periods)
