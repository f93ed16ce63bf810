"""What is said of one activity of a batch."""

import pytest

import iati_files as iati
from ssc_iati.standard.validator import batch


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(batch, "MOST_OF_A_RULE", 2)


def test_that_there_is_more_of_a_rule_is_told_of_the_activity_itself():
    wrong = '<activity-scope code="none"/>'
    items = iati.activity(number=1), iati.activity(*[wrong] * 5, number=2)

    (more,) = iati.findings(batch.MORE.id, *items)

    assert more.where.path == "/iati-activities/iati-activity[2]"
    assert more.identifier == "XM-DAC-41119-2"
    assert more.values["value"] == "9.6.1"
    assert more.values["count"] == "3"
