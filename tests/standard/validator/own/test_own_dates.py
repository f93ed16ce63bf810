"""Dates behind the first of their sort, and the terms of a loan."""

import pytest

import iati_files as iati

ORDER = "ssc-iati-dates-order"


def transaction(date, value_date):
    return (
        f'<transaction><transaction-type code="3"/><transaction-date iso-date="{date}"/>'
        f'<value value-date="{value_date}">1</value></transaction>'
    )


def dates(*said):
    return [f'<activity-date type="{sort}" iso-date="{date}"/>' for sort, date in said]


@pytest.mark.parametrize(
    ("rule", "official", "late"),
    [
        ("ssc-iati-transaction-future", "11.2.1", ("2026-02-01", "2025-01-01")),
        ("ssc-iati-value-date-future", "11.2.2", ("2025-01-01", "2026-02-01")),
    ],
)
def test_future_dates_are_told_of_every_transaction_and_of_each_once(rule, official, late):
    past, future = transaction("2025-01-01", "2025-01-01"), transaction(*late)

    assert not iati.findings(rule, iati.activity(past, past))
    assert iati.rules(iati.activity(future, past)) == [official]
    assert iati.rules(iati.activity(past, future)) == [rule]
    (found,) = iati.findings(rule, iati.activity(future, past, future, future))
    assert found.values["value"] == "2026-02-01"
    assert "/transaction[3]/" in found.where.path
    assert len(found.also) == 1


def test_today_and_what_is_no_date_are_not_in_the_future():
    item = iati.activity(transaction("2025-01-01", "2025-01-01"), transaction("2026-01-31", "soon"))

    assert not {"ssc-iati-transaction-future", "ssc-iati-value-date-future"} & set(iati.rules(item))


@pytest.mark.parametrize(("start", "end"), [("1", "3"), ("2", "4")])
def test_all_starts_and_ends_are_compared_but_the_first_which_are_the_official_rules(start, end):
    def told(*said):
        return iati.rules(iati.activity(*dates(*said), without="activity-date"))

    official = {"1": "11.1.2", "2": "11.1.3"}[start]
    assert told((start, "2025-01-01"), (end, "2025-06-01"), (end, "2025-07-01")) == []
    assert told((start, "2025-06-01"), (end, "2025-01-01")) == [official]
    assert told((start, "2025-06-01"), (end, "2025-01-01"), (end, "2025-07-01")) == [official]
    assert told((start, "2025-01-01"), (end, "2025-06-01"), (start, "2025-07-01")) == [ORDER]
    assert told((start, "2025-02-01"), (end, "2025-06-01"), (end, "2025-01-01")) == [ORDER]


def test_the_latest_start_and_the_earliest_end_are_told():
    said = dates(("2", "2025-07-01"), ("2", "2025-06-15"), ("4", "2025-06-01"), ("4", "2025-05-01"))

    (found,) = iati.findings(ORDER, iati.activity(*said))

    assert (found.values["start"], found.values["end"]) == ("2025-07-01", "2025-05-01")
    assert found.where.path.endswith("/activity-date[2]/@iso-date")
    assert [each.path.rpartition("[1]/")[2] for each in found.also] == ["activity-date[5]/@iso-date"]


def test_a_plan_and_what_really_happened_are_not_compared():
    item = iati.activity(*dates(("1", "2025-01-01"), ("3", "2025-12-31"), ("4", "2024-06-01"), ("4", "2024-07-01")))

    assert not iati.rules(item)


@pytest.mark.parametrize(
    ("commitment", "first", "final", "told"),
    [
        ("2020-01-01", "2021-01-01", "2030-01-01", []),
        ("2020-01-01", "2020-01-01", "2020-01-01", []),
        ("2022-01-01", "2021-01-01", "2030-01-01", [("2022-01-01", "2021-01-01")]),
        ("2020-01-01", "2031-01-01", "2030-01-01", [("2031-01-01", "2030-01-01")]),
        ("2031-01-01", "none", "2030-01-01", [("2031-01-01", "2030-01-01")]),
    ],
)
def test_the_dates_of_a_loan_come_in_their_order(commitment, first, final, told):
    terms = f"""<crs-add><loan-terms><commitment-date iso-date="{commitment}"/>
      <repayment-first-date iso-date="{first}"/><repayment-final-date iso-date="{final}"/></loan-terms></crs-add>"""

    found = iati.findings(ORDER, iati.activity(terms))

    assert [(each.values["start"], each.values["end"]) for each in found] == told
    assert all(each.words == "iati:ssc-iati-dates-order-loan" for each in found)
