"""What must not be published as it is, and what is let pass once."""

import os
from datetime import UTC, datetime

import pytest

import builders
from ssc_iati.findings import Severity
from ssc_iati.messages import word
from ssc_iati.publication import Unpublishable, rollback
from ssc_iati.publish.guard import NEVER, Rule
from ssc_iati.publish.ledger import Ledger, ledger_url
from ssc_iati.publish.options import GuardOptions, IdentifierOptions, ReleaseOptions

PUBLICATION = "XM-DAC-41119/activities.xml"
DROPPING = builders.SETTINGS.model_copy(update={"identifiers": IdentifierOptions(missing="drop")})
"""What the source does not have any more goes, within the guard's bounds."""
MANY = [builders.sound_project(f"P{number}") for number in range(20)]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def paid(record, times):
    """The record with so many transactions."""
    payment = {"type": "3", "date": "2024-05-01", "value": "10", "currency": "USD", "value_date": "2024-05-01"}
    return record | {"transactions": [payment | {"key": f"t{number}"} for number in range(times)]}


@pytest.fixture
def guarded(publication):
    """A publication of twenty records, guarded as it is unless somebody says otherwise."""
    publication.settings = DROPPING
    publication.publish(*MANY)
    return publication


def refusal(publication, *records, **more):
    """The rules by which a release is refused; nothing may have changed."""
    before, ledger = publication.stamp, publication.ledger
    with pytest.raises(Unpublishable) as refused:
        publication.publish(*records, day=5, **more)
    assert publication.stamp == before
    assert publication.ledger == ledger
    assert refused.value.report.refused
    assert refused.value.report.severities[Severity.CRITICAL] == len(refused.value.refusals)
    assert [each.rule for each in publication.findings][-len(refused.value.refusals) :] == [
        each.rule for each in refused.value.refusals
    ]
    return [each.rule.removeprefix("ssc-guard-") for each in refused.value.refusals]


def runs(publication):
    """The runs and what each was allowed, the last first."""
    ledger = Ledger(ledger_url(None, publication.private), PUBLICATION)
    told = [(run.state, sorted(ledger.overrides(run.id))) for run in ledger.runs()]
    ledger.close()
    return told


def test_a_share_of_activities_may_go_and_no_more(guarded):
    assert refusal(guarded, *MANY[3:]) == ["activities"]
    assert guarded.publish(*MANY[2:], day=6).gone == 2


def test_what_is_refused_is_told_with_its_figures(guarded):
    refusal(guarded, *MANY[:10])

    said = word(guarded.findings[-1]).message
    assert "10 of 20 activities" in said
    assert "50 %" in said
    assert "10 %" in said
    assert "XM-DAC-41119-P10" in said


def test_what_is_allowed_is_published_once_and_noted(guarded):
    report = guarded.publish(*MANY[10:], day=5, allow={Rule.ACTIVITIES})

    assert (report.gone, report.refused) == (10, False)
    assert refusal(guarded, *MANY[15:]) == ["activities"]
    assert runs(guarded) == [("refused", []), ("published", ["activities"]), ("published", [])]


def test_what_was_set_aside_is_not_gone(guarded):
    broken = [each | {"title": None} for each in MANY]

    report = guarded.publish(*broken, day=5)

    assert (report.kept, report.gone, report.unchanged) == (20, 0, True)


def test_transactions_that_vanish_are_missed_even_if_others_came(publication):
    publication.settings = builders.SETTINGS
    publication.publish(paid(MANY[0], 6), paid(MANY[1], 4), *MANY[2:])

    assert refusal(publication, MANY[0], paid(MANY[1], 20), *MANY[2:]) == ["transactions"]
    assert "6 of 10 transactions" in word(publication.findings[-1]).message
    assert publication.publish(MANY[0], *MANY[1:], day=6, allow={Rule.TRANSACTIONS}).updated == 2


def test_one_transaction_of_many_may_go(publication):
    publication.settings = builders.SETTINGS
    publication.publish(paid(MANY[0], 10), *MANY[1:])

    assert publication.publish(paid(MANY[0], 9), *MANY[1:], day=5).updated == 1


def test_transactions_of_activities_that_go_are_counted_too(publication):
    publication.settings = DROPPING
    publication.publish(paid(MANY[0], 5), *MANY[1:])

    assert refusal(publication, *MANY[1:]) == ["transactions"]


def test_an_identifier_may_not_change(guarded):
    renamed = MANY[0] | {"iati_identifier": "XM-DAC-41119-OTHER"}

    assert refusal(guarded, renamed, *MANY[1:]) == ["identifiers"]
    assert "XM-DAC-41119-P0 -> XM-DAC-41119-OTHER" in word(guarded.findings[-1]).message
    assert guarded.publish(renamed, *MANY[1:], day=6, allow={Rule.IDENTIFIERS}).updated == 1


def test_nothing_is_no_release_whoever_allows_it(guarded):
    restricted = [each | {"visibility": "restricted"} for each in MANY]

    assert refusal(guarded, *restricted, allow=set(Rule)) == ["empty"]
    assert {Rule.EMPTY} == NEVER


def test_a_source_older_than_that_of_the_last_release_is_refused(guarded):
    source = guarded.home / "source.jsonl"
    aged = builders.write_jsonl

    def old(path, records):
        aged(path, records)
        os.utime(path, (1_000_000_000, 1_000_000_000))
        return path

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builders, "write_jsonl", old)
        assert refusal(guarded, *MANY[1:]) == ["source"]
        assert guarded.publish(*MANY[1:], day=6, allow={Rule.SOURCE}).gone == 1
    assert source.is_file()


def dated(*days, of=MANY):
    """The records, each last updated on a day of January, as the source says."""
    last = {"last_updated_datetime": "2026-01-{:02}T10:00:00-03:00"}
    return [
        each | {name: value.format(day) for name, value in last.items()} for each, day in zip(of, days, strict=False)
    ]


def touched(path, when):
    os.utime(path, (when, when))


@pytest.fixture
def aging(guarded, monkeypatch):
    """Publish, with a file of this age."""
    real = builders.write_jsonl

    def publish(*records, file, **known):
        with monkeypatch.context() as patch:
            patch.setattr(builders, "write_jsonl", lambda *given: (path := real(*given), touched(path, file))[0])
            return guarded.publish(*records, **known)

    return publish


OLD, NEW = 1_000_000_000, 4_000_000_000


def test_what_a_source_says_of_its_own_age_counts_before_the_time_of_its_file(aging, guarded):
    """A copy of an old export has a new file; what was restored from a backup may be new in an old file."""
    days = range(5, 5 + len(MANY))
    aging(*dated(*days), file=NEW, day=5, allow=set(Rule))
    renamed = MANY[0] | {"title": [{"text": "Otra cosa"}]}

    with pytest.raises(Unpublishable) as refused:
        aging(*dated(*(day - 1 for day in days), of=[renamed, *MANY[1:]]), file=NEW + 9, day=6)
    newer = aging(*dated(*(day + 1 for day in days), of=[renamed, *MANY[1:]]), file=OLD, day=7)

    (said,) = refused.value.refusals
    assert said.rule == "ssc-guard-source"
    assert (said.values["date"][:10], said.values["former"][:10]) == (
        f"2026-01-{3 + len(MANY):02}",
        f"2026-01-{4 + len(MANY):02}",
    )
    assert newer.updated == 1


def test_where_both_say_the_same_or_one_says_nothing_the_files_decide(aging, guarded):
    aging(*dated(*[9] * len(MANY)), file=NEW, day=5, allow=set(Rule))
    other = [MANY[0] | {"title": [{"text": "Otra cosa"}]}, *MANY[1:]]

    for records in (dated(*[9] * len(MANY), of=other), other):
        with pytest.raises(Unpublishable) as refused:
            aging(*records, file=OLD, day=6)
        assert [each.rule for each in refused.value.refusals] == ["ssc-guard-source"]


def test_a_newest_record_that_is_set_aside_makes_no_source_old(aging, guarded):
    aging(*dated(*range(1, 1 + len(MANY))), file=OLD, day=5, allow=set(Rule))
    ill = dated(*range(1, 1 + len(MANY)))
    ill[-1] |= {"title": None}

    assert aging(*ill, file=NEW, day=6).kept == 1


def test_all_that_is_wrong_is_said_at_once(guarded):
    renamed = MANY[0] | {"iati_identifier": "XM-DAC-41119-OTHER"}

    assert refusal(guarded, renamed) == ["activities", "identifiers"]


def test_what_somebody_went_back_from_does_not_come_back_by_itself(guarded):
    changed = [MANY[0] | {"title": [{"text": "Mistaken"}]}, *MANY[1:]]
    guarded.publish(*changed, day=5)
    rollback(1, guarded.folder, guarded.settings, now=NOW)

    assert refusal(guarded, *changed) == ["taken-back"]
    assert guarded.publish(*MANY, day=60).updated == 0
    assert guarded.publish(MANY[0] | {"title": [{"text": "Right"}]}, *MANY[1:], day=61).updated == 1


def test_what_somebody_went_back_from_can_be_allowed(guarded):
    changed = [MANY[0] | {"title": [{"text": "Right after all"}]}, *MANY[1:]]
    guarded.publish(*changed, day=5)
    rollback(1, guarded.folder, guarded.settings, now=NOW)

    assert guarded.publish(*changed, day=60, allow={Rule.TAKEN_BACK}).updated == 1


# --- Size -------------------------------------------------------------------------------------------------------------


def sized(publication, **release):
    publication.settings = builders.SETTINGS.model_copy(
        update={"guard": GuardOptions(size=20_000), "release": ReleaseOptions(**release)}
    )
    return publication


def files(publication):
    return {each.name: each.read_bytes() for each in publication.folder.glob("activities*.xml")}


def test_what_is_too_large_for_a_file_is_split_and_stays_where_it_is(publication):
    sized(publication).publish(*MANY)
    before = files(publication)

    publication.publish(*MANY[:-1], builders.sound_project("NEW"), day=5)
    after = files(publication)

    assert len(before) > 1
    assert all(len(each) <= 20_000 for each in [*before.values(), *after.values()])
    assert sum(each.count(b"<iati-identifier>") for each in before.values()) == 20
    assert all(sum(f"-P{number}<".encode() in each for each in before.values()) == 1 for number in range(20))
    changed = [name for name in after if after[name] != before.get(name)]
    assert len(changed) == 1
    assert b"-NEW<" in after[changed[0]]


def test_a_split_release_goes_back_as_a_whole(publication):
    sized(publication).publish(*MANY)
    before = files(publication)
    publication.publish(*MANY[:2], day=5, allow={Rule.ACTIVITIES})
    fewer = files(publication)

    rollback(1, publication.folder, publication.settings, now=NOW)

    assert len(fewer) < len(before)
    assert files(publication) == before


def test_where_nothing_may_be_split_what_is_too_large_is_refused(publication):
    with pytest.raises(Unpublishable) as refused:
        sized(publication, split=False).publish(*MANY)

    assert [each.rule for each in refused.value.refusals] == ["ssc-guard-size"]
    assert list(files(publication)) == []
    assert publication.publish(*MANY, allow={Rule.SIZE}).updated == 20
    assert list(files(publication)) == ["activities.xml"]


def test_an_activity_that_is_too_large_by_itself_is_refused(publication):
    huge = MANY[0] | {"descriptions": [{"type": "1", "text": [{"text": "palabra " * 5000}]}]}

    with pytest.raises(Unpublishable) as refused:
        sized(publication).publish(huge, *MANY[1:])

    assert [each.rule for each in refused.value.refusals] == ["ssc-guard-size"]
