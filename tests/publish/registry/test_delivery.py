"""After a release stands it is registered and read back, against real servers; what readers do not get goes back."""

import sqlite3
from datetime import timedelta

import pytest
import stand_in
from stand_in import SECRETS

import builders
from site_stand_in import Page, Served
from ssc_iati.findings import SourceError
from ssc_iati.publication import Unpublishable, counted, deliver, history
from ssc_iati.publish.options import ReadBackOptions

HEADERS = Served.HEADERS
A, B = (builders.sound_project(key) for key in "AB")


@pytest.fixture
def delivered(publication, registry, site, options, monkeypatch):
    """A publication that is registered and read back: publish, deliver, and give what came of it."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    site.pages = Served(publication.folder)
    quick = ReadBackOptions(roll_back=True, attempts=1, pause=0)
    publication.settings = publication.settings.model_copy(
        update={"registry": options(url=site.url(), timeout=2), "read_back": quick}
    )

    def made(*records, day=0, **more):
        report = publication.publish(*records, day=day, **more)
        delivery = again(day)
        return report, delivery

    def again(day=0):
        now = publication.first + timedelta(days=day)
        return deliver(publication.folder, publication.settings, publication.findings.append, now=now)

    made.again = again
    return made


def rules(publication):
    return [each.rule for each in publication.findings]


def states(publication):
    told = history(publication.folder, publication.settings)
    return [each["state"] for each in told if each["kind"] == "run"]


def test_a_release_is_registered_and_read_back_once(delivered, publication, registry, site):
    registry.organisation()

    _, first = delivered(A)
    asked = len(registry.asked), len(site.asked)
    report, second = delivered(A, day=1)

    urls = sorted(each["facts"]["url"] for each in registry.datasets.values())
    assert urls == [site.url("/activities.xml"), site.url("/organisation.xml")]
    assert [path for method, path, _ in site.asked if method == "GET"] == ["/activities.xml", "/organisation.xml"]
    assert (first.failed, first.findings, first.back_to) == (False, (), None)
    assert report.rested
    assert (len(registry.asked), len(site.asked)) == asked
    assert second == type(second)()
    assert states(publication) == ["rested", "delivered", "published"]


def test_a_change_is_read_back_and_not_registered_anew(delivered, publication, registry, site):
    registry.organisation()
    delivered(A)
    asked = len(registry.asked)
    site.asked.clear()

    _, delivery = delivered(A | {"title": [{"text": "Otro"}]}, day=1)

    assert not delivery.failed
    assert len(registry.asked) == asked
    assert "/activities.xml" in {path for _, path, _ in site.asked}


def test_what_the_registry_refuses_is_a_finding_and_tried_again_next_time(delivered, publication, registry):
    registry.organisation()
    for _ in range(9):
        registry.mishap("POST /datasets", stand_in.fault)

    report, first = delivered(A)
    registry.mishaps.clear()
    second = delivered.again(day=1)

    assert publication.file.is_file()
    assert (first.failed, first.retry) == (True, True)
    assert "ssc-registry-fault" in [each.rule for each in first.findings]
    assert not counted(report, first).well
    assert (second.failed, len(registry.datasets)) == (False, 2)
    assert states(publication)[:2] == ["delivered", "undelivered"]


def test_a_registry_that_does_not_let_us_in_is_a_finding_that_no_retry_mends(delivered, publication, monkeypatch):
    monkeypatch.setenv("CLIENT_SECRET", "wrong")

    _, delivery = delivered(A)

    assert (delivery.failed, delivery.retry) == (True, False)
    assert "ssc-registry-token-refused" in rules(publication)
    assert publication.file.is_file()


def test_other_bytes_than_the_published_send_the_release_back(delivered, publication, registry, site):
    registry.organisation()
    delivered(A)
    first = publication.file.read_bytes()
    site.pages["/activities.xml"] = Page(first, HEADERS)  # a cache that goes on with the former file

    changed = A | {"title": [{"text": "Otro"}]}
    _, delivery = delivered(changed, day=1)

    assert (delivery.failed, delivery.back_to) == (True, 1)
    assert {"ssc-readback-differs", "ssc-gone-back"} <= set(rules(publication))
    assert publication.file.read_bytes() == first
    assert history(publication.folder, publication.settings)[0]["number"] == 3
    run = next(each for each in history(publication.folder, publication.settings) if each["kind"] == "run")
    assert (run["state"], run["release"]) == ("rolled back", 3)
    with pytest.raises(Unpublishable):
        publication.publish(changed, day=2)
    assert not delivered.again(day=2).failed


@pytest.mark.parametrize("answer", [Page(status=503), Page(status=404)])
def test_no_answer_is_a_failure_and_says_nothing_against_the_release(delivered, publication, registry, site, answer):
    registry.organisation()
    delivered(A)
    site.pages["/activities.xml"] = answer

    _, delivery = delivered(A, B, day=1)
    del site.pages["/activities.xml"]

    assert (delivery.failed, delivery.back_to) == (True, None)
    assert set(publication.activities) == {"A", "B"}
    assert not delivered.again(day=1).failed


def test_the_first_release_has_nothing_to_go_back_to(delivered, publication, registry, site):
    registry.organisation()
    site.pages["/activities.xml"] = Page(b"<html/>", HEADERS)

    _, delivery = delivered(A)

    assert (delivery.failed, delivery.back_to) == (True, None)
    assert "ssc-nothing-to-go-back-to" in rules(publication)
    assert set(publication.activities) == {"A"}


def test_a_release_whose_bytes_are_not_kept_is_not_gone_back_to(delivered, publication, registry, site):
    registry.organisation()
    delivered(A)
    ledger = sqlite3.connect(publication.private / "ledger.sqlite")
    ledger.execute("UPDATE files SET listing = NULL, head = NULL")
    ledger.commit()
    ledger.close()
    site.pages["/activities.xml"] = Page(b"<html/>", HEADERS)

    _, delivery = delivered(A, B, day=1)

    assert "ssc-not-gone-back" in rules(publication)
    assert (delivery.back_to, set(publication.activities)) == (None, {"A", "B"})


def test_a_release_stays_unless_the_configuration_lets_it_go_back(delivered, publication, registry, site):
    registry.organisation()
    delivered(A)
    stays = publication.settings.read_back.model_copy(update={"roll_back": False})
    publication.settings = publication.settings.model_copy(update={"read_back": stays})
    site.pages["/activities.xml"] = Page(b"<html/>", HEADERS)

    _, delivery = delivered(A, B, day=1)

    assert (delivery.failed, delivery.back_to) == (True, None)
    assert set(publication.activities) == {"A", "B"}


def test_a_person_is_told_once_what_to_enter(delivered, publication, registry):
    by_hand = publication.settings.registry.model_copy(update={"token": None})
    publication.settings = publication.settings.model_copy(update={"registry": by_hand})

    _, first = delivered(A)
    _, second = delivered(A, B, day=1)

    assert (first.by_hand, first.failed) == (True, False)
    assert [each.step for each in first.outcomes] == ["create", "create"]
    assert not second.by_hand
    assert registry.asked == []


def test_without_addresses_nobody_is_asked(delivered, publication, registry, site):
    publication.settings = publication.settings.model_copy(update={"registry": None})

    _, delivery = delivered(A)

    assert delivery == type(delivery)()
    assert (registry.asked, site.asked) == ([], [])


def test_a_registry_without_addresses_is_a_mistake_in_the_configuration(delivered, publication):
    nowhere = publication.settings.registry.model_copy(update={"url": None})
    publication.settings = publication.settings.model_copy(update={"registry": nowhere})

    with pytest.raises(SourceError):
        delivered(A)
