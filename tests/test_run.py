"""The story of a run, end to end: what is sound is published, the rest is set aside and named, nothing is lost."""

import json

import pytest
from lxml import etree

from builders import SETTINGS, TODAY, sound_project, sound_tables, write_csv, write_jsonl, write_workbook
from ssc_iati.config import Settings, load
from ssc_iati.findings import Severity, SourceError
from ssc_iati.read.stage import CHUNK
from ssc_iati.run import check_source, convert

HUNDRED = tuple(f"P-{number:03}" for number in range(1, 101))


def run(source, target, settings=SETTINGS, **options):
    heard = []
    return convert(source, target, settings, heard.append, today=TODAY, **options), heard


def identifiers(path):
    return [each.text for each in etree.parse(path).iter("iati-identifier")]


def csv_of(folder, tables):
    return write_csv(folder / "source", tables)


def workbook_of(folder, tables):
    return write_workbook(folder / "source.xlsx", tables)


def broken_hundred():
    tables = sound_tables(*HUNDRED)
    tables["sectors"][56]["percentage"] = "ten"
    return tables


@pytest.mark.parametrize(("build", "cell"), [(csv_of, None), (workbook_of, "C58")])
def test_one_bad_cell_in_a_hundred_projects_sets_one_aside_and_is_named(tmp_path, build, cell):
    report, heard = run(build(tmp_path, broken_hundred()), tmp_path / "a.xml")

    assert (report.projects, report.accepted, report.set_aside, report.well) == (100, 99, 1, False)
    assert [(each.rule, each.where.row, each.where.column, each.where.cell, each.identifier) for each in heard] == [
        ("ssc-number-unreadable", 58, "percentage", cell, "XM-DAC-41119-P-057")
    ]
    assert identifiers(tmp_path / "a.xml") == [f"XM-DAC-41119-{key}" for key in HUNDRED if key != "P-057"]
    assert report.rejected is not None


def test_one_bad_value_in_a_hundred_json_records_sets_one_aside_and_is_named(tmp_path):
    records = [sound_project(key) for key in HUNDRED]
    records[56]["sectors"][0]["percentage"] = "ten"

    report, heard = run(write_jsonl(tmp_path / "s.jsonl", records), tmp_path / "a.xml")

    assert (report.accepted, report.set_aside) == (99, 1)
    assert [(each.rule, each.where.line, each.where.path) for each in heard] == [
        ("ssc-number-unreadable", 57, "sectors[0].percentage")
    ]
    assert len(report.rejected.read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize("options", [{}, {"jobs": 2}])
def test_the_same_input_twice_gives_the_same_bytes_with_any_number_of_jobs(tmp_path, options):
    keys = [f"P-{number}" for number in range(520)]
    tables = sound_tables(*keys)
    tables["projects"][400]["status"] = "xyzzy"
    source = csv_of(tmp_path, tables)

    once, first = run(source, tmp_path / "a.xml")
    twice, second = run(source, tmp_path / "b.xml", **options)

    assert (tmp_path / "a.xml").read_bytes() == (tmp_path / "b.xml").read_bytes()
    assert first == second
    assert once._replace(written=None, rejected=None) == twice._replace(written=None, rejected=None)
    files = [sorted(file.read_bytes() for file in each.rejected.iterdir()) for each in (once, twice)]
    assert files[0] == files[1]


def test_three_layouts_of_the_same_records_give_the_same_bytes(tmp_path):
    keys = ("P-1", "P-2")
    sources = [
        csv_of(tmp_path, sound_tables(*keys)),
        workbook_of(tmp_path, sound_tables(*keys)),
        write_jsonl(tmp_path / "s.jsonl", [sound_project(key) for key in keys]),
    ]

    for number, source in enumerate(sources):
        run(source, tmp_path / f"{number}.xml")

    assert len({(tmp_path / f"{number}.xml").read_bytes() for number in range(3)}) == 1


def test_progress_is_told_of_every_chunk(tmp_path):
    told = []

    run(
        csv_of(tmp_path, sound_tables(*(f"P-{n}" for n in range(2 * CHUNK)))),
        tmp_path / "a.xml",
        progress=lambda *step: told.append(step),
    )

    assert told == [(1, 2), (2, 2)]


def test_when_nothing_can_be_written_the_last_good_output_stays(tmp_path):
    target = tmp_path / "a.xml"
    target.write_bytes(b"the last good output")
    tables = sound_tables("P-1")
    tables["projects"][0]["status"] = "xyzzy"

    report, heard = run(csv_of(tmp_path, tables), target)

    assert target.read_bytes() == b"the last good output"
    assert (report.written, report.rejected.name) == (None, "a.rejected.csv")
    assert [each.rule for each in heard] == ["ssc-term-unknown", "ssc-nothing-to-write"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.rejected.csv", "a.xml", "source"]


@pytest.mark.parametrize("fault", ["cut", "missing"])
def test_when_the_source_cannot_be_read_everything_stays_as_it_was(tmp_path, fault):
    target, source = tmp_path / "a.xml", tmp_path / "s.json"
    target.write_bytes(b"the last good output")
    (tmp_path / "a.rejected.json").write_bytes(b"[]")
    if fault == "cut":
        source.write_text(json.dumps([sound_project("P-1"), sound_project("P-2")])[:-20], encoding="utf-8")

    with pytest.raises(SourceError):
        run(source, target)

    assert target.read_bytes() == b"the last good output"
    assert (tmp_path / "a.rejected.json").read_bytes() == b"[]"


def test_when_all_is_well_nothing_that_was_set_aside_before_remains(tmp_path):
    run(csv_of(tmp_path, broken_hundred()), tmp_path / "a.xml")

    report, heard = run(csv_of(tmp_path, sound_tables(*HUNDRED)), tmp_path / "a.xml")

    assert (report.well, report.rejected, heard) == (True, None, [])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.xml", "source"]


def test_organisations_are_shared_by_projects_and_only_those_that_name_a_bad_one_are_set_aside(tmp_path):
    tables = sound_tables("P-1", "P-2", "P-3")
    tables["organisations"].append({"key": "BAD", "name": "Mala", "actor_type": "association", "founded": "31/02/1990"})
    for key in ("P-1", "P-3"):
        tables["participations"].append(
            {"project": key, "organisation": "BAD", "function": "funder", "phase": "evaluation"}
        )

    report, heard = run(csv_of(tmp_path, tables), tmp_path / "a.xml")

    assert identifiers(tmp_path / "a.xml") == ["XM-DAC-41119-P-2"]
    assert [(each.rule, each.where.row, each.where.column, each.identifier) for each in heard] == [
        ("ssc-date-impossible", 4, "founded", "XM-DAC-41119-P-1"),
        ("ssc-date-impossible", 4, "founded", "XM-DAC-41119-P-3"),
    ]
    assert report.set_aside == 2


def test_a_check_says_what_the_conversion_would_say_and_writes_nothing(tmp_path):
    tables = broken_hundred()
    tables["participations"] = [row for row in tables["participations"] if row["project"] != "P-003"]
    source = csv_of(tmp_path, tables)
    checked = []
    before = sorted(tmp_path.rglob("*"))

    found = check_source(source, SETTINGS, checked.append, today=TODAY)

    assert sorted(tmp_path.rglob("*")) == before
    report, converted = run(source, tmp_path / "a.xml")
    assert checked == converted
    assert (found.accepted, found.set_aside, found.severities) == (report.accepted, report.set_aside, report.severities)


def test_findings_that_only_warn_keep_nothing_back_unless_the_publisher_says_so(tmp_path):
    source = write_jsonl(
        tmp_path / "s.jsonl", [sound_project("P-1", iati_identifier="XM-DAC-9-1"), sound_project("P-2")]
    )
    strict = SETTINGS.model_copy(update={"reject": Severity.WARNING})

    lax, _ = run(source, tmp_path / "a.xml")
    hard, _ = run(source, tmp_path / "b.xml", strict)

    assert (lax.accepted, lax.well) == (2, True)
    assert (hard.accepted, hard.set_aside, hard.well) == (1, 1, False)


def test_a_restricted_project_is_withheld_and_counted(tmp_path):
    source = write_jsonl(tmp_path / "s.jsonl", [sound_project("P-1", visibility="restricted"), sound_project("P-2")])

    report, heard = run(source, tmp_path / "a.xml")

    assert (report.accepted, report.withheld, report.set_aside, heard) == (1, 1, 0, [])
    assert identifiers(tmp_path / "a.xml") == ["XM-DAC-41119-P-2"]


def test_date_times_come_from_the_source_and_stand_where_iati_has_them(tmp_path):
    publisher = {"publisher": {"generated_datetime": "2026-01-30T10:00:00Z"}}
    source = write_jsonl(
        tmp_path / "s.jsonl",
        [publisher, sound_project(last_updated_datetime="2025-12-24T08:00:00Z"), sound_project("P-2")],
    )

    run(source, tmp_path / "a.xml")

    root = etree.parse(tmp_path / "a.xml").getroot()
    assert root.get("generated-datetime") == "2026-01-30T10:00:00Z"
    assert [each.get("last-updated-datetime") for each in root] == ["2025-12-24T08:00:00Z", None]


def test_a_mended_file_is_never_overwritten_by_the_run_that_reads_it(tmp_path):
    report, _ = run(csv_of(tmp_path, broken_hundred()), tmp_path / "a.xml")
    kept = {file.name: file.read_bytes() for file in report.rejected.iterdir()}
    published = (tmp_path / "a.xml").read_bytes()

    with pytest.raises(SourceError) as refusal:
        run(report.rejected, tmp_path / "a.xml")

    assert refusal.value.finding.rule == "ssc-target-is-source"
    assert {file.name: file.read_bytes() for file in report.rejected.iterdir()} == kept
    assert (tmp_path / "a.xml").read_bytes() == published


@pytest.mark.parametrize("name", ["s.jsonl", "./s.jsonl"])
def test_a_source_is_never_its_own_output(tmp_path, name, monkeypatch):
    source = write_jsonl(tmp_path / "s.jsonl", [sound_project()])
    before = source.read_bytes()
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SourceError):
        run(source, tmp_path / name)

    assert source.read_bytes() == before


def test_the_output_may_stand_in_the_folder_of_the_source_but_not_in_place_of_its_tables(tmp_path):
    source = csv_of(tmp_path, sound_tables("P-1"))

    report, _ = run(source, source / "a.xml")
    with pytest.raises(SourceError):
        run(source, source / "projects.csv")

    assert report.accepted == 1
    assert (source / "projects.csv").read_text(encoding="utf-8").startswith("key,")


# --- The configuration ------------------------------------------------------------------------------------------------


def config(folder, text):
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_configuration_is_read_and_its_paths_are_relative_to_it(tmp_path):
    settings = load(config(tmp_path, 'reject = "warning"\n[publisher]\nlanguage = "es"\n[publish]\nfolder = "out"\n'))

    assert (settings.publisher.language, settings.reject, settings.publish.folder) == (
        "es",
        Severity.WARNING,
        tmp_path / "out",
    )
    assert load(None) == Settings()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[publisher", ""),
        ("[publisher]\nlanguge = 'es'\n", "publisher.languge"),
        ("[publisher]\ndecimal_mark = ';'\n", "publisher.decimal_mark: ;"),
        ("[publisher]\ndate_order = 'dym'\n", "publisher.date_order: dym"),
        ("[publisher]\ngenerated_datetime = 'soon'\n", "publisher.generated_datetime: soon"),
        ("[publish]\nfile = '../a.xml'\n", "publish.file"),
        ("reject = 'never'\n", "reject"),
        ("publish = 5\n", "publish"),
        ("[release]\norganisation = '../o.xml'\n", "release.organisation"),
        ("[release]\nkeep = 1\n", "release.keep"),
        ("[release]\norganisation = 'activities.xml'\n", "release.organisation"),
        ("[publish]\nfile = 'a.xml'\n[release]\norganisation = 'a-2.xml'\n", "release.organisation"),
        ("[guard]\nactivities = 10\n", "guard.activities"),
        ("[guard]\nsize = 5\n", "guard.size"),
        ("[store]\npublic = 'https://who:secret@example.org'\n", "store.public"),
        ("[store]\npasword = 'x'\n", "store.pasword"),
    ],
)
def test_a_configuration_that_says_what_nobody_knows_is_refused_with_the_place(tmp_path, text, named):
    with pytest.raises(SourceError) as refusal:
        load(config(tmp_path, text))

    assert refusal.value.finding.rule == "ssc-config-invalid"
    assert named in refusal.value.finding.values["problem"]


def test_a_configuration_that_is_not_there_or_is_no_text_is_refused(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"\xff\xfe")

    for path in (tmp_path / "none.toml", broken, tmp_path):
        with pytest.raises(SourceError, match="ssc-config-invalid"):
            load(path)
