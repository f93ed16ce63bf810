"""Many files, in several processes or in one: the same findings in the same order, and nothing stops the others."""

import gzip
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iati_documents import activity, document, identifier, write, wrong
from ssc_iati.findings import Finding, SourceError
from ssc_iati.standard.validator import many, reports, validate

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def whole(judged):
    """What was judged, as it is; in whatever process."""
    return judged


def rules(path, **asked):
    return [(item.where.file, item.identifier, item.rule) for item in validate([path], now=NOW, **asked)]


@pytest.fixture
def folder(tmp_path):
    """Sound files, broken ones among them, a large one, archives."""
    top = tmp_path / "top"
    for number in range(12):
        write(top / f"{number:02}.xml", activity(number), *([wrong("x")] if number % 3 else []))
    (top / "04.xml").write_bytes(b"<iati-activities version='2.03'><iati-activity></iati-activities>")
    (top / "05.xml").write_text("<html><body>Not found</body></html>")
    (top / "06.xml").write_bytes(b"")
    (top / "07.xml.gz").write_bytes(gzip.compress(document(wrong(7), wrong(7)).encode()))
    (top / "08.gz").write_bytes(b"no gzip")
    (top / "20-large.xml").write_text(document(*(wrong(number) for number in range(400))), encoding="utf-8")
    (top / "20-large.xml").write_text((top / "20-large.xml").read_text() + " " * 100_000)
    with zipfile.ZipFile(top / "30.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.xml", document(wrong(number), version="2.02"))
    (top / "31-lie.xml.gz").write_bytes(gzip.compress(document(*map(wrong, range(700))).encode())[:-4] + bytes(4))
    return top


def test_broken_files_are_findings_and_the_others_go_on(folder):
    found = rules(folder)
    files = {file.removeprefix(f"{folder}/") for file, _, _ in found}

    assert (f"{folder}/04.xml", None, "0.1.1") in found
    assert (f"{folder}/05.xml", None, "0.2.1") in found
    assert (f"{folder}/06.xml", None, "0.1.1") in found
    assert (f"{folder}/08.gz", None, "ssc-xml-unreadable") in found
    assert (f"{folder}/07.xml.gz", identifier(7), "9.76.1") in found
    assert files >= {"01.xml", "10.xml", "20-large.xml", "30.zip/0.xml", "30.zip/4.xml"}
    assert not files & {"00.xml", "03.xml", "09.xml"}


def test_what_was_heard_in_a_large_file_is_heard_anew_in_a_small_one(tmp_path, monkeypatch):
    two_names = "".join(
        f'<participating-org role="1" ref="GB-CHC-1"><narrative>{name}</narrative></participating-org>'
        for name in ("Agua para todos", "Water for all")
    )
    for name, count in (("1-large.xml", 60), ("2-small.xml", 1), ("3-small.xml", 1)):
        items = (f"<iati-activity>{two_names}</iati-activity>" for _ in range(count))
        (tmp_path / name).write_text(f'<iati-activities version="2.03">{"".join(items)}</iati-activities>')
    monkeypatch.setattr(many, "SMALL", 5_000)

    found = [each for each in rules(tmp_path, jobs=2) if each[2] == "ssc-iati-ref-many-names"]

    assert [file.removeprefix(f"{tmp_path}/") for file, _, _ in found] == ["1-large.xml", "2-small.xml", "3-small.xml"]


def test_with_several_processes_it_is_the_same_in_the_same_order(folder, monkeypatch):
    monkeypatch.setattr(many, "SMALL", 100_000)

    def told(jobs, show):
        return [(each.file, each.about, list(each.found)) for each in reports([folder], show, now=NOW, jobs=jobs)]

    alone = told(1, whole)
    assert told(2, whole) == alone
    assert list(validate([folder], now=NOW, jobs=2)) == list(validate([folder], now=NOW))
    assert [judged.number for file, _, found in alone for judged in found if file.endswith("20-large.xml")] == list(
        range(400)
    )


def test_what_is_known_of_a_file_is_told_with_it(tmp_path):
    write(tmp_path / "a.xml", activity(1), activity(2), activity(3))
    (tmp_path / "b.xml").write_text('<iati-organisations version="2.02"/>')
    (tmp_path / "c.xml").write_text("<iati-activities")
    (tmp_path / "d.xml").write_text('<iati-activities version="1.05"/>')

    found = [tuple(each.about) for each in reports([tmp_path], whole, now=NOW)]

    assert found == [
        ("2.03", "iati-activities", 3),
        ("2.02", "iati-organisations", 0),
        (None, None, None),
        (None, "iati-activities", None),
    ]


def test_activities_that_share_an_identifier_are_told_apart_by_their_number_in_the_file(tmp_path):
    path = write(tmp_path / "a.xml", wrong(1), activity(1), wrong(1), wrong(2))

    (report,) = reports([path], whole, now=NOW)
    found = [(judged.identifier, judged.number, judged.occurrence) for judged in report.found]

    assert found == [(None, None, 1), (identifier(1), 0, 1), (identifier(1), 2, 3), (identifier(2), 3, 1)]


def test_a_path_that_cannot_be_opened_is_refused_before_anything_is_judged(tmp_path):
    path = write(tmp_path / "a.xml", wrong(1))

    with pytest.raises(SourceError):
        next(validate([path, tmp_path / "none.xml"], now=NOW))


def test_progress_tells_bytes_and_ends_with_all_of_them(tmp_path):
    paths = [write(tmp_path / f"{number}.xml", *map(activity, range(300))) for number in range(3)]
    total = sum(path.stat().st_size for path in paths)
    told = {1: [], 2: []}
    for jobs, pairs in told.items():
        list(validate(paths, now=NOW, jobs=jobs, progress=lambda *pair, pairs=pairs: pairs.append(pair)))

    assert [pairs[-1] for pairs in told.values()] == [(total, total)] * 2
    assert all(pairs == sorted(pairs) for pairs in told.values())


def test_our_own_checks_can_be_left_out_but_not_what_keeps_a_file_from_being_judged(tmp_path):
    path = tmp_path / "a.xml.gz"
    path.write_bytes(b"no gzip")

    assert [item.rule for item in validate([path], own=False)] == ["ssc-xml-unreadable"]


def test_a_reader_that_stops_early_leaves_nothing_behind(folder, tmp_path_factory, monkeypatch):
    spool = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(spool))

    findings = validate([folder], now=NOW, jobs=2)
    next(findings)
    findings.close()

    assert list(spool.iterdir()) == []


ODD = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(
        st.sampled_from(
            [
                b"<iati-activities version='2.03'>",
                b"<iati-organisations version='2.01'>",
                b"<?xml version='1.0' encoding='UTF-16'?>",
                b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
                b"<iati-activity>",
                b"</iati-activity>",
                b"<iati-activity/>",
                b"<!--",
                b"-->",
                b"<![CDATA[",
                b"]]>",
                b"</iati-activities>",
                b"<iati-identifier>\xff\x00",
                b"\xef\xbb\xbf",
                b"\xff\xfe<\x00",
                b"<a b='",
                b"&amp;&b;",
                document(wrong(1)).encode(),
                gzip.compress(document(wrong(1)).encode()),
                b"PK\x03\x04",
                b"\x1f\x8b",
            ]
        ),
        max_size=12,
    ).map(b"".join),
)


@settings(max_examples=200, deadline=None)
@given(data=ODD)
def test_whatever_the_bytes_it_ends_with_findings(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("odd") / "a.xml"
    path.write_bytes(data)

    found = list(validate([path], now=NOW))

    assert all(isinstance(item, Finding) and item.where.file == str(path) for item in found)
    if not data.strip():
        assert [item.rule for item in found] == ["0.1.1"]
