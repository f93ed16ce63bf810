"""Identifiers that last: of who publishes, and of what is published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree

import builders
from ssc_iati.findings import SourceError
from ssc_iati.merging.mode import Mode
from ssc_iati.messages import word
from ssc_iati.publication import plan
from ssc_iati.publication.deciding import decide, decisions
from ssc_iati.publication.refusal import Unpublishable
from ssc_iati.publish.guard import Rule
from ssc_iati.publish.ledger import Decision, Ledger
from ssc_iati.publish.options import IdentifierOptions
from ssc_iati.publish.spool import Kind

FIRST = datetime(2026, 1, 31, 12, tzinfo=UTC)
MANY = [builders.sound_project(f"P{number}") for number in range(20)]
OLD, NEW = "XM-DAC-41119", "XI-IATI-NEW"


def identified(publication: Any, **identifiers: Any) -> None:
    """Let a publication decide so of identifiers, and else be guarded as by default."""
    publication.settings = builders.SETTINGS.model_copy(update={"identifiers": IdentifierOptions(**identifiers)})


def renewed(publication: Any, ref: str = NEW, **identifiers: Any) -> None:
    """Give the publisher another identifier."""
    identified(publication, **identifiers)
    publisher = builders.SETTINGS.publisher.model_copy(
        update={"reporting_org": builders.SETTINGS.publisher.reporting_org.model_copy(update={"ref": ref})}
    )
    publication.settings = publication.settings.model_copy(update={"publisher": publisher})


def activities(publication: Any) -> dict[str, Any]:
    root = etree.fromstring(publication.file.read_bytes())
    return {each.findtext("iati-identifier"): each for each in root}


def other_identifiers(activity: Any) -> list[tuple[str, str, str]]:
    return [
        (each.get("type"), each.get("ref"), each.find("owner-org").get("ref"))
        for each in activity.findall("other-identifier")
    ]


def rules(publication: Any) -> list[str]:
    return builders.rules_of(publication.findings)


@pytest.fixture
def settled(publication):
    identified(publication)
    publication.publish(*MANY)
    return publication


# --- Who publishes ----------------------------------------------------------------------------------------------------


def test_activities_keep_their_identifiers_under_a_publisher_of_another_name(settled):
    renewed(settled, former=(OLD,))

    report = settled.publish(*MANY, builders.sound_project("LATER"), day=1)

    found = activities(settled)
    assert (report.added, report.gone, report.updated) == (1, 0, 21)
    assert list(found) == [*(f"{OLD}-P{number}" for number in range(20)), f"{NEW}-LATER"]
    assert {each.find("reporting-org").get("ref") for each in found.values()} == {NEW}
    assert other_identifiers(found[f"{OLD}-P0"]) == [("B1", OLD, NEW)]
    assert other_identifiers(found[f"{NEW}-LATER"]) == []
    assert rules(settled) == []


def test_a_second_run_under_the_new_name_changes_nothing(settled):
    renewed(settled, former=(OLD,))
    settled.publish(*MANY, day=1)

    report = settled.publish(*reversed(MANY), *(), day=2)

    assert (report.updated, report.gone) == (0, 0)


def test_a_table_that_is_merged_takes_the_publisher_as_it_is_today(settled, tmp_path):
    renewed(settled, former=(OLD,))
    source = settled.settings.source.model_copy(update={"mode": Mode.MERGE})
    settled.settings = settled.settings.model_copy(update={"source": source})

    settled.publish({"key": "P3", "title": [{"text": "Otro"}]}, day=1)

    found = activities(settled)
    assert len(found) == 20
    assert {each.find("reporting-org").get("ref") for each in found.values()} == {NEW}
    assert other_identifiers(found[f"{OLD}-P4"]) == [("B1", OLD, NEW)]


def test_an_earlier_identifier_that_the_record_states_is_not_stated_twice(publication):
    renewed(publication, former=(OLD,))
    stated = {"ref": OLD, "type": "B1", "owner": {"ref": "XX"}}
    publication.publish(
        builders.sound_project("A", iati_identifier=f"{OLD}-A", other_identifiers=[stated]),
        builders.sound_project("B", iati_identifier=f"{OLD}-B"),
    )

    found = activities(publication)
    assert other_identifiers(found[f"{OLD}-A"]) == [("B1", OLD, "XX")]
    assert other_identifiers(found[f"{OLD}-B"]) == [("B1", OLD, NEW)]


def test_a_publisher_of_another_name_is_asked_whether_it_is_the_same(settled):
    before = settled.stamp
    renewed(settled)

    with pytest.raises(SourceError) as refused:
        settled.publish(*MANY, day=1)

    assert refused.value.finding.rule == "ssc-reporter-changed"
    assert f'former = ["{OLD}"]' in word(refused.value.finding).hint
    assert settled.stamp == before


def test_an_identifier_is_never_derived_anew_for_what_was_published_under_another(settled):
    renamed = MANY[0] | {"iati_identifier": f"{OLD}-STATED"}
    settled.publish(renamed, *MANY[1:], day=1, allow={Rule.IDENTIFIERS})

    report = settled.publish(*MANY, day=2)

    assert f"{OLD}-STATED" in activities(settled)
    assert (report.gone, report.added) == (0, 0)


# --- What is published ------------------------------------------------------------------------------------------------


def test_what_is_missing_stays_as_it_was_until_somebody_decides(settled):
    before = settled.stamp

    report = settled.publish(*MANY[:5], *MANY[6:], day=1)

    assert (report.missing, report.gone, report.well, report.unchanged) == (1, 0, False, True)
    assert settled.stamp == before
    assert [(each.rule, each.identifier) for each in settled.findings] == [("ssc-activity-missing", f"{OLD}-P5")]


def test_what_is_missing_keeps_its_place(settled):
    settled.publish(*MANY[1:10], *MANY[11:], builders.sound_project("LATER"), day=1)

    assert list(activities(settled)) == [*(f"{OLD}-P{number}" for number in range(20)), f"{OLD}-LATER"]


def test_what_is_dropped_by_command_goes_with_the_next_run(settled):
    settled.publish(*MANY[1:], day=1)

    decide(f"{OLD}-P0", None, settled.folder, settled.settings)
    report = settled.publish(*MANY[1:], day=1)

    assert (report.gone, report.missing, report.rested) == (1, 0, False)
    assert f"{OLD}-P0" not in activities(settled)
    assert settled.publish(*MANY[1:], day=2).rested


def test_what_is_dropped_by_configuration_goes(settled):
    identified(settled, dropped=[f"{OLD}-P0", f"{OLD}-P1", f"{OLD}-P2"])

    assert settled.publish(*MANY[3:], day=1).gone == 3


def test_what_is_dropped_and_in_the_source_again_stands(settled):
    identified(settled, dropped=[f"{OLD}-P0"])
    settled.publish(*MANY[1:], day=1)

    assert settled.publish(*MANY, day=2).gone == 0
    assert f"{OLD}-P0" in activities(settled)


def test_more_than_a_share_is_refused_and_said_once(settled):
    with pytest.raises(Unpublishable):
        settled.publish(*MANY[3:], day=1)

    assert rules(settled) == ["ssc-guard-activities"]


def test_all_that_is_missing_may_go_at_once(settled):
    assert settled.publish(*MANY[3:], day=1, allow={Rule.ACTIVITIES}).gone == 3


def test_a_source_can_have_the_last_word(settled):
    identified(settled, missing="drop")

    report = settled.publish(builders.sound_project("OTHER", title=MANY[0]["title"]), *MANY[1:], day=1)

    assert (report.gone, report.added, report.held, rules(settled)) == (1, 1, 0, [])


LIKELY = builders.sound_project("OTHER", title=[{"text": "SEMILLAS para P-0"}])


def test_what_looks_renamed_waits(settled):
    settled.publish(MANY[0] | {"title": [{"text": "Semillas para P-0"}]}, *MANY[1:], day=1)
    before = settled.stamp

    report = settled.publish(LIKELY, *MANY[1:], day=2)

    assert (report.held, report.missing, report.added, report.gone) == (1, 1, 0, 0)
    assert settled.stamp == before
    (found,) = settled.findings
    assert (found.rule, found.identifier) == ("ssc-activity-renamed", f"{OLD}-OTHER")
    assert f"ssc-iati decide rename {OLD}-P0 {OLD}-OTHER" in word(found).hint


@pytest.mark.parametrize(
    ("said", "sign"),
    [
        ({"title": MANY[0]["title"]}, "content"),
        ({"other_identifiers": [{"ref": f"{OLD}-P0", "type": "A1", "owner": {"ref": OLD}}]}, "other-identifier"),
        ({"title": MANY[0]["title"], "hierarchy": "1"}, "title"),
    ],
)
def test_what_is_renamed_is_known_again_by_what_it_says(settled, said, sign):
    settled.publish(builders.sound_project("OTHER", **said), *MANY[1:], day=1)

    assert [(each.rule, each.values["sign"]) for each in settled.findings] == [("ssc-activity-renamed", sign)]


def test_two_that_look_alike_are_taken_for_neither(settled):
    twins = [builders.sound_project(key, title=MANY[0]["title"]) for key in ("X", "Y")]

    report = settled.publish(*twins, *MANY[1:], day=1)

    assert (report.held, report.missing, report.added) == (0, 1, 2)


def test_a_rename_that_was_decided_states_the_former_identifier(settled):
    settled.publish(LIKELY | {"title": MANY[0]["title"]}, *MANY[1:], day=1)
    decide(f"{OLD}-P0", f"{OLD}-OTHER", settled.folder, settled.settings)

    report = settled.publish(LIKELY, *MANY[1:], day=2)

    found = activities(settled)
    assert (report.added, report.gone, report.held, rules(settled)) == (1, 1, 0, [])
    assert other_identifiers(found[f"{OLD}-OTHER"]) == [("A3", f"{OLD}-P0", OLD)]
    assert settled.publish(LIKELY, *MANY[1:], day=3).updated == 0


def test_what_was_dropped_makes_room_for_what_looks_like_it(settled):
    identified(settled, dropped=[f"{OLD}-P0"])

    report = settled.publish(builders.sound_project("OTHER", title=MANY[0]["title"]), *MANY[1:], day=1)

    assert (report.added, report.gone, report.held) == (1, 1, 0)


def test_a_record_that_keeps_its_key_is_renamed_if_that_is_allowed(settled):
    renamed = MANY[0] | {"iati_identifier": f"{OLD}-OTHER"}

    with pytest.raises(Unpublishable):
        settled.publish(renamed, *MANY[1:], day=1)
    settled.publish(renamed, *MANY[1:], day=1, allow={Rule.IDENTIFIERS})
    again = settled.publish(renamed, *MANY[1:], day=2)

    assert other_identifiers(activities(settled)[f"{OLD}-OTHER"]) == [("A3", f"{OLD}-P0", OLD)]
    assert [(each.identifier, each.renamed) for each in decisions(settled.folder, settled.settings)] == [
        (f"{OLD}-P0", f"{OLD}-OTHER")
    ]
    assert (again.updated, again.gone) == (0, 0)


def test_a_rename_by_configuration_needs_no_allowing(settled):
    identified(settled, renamed={f"{OLD}-P0": f"{OLD}-OTHER"})

    report = settled.publish(MANY[0] | {"iati_identifier": f"{OLD}-OTHER"}, *MANY[1:], day=1)

    assert (report.added, report.gone) == (1, 1)
    assert other_identifiers(activities(settled)[f"{OLD}-OTHER"]) == [("A3", f"{OLD}-P0", OLD)]


def test_the_plan_tells_what_waits(settled):
    source = builders.write_jsonl(settled.home / "planned.jsonl", [LIKELY | {"title": MANY[0]["title"]}, *MANY[2:]])
    told: list[Any] = []

    made = plan(source, settled.folder, settled.settings, lambda _: None, told.append, now=FIRST + timedelta(days=1))

    assert [(each.kind, each.identifier) for each in told] == [
        (Kind.NEW, f"{OLD}-OTHER"),
        (Kind.HELD, f"{OLD}-OTHER"),
        (Kind.MISSING, f"{OLD}-P0"),
        (Kind.MISSING, f"{OLD}-P1"),
    ]
    assert sorted(each.rule for each in made.waiting) == ["ssc-activity-missing", "ssc-activity-renamed"]
    assert (made.counts[Kind.NEW], made.counts[Kind.HELD]) == (0, 1)


def test_what_is_restricted_does_not_stay(settled):
    hidden = MANY[0] | {"visibility": "restricted"}

    report = settled.publish(hidden, MANY[1] | {"visibility": "restricted", "title": None}, *MANY[2:], day=1)

    assert (report.gone, report.missing) == (2, 0)
    assert "P0<" not in settled.text
    assert "P1<" not in settled.text


def test_what_is_unknown_cannot_be_decided(settled):
    with pytest.raises(SourceError, match="ssc-decision-unknown"):
        decide("XX-1", None, settled.folder, settled.settings)


def test_nothing_is_called_what_another_activity_is_called(settled):
    with pytest.raises(SourceError, match="ssc-decision-taken"):
        decide(f"{OLD}-P0", f"{OLD}-P1", settled.folder, settled.settings)
    before = settled.stamp
    identified(settled, renamed={f"{OLD}-P0": f"{OLD}-P1"})
    with pytest.raises(SourceError, match="ssc-decision-taken"):
        settled.publish(*MANY, day=1)

    assert settled.stamp == before
    assert decisions(settled.folder, settled.settings) == []


def test_what_would_be_called_as_another_record_is_told_and_not_left_out_silently(settled):
    identified(settled, renamed={f"{OLD}-P0": f"{OLD}-OTHER"})

    report = settled.publish(*MANY, builders.sound_project("OTHER", title=[{"text": "Bosques"}]), day=1)

    assert rules(settled) == ["ssc-identifier-taken"]
    assert (report.well, len(activities(settled))) == (False, 20)


def test_decisions_are_kept_in_any_ledger(database):
    ledger = Ledger(database, "XX/activities.xml")
    ledger.decide(Decision("XX-1", "dropped", None, "2026-01-01T00:00:00+00:00"))
    ledger.decide(Decision("XX-1", "renamed", "XX-2", "2026-01-02T00:00:00+00:00"))
    ledger.close()
    other = Ledger(database, "YY/activities.xml")

    assert other.decisions() == []
    other.close()
    ledger = Ledger(database, "XX/activities.xml")
    assert ledger.decisions() == [Decision("XX-1", "renamed", "XX-2", "2026-01-02T00:00:00+00:00", 0)]
    ledger.close()
