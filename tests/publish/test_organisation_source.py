"""The publisher's organisation file, from a source of its own, in the same release as the activities."""

from datetime import timedelta

import pytest
from lxml import etree

import builders
import iati_files
from ssc_iati.findings import SourceError
from ssc_iati.importing import import_file
from ssc_iati.publication import plan, publish, rollback
from ssc_iati.publish.options import ReleaseOptions
from ssc_iati.standard.schemas import schema

A, B = (builders.sound_project(key) for key in "AB")
BUDGET = """<total-budget status="1"><period-start iso-date="2026-01-01"/><period-end iso-date="2026-12-31"/>
<value currency="USD" value-date="2026-01-01">{}</value></total-budget>"""


@pytest.fixture
def told(publication):
    """Say what the organisation file says."""
    path = publication.home / "organisation-source.xml"
    release = ReleaseOptions(organisation_source=path, gzip=True)
    publication.settings = publication.settings.model_copy(update={"release": release})

    def write(*items):
        path.write_bytes(iati_files.file(*items))
        return path

    write(iati_files.organisation(BUDGET.format(1000)))
    return write


def published(publication):
    return (publication.folder / "organisation.xml").read_bytes()


def rules(publication):
    return {each.rule for each in publication.findings}


def test_the_organisation_file_is_released_with_the_activities_and_is_valid(publication, told):
    report = publication.publish(A, B)

    root = etree.fromstring(published(publication))
    assert schema(kind="organisations").validate(root), schema(kind="organisations").error_log
    assert root.findtext(".//total-budget/value") == "1000"
    assert {root.get("generated-datetime"), root[0].get("last-updated-datetime")} == {"2026-01-31T12:00:00Z"}
    assert (report.accepted, report.release) == (2, 1)


def test_it_moves_only_with_what_it_says_and_one_can_go_back(publication, told):
    publication.publish(A)
    first, activities = published(publication), publication.stamp
    told(iati_files.organisation(BUDGET.format(2000)))

    report = publication.publish(A, day=5)
    second = published(publication)
    rested = publication.publish(A, day=6)
    rollback(1, publication.folder, publication.settings, now=publication.first + timedelta(days=7))

    assert (report.unchanged, report.release, rested.rested) == (False, 2, True)
    assert b"2000" in second
    assert b'generated-datetime="2026-02-05T12:00:00Z"' in second
    assert publication.stamp == activities
    assert published(publication) == first


@pytest.mark.parametrize(
    ("ill", "rule"),
    [
        (iati_files.organisation(BUDGET.format("much")), "ssc-value-invalid"),
        (iati_files.organisation(without="name"), "0.3.1"),
        (iati_files.organisation().replace("r>XM-DAC-41119<", "r>XM-DAC-7<"), "ssc-organisation-source-other"),
    ],
)
def test_what_cannot_be_published_leaves_the_last_good_one_and_the_activities_go_on(publication, told, ill, rule):
    publication.publish(A)
    good = published(publication)
    told(ill)

    report = publication.publish(A, B, day=5)

    assert {rule, "ssc-organisation-source-kept"} <= rules(publication)
    assert published(publication) == good
    assert {each.where.file for each in publication.findings} == {str(publication.home / "organisation-source.xml")}
    assert report.added == 1


def test_where_none_was_good_yet_there_is_none(publication, told):
    told(iati_files.organisation(without="name"))

    publication.publish(A)

    assert sorted(each.name for each in publication.folder.iterdir()) == ["activities.xml", "activities.xml.gz"]


def test_records_that_were_imported_give_the_same_file(publication, told):
    path = publication.home / "organisation-source.xml"
    publication.publish(A)
    direct = published(publication)
    import_file(path, publication.home / "organisation.jsonl", lambda _: None)
    release = publication.settings.release.model_copy(
        update={"organisation_source": publication.home / "organisation.jsonl"}
    )
    publication.settings = publication.settings.model_copy(update={"release": release})

    publication.publish(A, day=5)

    assert published(publication) == direct


def test_a_plan_says_what_is_wrong_with_it(publication, told):
    publication.publish(A)
    told(iati_files.organisation(without="name"))
    found = []

    source = publication.home / "source.jsonl"
    plan(source, publication.folder, publication.settings, found.append, lambda _: None, now=publication.first)

    assert {"0.3.1", "ssc-organisation-source-kept"} <= {each.rule for each in found}


def test_activities_are_no_source_of_an_organisation_file_nor_the_other_way_round(publication, told):
    path = told(iati_files.activity())
    with pytest.raises(SourceError) as kind:
        publication.publish(A)
    told(iati_files.organisation())
    records = publication.home / "organisation.jsonl"
    import_file(path, records, lambda _: None)
    with pytest.raises(SourceError) as alone:
        publish(records, publication.folder, publication.settings, lambda _: None, now=publication.first)

    assert kind.value.finding.rule == "ssc-organisation-source-kind"
    assert alone.value.finding.rule == "ssc-organisation-source-alone"
