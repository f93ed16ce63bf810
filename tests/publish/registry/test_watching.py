"""Who must know is told: of failed runs, refusals, records newly set aside, and files that do not arrive; once each."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from stand_in import SECRETS

import builders
from site_stand_in import Page, Served
from ssc_iati.alerts.options import AlertOptions
from ssc_iati.findings import SourceError
from ssc_iati.publication import Unpublishable, look, watched
from ssc_iati.publish.ledger import Ledger, Run, TurnTakenError, ledger_url
from ssc_iati.publish.options import GuardOptions, ReadBackOptions

A, B = (builders.sound_project(key) for key in "AB")
ILL = B | {"title": None}


@pytest.fixture
def night(publication, registry, site, options, monkeypatch):
    """A night of a publication that is watched; what the alert of that night said began and ended, by rule."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    registry.organisation()
    site.pages = Served(publication.folder)
    site.pages["/hook"] = Page()
    publication.settings = publication.settings.model_copy(
        update={
            "registry": options(url=site.url(), timeout=2, bulk_data=site.url()),
            "read_back": ReadBackOptions(attempts=1),
            "alerts": AlertOptions.model_validate({"webhook": {"url": site.url("/hook")}}),
        }
    )

    def said():
        told = [json.loads(each) for each in site.posted]
        site.posted.clear()
        return [
            {name: sorted(each["key"].partition("|")[0] for each in one[name]) for name in ("began", "ended")}
            for one in told
        ]

    def made(*records, day=0):
        def run():
            return publication.publish(*records, day=day)

        now = publication.first + timedelta(days=day)
        watched(run, publication.folder, publication.settings, publication.findings.append, now=now)

    made.said = said
    return made


def test_a_record_that_is_set_aside_is_told_once_and_when_it_is_mended(night):
    night(A, ILL)
    first = night.said()
    night(A, ILL, day=1)
    night(A | {"title": [{"text": "Otro"}]}, ILL, day=2)
    quiet = night.said()
    night(A, B, day=3)

    assert first == [{"began": ["ssc-record-set-aside"], "ended": []}]
    assert quiet == []
    assert night.said() == [{"began": [], "ended": ["ssc-record-set-aside"]}]


def test_a_run_that_fails_is_told_and_knows_nothing_of_the_records(night, publication, monkeypatch):
    night(A, ILL)
    night.said()
    monkeypatch.setattr(
        publication, "publish", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    for day in (1, 2):
        with pytest.raises(OSError, match="space"):
            night(A, day=day)
    failed = night.said()
    monkeypatch.undo()

    assert failed == [{"began": ["ssc-run-failed"], "ended": []}]


def test_a_refusal_is_told_and_its_end(night, publication):
    many = [builders.sound_project(f"P{number}") for number in range(4)]
    publication.settings = publication.settings.model_copy(update={"guard": GuardOptions()})
    night(*many)
    for day in (1, 2):
        with pytest.raises(Unpublishable):
            night(many[0], day=day)
    refused = night.said()
    night(*many, day=3)

    assert [(each["began"], each["ended"]) for each in refused] == [(refused[0]["began"], [])]
    assert "ssc-guard-activities" in refused[0]["began"]
    assert night.said() == [{"began": [], "ended": refused[0]["began"]}]


def test_a_file_that_readers_do_not_get_is_told_until_they_do(night, site):
    site.pages["/activities.xml"] = Page(status=503)
    night(A)
    night(A, day=1)
    ill = night.said()
    del site.pages["/activities.xml"]
    night(A, day=2)

    assert ill == [{"began": ["ssc-readback-status"], "ended": []}]
    assert night.said() == [{"began": [], "ended": ["ssc-readback-status"]}]


def test_what_a_person_is_to_enter_is_told_once_and_again_only_where_it_changes(night, publication, registry):
    by_hand = publication.settings.registry.model_copy(update={"token": None})
    publication.settings = publication.settings.model_copy(update={"registry": by_hand})
    night(A)
    first = night.said()
    night(A, B, day=1)
    night(A, day=2)
    quiet = night.said()
    other = by_hand.model_copy(update={"licence": "cc-zero"})
    publication.settings = publication.settings.model_copy(update={"registry": other})
    night(A, day=3)

    both = ["ssc-registry-by-hand", "ssc-registry-by-hand"]
    assert first == [{"began": both, "ended": []}]
    assert quiet == []
    assert night.said() == [{"began": both, "ended": both}]
    assert registry.asked == []


def test_that_another_run_is_at_work_is_nobodys_trouble(night, publication):
    night(A)
    ledger = Ledger(ledger_url(None, publication.private), "XM-DAC-41119/activities.xml")
    ledger.begin(Run(0, "running", "2026", None, "", "s", "p", None, "u", None, "2026", None, None, None))
    try:
        with pytest.raises(TurnTakenError):
            night(B, day=1)
    finally:
        ledger.close()

    assert night.said() == []


def test_a_ledger_that_is_out_of_reach_keeps_nobody_from_being_told(night, publication):
    night(A)
    (publication.private / "ledger.sqlite").write_bytes(b"no database" * 100)

    with pytest.raises(OSError, match="ledger"):
        night(A, B, day=1)

    assert night.said() == [{"began": ["ssc-ledger-trouble"], "ended": []}]


def test_the_alarm_says_what_the_platform_does_not_have(night, publication, site):
    night(A)
    index = {"meta": {"datasets_full": {"index_created": "2026-02-03T00:00:00Z"}}}
    site.pages |= {"/indices-meta": Page(json.dumps(index).encode()), "/datasets-full": Page(b'{"datasets": []}')}

    def found(day):
        at = publication.first + timedelta(days=day)
        return {each.rule for each in look(publication.folder, publication.settings, now=at)}

    early = found(0)
    late, again = found(3), found(3)
    told = night.said()

    assert early == set()
    assert late == again == {"ssc-bds-missing"}
    assert [each["ended"] for each in told] == [[]]
    assert set(told[0]["began"]) == {"ssc-bds-missing"}


def test_the_alarm_needs_something_to_look_at(night, publication):
    with pytest.raises(SourceError):
        look(publication.folder, publication.settings, now=datetime(2026, 1, 1, tzinfo=UTC))
    night(A)
    publication.settings = publication.settings.model_copy(update={"registry": None})
    with pytest.raises(SourceError):
        look(publication.folder, publication.settings, now=datetime(2026, 1, 1, tzinfo=UTC))
