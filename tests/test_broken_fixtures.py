"""What `fixtures/broken` holds is broken in known ways: each is found, where it stands, and harms no other record."""

from datetime import date
from pathlib import Path

import pytest

from ssc_iati.config import Settings
from ssc_iati.findings import SourceError
from ssc_iati.run import check_source

BROKEN = Path(__file__).parents[1] / "fixtures" / "broken"

EXPECTED = {
    "one-bad-line.jsonl": (2, 0, {("ssc-json-line-broken", 3)}),
    "doubled-and-contradictory.jsonl": (
        1,
        8,
        {
            ("ssc-key-doubled", 2),
            ("ssc-key-doubled", 3),
            ("11.1.3", 4),
            ("2.1.2", 5),
            ("9.50.1", 6),
            ("ssc-reference-unknown", 7),
            ("ssc-date-year", 8),
            ("7.5.3", 9),
        },
    ),
    "mistyped-cells": (
        1,
        2,
        {
            ("ssc-column-unknown", 1),
            ("ssc-csv-encoding-assumed", 1),
            ("ssc-date-ambiguous", 2),
            ("ssc-date-serial", 4),
            ("ssc-term-unknown", 4),
            ("ssc-number-ambiguous", 3),
        },
    ),
    "lost-children": (
        0,
        3,
        {
            ("ssc-parent-unknown", 2),
            ("6.2.2", 3),
            ("6.2.2", 4),
            ("ssc-date-unreadable", 4),
            ("ssc-term-unknown", 4),
            ("ssc-cell-without-header", 4),
            ("ssc-geography-missing", 4),
            ("ssc-participating-org-missing", 4),
            ("ssc-project-unknown", 3),
            ("ssc-project-unknown", 4),
        },
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_everything_that_is_wrong_is_found_in_its_place(name):
    heard = []

    report = check_source(BROKEN / name, Settings(), heard.append, today=date(2026, 11, 24))

    found = {(each.rule, each.where.row or each.where.line) for each in heard}
    assert (report.accepted, report.set_aside, found) == EXPECTED[name]


def test_a_document_that_is_cut_is_not_used_at_all():
    heard = []

    with pytest.raises(SourceError) as refused:
        check_source(BROKEN / "cut-in-the-middle.json", Settings(), heard.append, today=date(2026, 11, 24))

    assert refused.value.finding.rule == "ssc-json-document-cut"
    assert heard == []


def test_every_broken_fixture_is_tried_here():
    assert {path.name for path in BROKEN.iterdir()} == {*EXPECTED, "cut-in-the-middle.json"}
