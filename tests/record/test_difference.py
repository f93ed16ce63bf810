"""What differs between two records, where a person wrote it."""

import builders
from ssc_iati.record.canonical import canonical_json
from ssc_iati.record.difference import differences


def canonical(**changes):
    project, _ = builders.checked(builders.sound_project(**changes))
    return canonical_json(project)


def told(before, after):
    """The differences, each path as one text."""
    found = differences(before, after)
    return [
        (
            ".".join(f"{step.field}[{step.which}]" if step.which else step.field for step in each.path),
            each.before,
            each.after,
        )
        for each in found
    ]


def test_the_same_record_does_not_differ():
    assert told(canonical(), canonical()) == []


def test_a_text_is_told_by_its_language():
    before = canonical(title=[{"lang": "es", "text": "Uno"}, {"lang": "en", "text": "One"}])
    after = canonical(title=[{"lang": "es", "text": "Dos"}, {"lang": "pt", "text": "Dois"}])

    assert told(before, after) == [
        ("title[es]", "Uno", "Dos"),
        ("title[en]", "One", None),
        ("title[pt]", None, "Dois"),
    ]


def test_a_scalar_is_told_as_it_was_and_is():
    assert told(canonical(), canonical(status="suspended")) == [("status", "implementation", "suspended")]


def test_rows_are_compared_by_their_keys():
    parts = builders.sound_project()["participations"]
    other = [parts[1] | {"function": "supervisor"}, parts[0]]

    assert told(canonical(), canonical(participations=other)) == [
        ("participations[b].function", "executing-agency", "supervisor"),
        ("participations", "a, b", "b, a"),
    ]


def test_rows_without_keys_are_told_by_what_they_are_about():
    before = canonical(sectors=[{"code": "31166", "percentage": "60"}, {"code": "12220", "percentage": "40"}])
    after = canonical(sectors=[{"code": "31166", "percentage": "70"}, {"code": "11110", "percentage": "30"}])

    assert told(before, after) == [
        ("sectors[31166].percentage", "60", "70"),
        ("sectors[12220]", "code: 12220; percentage: 40", None),
        ("sectors[11110]", None, "code: 11110; percentage: 30"),
    ]


def test_rows_that_are_called_alike_are_told_apart():
    dates = [{"type": "2", "date": "2024-03-01"}, {"type": "2", "date": "2024-04-01"}]
    (found,) = told(
        canonical(activity_dates=dates), canonical(activity_dates=[dates[0], dates[1] | {"date": "2024-05-01"}])
    )

    assert found == ("activity_dates[2 (2)].date", "2024-04-01", "2024-05-01")


def test_what_nobody_may_see_is_not_told():
    secret = {"contacts": [{"emails": ["SECRET@example.org"]}]}

    assert told(canonical(), canonical(**secret)) == []
