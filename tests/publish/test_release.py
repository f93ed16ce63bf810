"""What a release consists of, how one goes back to an earlier one, and what the history tells of both."""

import gzip
import hashlib
import json
import re
import stat
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import builders
from ssc_iati.config import Settings
from ssc_iati.findings import SourceError
from ssc_iati.publication import history, publish, rollback
from ssc_iati.publish.ledger import LedgerError
from ssc_iati.publish.options import GuardOptions, ReleaseOptions, StoreOptions
from ssc_iati.publish.organisation_file import organisation_file
from ssc_iati.publish.store.local import LocalStore
from ssc_iati.record.project import Publisher
from ssc_iati.report import history as shown
from ssc_iati.standard.schemas import schema

A, B, C = (builders.sound_project(key) for key in "ABC")
CHANGED = {"title": [{"text": "Otra cosa"}]}
NOW = datetime(2026, 4, 1, 8, tzinfo=UTC)
ALL = ReleaseOptions(gzip=True, jsonl=True, checksums=True)


@pytest.fixture
def settled(publication):
    publication.publish(A, B)
    return publication


@pytest.fixture
def whole(publication):
    """A publication with all that can stand beside its files."""
    publication.settings = publication.settings.model_copy(
        update={"release": ALL, "store": StoreOptions(public="https://example.org/iati")}
    )
    return publication


def files(publication):
    return {each.name: each.read_bytes() for each in publication.folder.iterdir()}


def told(publication, kind):
    return [each for each in history(publication.folder, publication.settings) if each["kind"] == kind]


def back(publication, number):
    return rollback(number, publication.folder, publication.settings, now=NOW)


# --- The organisation file --------------------------------------------------------------------------------------------


def test_the_organisation_file_is_valid_and_says_what_is_known(settled):
    root = etree.fromstring((settled.folder / "organisation.xml").read_bytes())

    assert schema(kind="organisations").validate(root), schema(kind="organisations").error_log
    text = (settled.folder / "organisation.xml").read_text("utf-8").replace("\n", "")
    assert re.match(r"^(<\?xml[^>]*>)?\s*(<!--[^>]*-->)?\s*<iati-(activities|organisations)", text)
    assert root.findtext(".//organisation-identifier") == "XM-DAC-41119"
    assert root.find(".//reporting-org").attrib == {"ref": "XM-DAC-41119", "type": "40"}
    assert root.findtext(".//name/narrative") == "Reporting Office"
    assert root.get("generated-datetime") == root[0].get("last-updated-datetime") == "2026-01-31T12:00:00Z"


def test_the_organisation_file_moves_only_with_what_it_says(settled):
    before = files(settled)["organisation.xml"]
    settled.publish(A | CHANGED, B, day=5)
    same = files(settled)["organisation.xml"]
    publisher = settled.settings.publisher.model_copy(update={"default_currency": "EUR"})
    settled.settings = settled.settings.model_copy(update={"publisher": publisher})
    settled.publish(A | CHANGED, B, day=6)

    assert same == before
    assert b'generated-datetime="2026-02-06T12:00:00Z"' in files(settled)["organisation.xml"]
    assert b'default-currency="EUR"' in files(settled)["organisation.xml"]


@pytest.mark.parametrize("lacks", ["ref", "type", "names"])
def test_what_is_too_little_for_an_organisation_file_is_none(lacks):
    known = Publisher.model_validate({"reporting_org": {**builders.REPORTER, lacks: None if lacks != "names" else ()}})

    assert organisation_file(known, "2026-01-31T12:00:00Z") is None
    assert organisation_file(Publisher(), "2026-01-31T12:00:00Z") is None


def test_who_wants_no_organisation_file_gets_none(publication):
    publication.settings = publication.settings.model_copy(update={"release": ReleaseOptions(organisation=False)})

    publication.publish(A)

    assert list(files(publication)) == ["activities.xml"]


text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda each: "\ufffe" not in each and "\uffff" not in each
)


@given(name=text, ref=text, lang=st.sampled_from([None, "es", "en"]))
def test_whatever_an_organisation_is_called_the_file_says_so(name, ref, lang):
    known = {"reporting_org": {"ref": ref, "type": "10", "names": [{"lang": lang, "text": name}]}, "language": "es"}

    root = etree.fromstring(organisation_file(Publisher.model_validate(known), "2026-01-31T12:00:00Z"))

    assert root.findtext(".//name/narrative") == name
    assert root.find(".//reporting-org").get("ref") == ref


# --- What stands beside -----------------------------------------------------------------------------------------------


def test_what_was_asked_for_stands_beside(whole):
    secret = {"contacts": [{"emails": ["SECRET@example.org"]}]}
    whole.publish(A | secret, B)

    found = files(whole)
    assert sorted(found) == [
        "SHA256SUMS",
        "activities.jsonl",
        "activities.xml",
        "activities.xml.gz",
        "organisation.xml",
        "organisation.xml.gz",
    ]
    assert gzip.decompress(found["activities.xml.gz"]) == found["activities.xml"]
    records = [json.loads(line) for line in found["activities.jsonl"].splitlines()]
    assert [each["key"] for each in records] == ["A", "B"]
    assert b"SECRET" not in found["activities.jsonl"]
    sums = dict(reversed(line.split("  ")) for line in found["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(body).hexdigest() for name, body in found.items() if name != "SHA256SUMS"}


def test_what_stands_beside_is_the_same_from_run_to_run(whole, tmp_path):
    whole.publish(A, B)
    other = type(whole)(tmp_path / "elsewhere")
    other.home.mkdir()
    other.settings = whole.settings

    other.publish(A, B)

    assert files(other) == files(whole)


def test_what_is_not_asked_for_any_more_goes(whole):
    whole.publish(A, B)
    whole.settings = whole.settings.model_copy(update={"release": ReleaseOptions()})
    before = whole.stamp

    whole.publish(A, B, day=5)

    assert sorted(files(whole)) == ["activities.xml", "organisation.xml"]
    assert whole.stamp == before


def test_the_address_of_each_file_is_in_the_ledger(whole):
    whole.publish(A)

    (release,) = told(whole, "release")
    assert {each["name"]: each["url"] for each in release["files"]}[
        "activities.xml"
    ] == "https://example.org/iati/activities.xml"


# --- Going back -------------------------------------------------------------------------------------------------------


def test_an_earlier_release_is_back_to_the_last_bit(whole):
    whole.publish(A, B)
    first = files(whole)
    whole.publish(A | CHANGED, C, day=5)
    second = files(whole)

    made = back(whole, 1)
    back_at_first = files(whole)
    back(whole, 2)

    assert (made.number, made.kind, made.back_to, made.state) == (3, "rollback", 1, "published")
    assert (made.added, made.changed, made.gone) == (1, 1, 1)
    assert back_at_first == first
    assert files(whole) == second
    assert [(each["number"], each["way"], each["back_to"], each["latest"]) for each in told(whole, "release")] == [
        (4, "rollback", 2, True),
        (3, "rollback", 1, False),
        (2, "release", None, False),
        (1, "release", None, False),
    ]


def test_what_stands_beside_is_what_is_asked_for_when_one_goes_back(whole):
    whole.settings = whole.settings.model_copy(update={"release": ReleaseOptions(checksums=True)})
    whole.publish(A, B)
    first = files(whole)
    whole.settings = whole.settings.model_copy(update={"release": ALL})
    whole.publish(A | CHANGED, B, day=5)

    back(whole, 1)

    found = files(whole)
    assert {name: found[name] for name in ("activities.xml", "organisation.xml")} == {
        name: first[name] for name in ("activities.xml", "organisation.xml")
    }
    assert gzip.decompress(found["activities.xml.gz"]) == found["activities.xml"]
    sums = dict(reversed(line.split("  ")) for line in found["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(body).hexdigest() for name, body in found.items() if name != "SHA256SUMS"}


def test_a_split_release_is_back_with_all_that_stood_beside(whole):
    whole.settings = whole.settings.model_copy(
        update={"guard": GuardOptions(activities=1, transactions=1, size=10_000)}
    )
    many = [builders.sound_project(f"P{number}") for number in range(12)]
    whole.publish(*many)
    first = files(whole)
    whole.publish(*many[:7], A, day=5)

    back(whole, 1)

    assert "activities-2.xml" in first
    assert files(whole) == first


def test_after_going_back_what_changes_is_dated_and_what_does_not_is_as_it_was(settled):
    settled.publish(A | CHANGED, B, day=5)
    back(settled, 1)

    settled.publish(A, B | CHANGED, day=90)

    assert settled.updated == {"A": "2026-01-31", "B": "2026-05-01"}


def test_going_back_to_what_stands_changes_nothing(settled):
    before = settled.stamp

    made = back(settled, 1)

    assert made.number == 1
    assert settled.stamp == before
    assert len(told(settled, "release")) == 1


def test_going_back_to_what_stands_mends_a_file(settled):
    whole = files(settled)
    settled.file.write_bytes(b"<half")

    back(settled, 1)

    assert files(settled) == whole


@pytest.mark.parametrize("number", [0, 3, 99])
def test_a_release_that_never_was_is_no_place_to_go_back_to(settled, number):
    with pytest.raises(SourceError) as refused:
        back(settled, number)

    assert refused.value.finding.rule == "ssc-release-unknown"


def test_a_release_that_never_stood_is_no_place_to_go_back_to(settled, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "stage", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(OSError, match="full"):
            settled.publish(A | CHANGED, B, day=5)
    settled.publish(A, B | CHANGED, day=6)

    with pytest.raises(SourceError):
        back(settled, 2)


def test_of_older_releases_the_bytes_are_not_kept(publication):
    publication.settings = publication.settings.model_copy(update={"release": ReleaseOptions(keep=2)})
    for day in range(4):
        publication.publish(A | {"title": [{"text": f"Title {day}"}]}, day=day)
    before = publication.stamp

    with pytest.raises(LedgerError, match="not kept"):
        back(publication, 2)
    assert publication.stamp == before
    back(publication, 3)
    assert b"Title 2" in publication.file.read_bytes()
    assert [each["state"] for each in told(publication, "release")] == ["published"] * 5


@pytest.mark.parametrize("step", ["stage", "staged_digest", "switch"])
def test_going_back_that_is_cut_off_leaves_what_stood_and_can_be_done_again(settled, monkeypatch, step):
    settled.publish(A | CHANGED, B, day=5)
    before = settled.file.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, step, lambda *_: (_ for _ in ()).throw(OSError(5, "cut")))
        with pytest.raises(OSError, match="cut"):
            back(settled, 1)
    between = settled.file.read_bytes()

    back(settled, 1)

    assert between == before
    assert settled.updated["A"] == "2026-01-31"
    assert settled.state == "published"


# --- The history ------------------------------------------------------------------------------------------------------


def test_the_history_tells_of_every_run_and_release(settled):
    settled.publish(A | {"title": None}, B, C, day=5)
    with pytest.raises(SourceError):
        publish(settled.home / "none.xlsx", settled.folder, settled.settings, lambda _: None, now=NOW)

    releases, runs = told(settled, "release"), told(settled, "run")
    assert [(each["number"], each["activities"], each["added"], each["kept"]) for each in releases] == [
        (2, 3, 1, 1),
        (1, 2, 2, 0),
    ]
    assert [(each["state"], each["release"]) for each in runs] == [("failed", None), ("published", 2), ("published", 1)]
    assert runs[0]["trouble"] == "ssc-source-missing"
    assert runs[1]["set_aside"] == [{"identifier": "XM-DAC-41119-A", "key": "A", "rules": ["4.3.1"], "kept": True}]
    assert runs[1]["findings"] == {"error": 1}
    assert all(each["started"] and each["ended"] and each["owner"] for each in runs)
    assert runs[1]["source_print"] != runs[2]["source_print"]


@pytest.mark.parametrize("ask", [history, lambda *given: rollback(1, *given, now=NOW)], ids=["history", "rollback"])
def test_where_nothing_was_published_there_is_no_past_and_none_is_made(tmp_path, ask):
    with pytest.raises(SourceError) as refused:
        ask(tmp_path / "public", builders.SETTINGS)

    assert refused.value.finding.rule == "ssc-ledger-empty"
    assert list(tmp_path.iterdir()) == []


def test_a_publisher_that_only_the_source_names_has_a_past_too(publication):
    record = {"publisher": builders.SETTINGS.publisher.model_dump(mode="json", exclude_defaults=True)}
    publication.settings = Settings()
    ledger = f"sqlite:///{publication.home / 'shared.sqlite'}"
    publication.publish(record, A, B)
    publication.publish(record, A | CHANGED, B, day=1)
    back(publication, 1)
    publication.settings = Settings.model_validate({"publish": {"ledger": ledger, "private": publication.private}})
    publication.publish(record, A, B, day=2)

    assert [each["state"] for each in told(publication, "run")] == ["published"]
    publication.settings = Settings()
    assert [each["state"] for each in told(publication, "run")] == ["rolled back", "published", "published"]


@pytest.mark.parametrize("language", ["en", "es", "pt", "fr"])
def test_a_history_is_worded_in_four_languages(settled, language):
    settled.publish(A | CHANGED, B, day=5)
    back(settled, 1)
    found = history(settled.folder, settled.settings)

    lines = list(shown.as_lines(found, language))
    page = "".join(shown.as_page(found, language))
    assert sum(line.startswith("  ") and not line.startswith("   ") for line in lines) == 6
    assert shown.word("rollback", language).format(1) in "\n".join(lines)
    assert page.startswith("<!doctype html>")
    assert page.count("activities.xml") == 3
    assert len({shown.word(state, language) for state in ("published", "refused", "failed", "died", "running")}) == 5


def test_what_a_source_is_called_is_no_command_to_a_page_or_a_terminal(settled):
    source = builders.write_jsonl(settled.home / "<script>\x1b[2J.jsonl", [A, B])
    publish(source, settled.folder, settled.settings, lambda _: None, now=NOW)

    found = history(settled.folder, settled.settings)
    assert "<script" not in "".join(shown.as_page(found, "en"))
    assert "\x1b" not in "".join(shown.as_lines(found, "en"))


def test_the_ledger_and_its_folder_are_their_owners_alone(settled):
    assert stat.S_IMODE(settled.private.stat().st_mode) == 0o700


def test_no_secret_is_in_ledger_history_or_exception(settled, monkeypatch, tmp_path):
    monkeypatch.setenv("PGPASSWORD", "SECRET-OF-THE-LEDGER")
    monkeypatch.setenv("SSC_IATI_STORE_PASSWORD", "SECRET-OF-THE-STORE")
    settings = Settings.model_validate(
        {
            "publisher": builders.SETTINGS.publisher,
            "publish": {"private": settled.private},
            "store": {"url": "sftp://who@127.0.0.1:9/x"},
        }
    )
    source = builders.write_jsonl(tmp_path / "s.jsonl", [A | CHANGED, B])
    with pytest.raises(OSError, match=r".") as failed:
        publish(source, None, settings, lambda _: None, now=NOW)

    kept = b"".join(each.read_bytes() for each in settled.private.rglob("*") if each.is_file())
    assert b"SECRET-OF" not in kept
    assert "SECRET-OF" not in f"{failed.value!r} {failed.value}"
    assert "SECRET-OF" not in json.dumps(history(settled.folder, settled.settings))
    assert [each["state"] for each in told(settled, "run")] == ["failed", "published"]
