"""Children under their parents, organisations beside the projects that name them, results from their long form."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import SETTINGS, TODAY, sound_project, sound_tables, write_csv
from ssc_iati.check.assemble import Assembler
from ssc_iati.check.cells import Locale
from ssc_iati.check.intake import take_in
from ssc_iati.check.references import references
from ssc_iati.findings import SourceError
from ssc_iati.read.stage import open_staged
from ssc_iati.record import terms
from ssc_iati.record.labels import column_label, table_label
from ssc_iati.record.project import Project
from ssc_iati.record.tables import table, tables
from ssc_iati.record.values import Term
from ssc_iati.run import check_source, convert

ODD = [
    "",
    "unknown",
    "x",
    "0",
    "-1",
    "1,234",
    "31/12/2024",
    "2024",
    "APC",
    "P-1",
    "a;b/c",
    "=1+1",
    "1e99",
    "99999",
    "sí",
]
WEIRD = st.sampled_from([None, " ", *ODD]) | st.text(max_size=5)


def drafts(source, folder):
    intake = take_in(source, str(source), folder / "stage.sqlite", SETTINGS.publisher)
    with open_staged(str(folder / "stage.sqlite")) as staged:
        assembler = Assembler(staged, Locale())
        return [draft for chunk in intake.chunks for draft in assembler.drafts(chunk.number)], assembler.loose(), intake


def converted(source, target):
    heard = []
    report = convert(source, target, SETTINGS, heard.append, today=TODAY)
    return (target.read_text(encoding="utf-8") if report.written else None), heard


def rich_tables():
    tables_ = sound_tables("P-1", "P-2")
    tables_["contributions"] = [
        {
            "project": key,
            "participation": "a",
            "key": f"c{number}",
            "kind": kind,
            "amount": amount,
            "date": "2024",
            "amount_status": "stated",
            "stage_of_money": "executed",
        }
        for key in ("P-1", "P-2")
        for number, (kind, amount) in enumerate((("financial-grant", "1000.50"), ("inkind-goods", "20")))
    ]
    tables_["capacities"] = [{"organisation": "APC", "type": "training"}]
    tables_["results"] = [
        {
            "project": "P-1",
            "result": "r1",
            "indicator": indicator,
            "result_type": "1",
            "result_title": "Bancos",
            "indicator_measure": "1",
            "indicator_title": f"I {indicator}",
            "period_start": f"{year}-01-01",
            "period_end": f"{year}-12-31",
            "target_value": str(year),
        }
        for indicator in ("i1", "i2")
        for year in (2024, 2025)
    ]
    return tables_


def test_projects_come_in_the_order_of_the_source_with_their_own_rows_only(csv_source, tmp_path):
    found, loose, _ = drafts(csv_source(rich_tables()), tmp_path)

    assert [draft.key for draft in found] == ["P-1", "P-2"]
    assert [len(draft.values["participations"]) for draft in found] == [2, 2]
    assert [len(draft.values["participations"][0]["contributions"]) for draft in found] == [2, 2]
    assert [draft.findings for draft in found] == [[], []]
    assert loose.rows == []


CHILDREN = ("organisations", "participations", "contributions", "recipient_countries", "sectors")


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_child_rows_in_any_order_give_the_same_activity_up_to_the_order_of_rows(seed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("order")
    shuffled = rich_tables()
    rng = random.Random(seed)  # noqa: S311
    for name in (*CHILDREN, "capacities", "results"):
        rng.shuffle(shuffled[name])
    order = list(shuffled)
    rng.shuffle(order)

    first, heard = converted(write_csv(folder / "a", rich_tables()), folder / "a.xml")
    second, others = converted(write_csv(folder / "b", {name: shuffled[name] for name in order}), folder / "b.xml")

    assert heard == others == []
    assert sorted(map(str.strip, first.splitlines())) == sorted(map(str.strip, second.splitlines()))


def test_rows_that_are_shuffled_between_projects_change_nothing_at_all(csv_source, tmp_path):
    plain = rich_tables()
    mixed = rich_tables()
    for name in ("participations", "contributions", "recipient_countries", "sectors"):
        mixed[name] = [row for key in ("P-2", "P-1") for row in plain[name] if row["project"] == key]
    mixed["organisations"].reverse()

    first, _ = converted(csv_source(plain), tmp_path / "a.xml")
    second, _ = converted(csv_source(mixed), tmp_path / "b.xml")

    assert first == second


def labelled(written, language):
    """The tables with every name, header, code and term in a language."""
    said = {}
    for name, rows in written.items():
        columns = {column.name: column for column in table(name).columns}
        said[table_label(name, language)] = [
            {
                column_label(name, header, language): in_words(columns.get(header), value, language)
                for header, value in row.items()
            }
            for row in rows
        ]
    return said


def in_words(column, value, language):
    mark = column.field.mark(Term) if column else None
    return terms.label(mark.name, value, language) if mark and value is not None else value


@pytest.mark.parametrize("language", terms.LANGUAGES)
@pytest.mark.parametrize("build", ["csv_source", "workbook_source"])
def test_labels_in_any_of_the_four_languages_give_the_same_xml_as_codes(language, build, request, tmp_path):
    write = request.getfixturevalue(build)

    coded, _ = converted(write(rich_tables()), tmp_path / "codes.xml")
    worded, heard = converted(write(labelled(rich_tables(), language)), tmp_path / "words.xml")

    assert heard == []
    assert worded == coded


def test_names_of_iati_codes_are_read_as_their_codes(csv_source, tmp_path):
    tables_ = sound_tables("P-1")
    tables_["recipient_countries"][0]["code"] = "Honduras"

    coded, _ = converted(csv_source(sound_tables("P-1")), tmp_path / "a.xml")
    named, heard = converted(csv_source(tables_), tmp_path / "b.xml")

    assert heard == []
    assert named == coded


def test_a_grandchild_without_its_parent_is_a_finding_at_its_cell(csv_source):
    tables_ = rich_tables()
    tables_["contributions"][0]["participation"] = "A"
    heard = []

    report = check_source(csv_source(tables_), SETTINGS, heard.append, today=TODAY)

    assert [(each.rule, each.where.row, each.where.column, each.values["value"]) for each in heard] == [
        ("ssc-parent-unknown", 2, "participation", "A")
    ]
    assert (report.accepted, report.set_aside) == (1, 1)


def test_an_organisation_with_a_bad_cell_sets_aside_only_the_projects_that_name_it(csv_source):
    tables_ = sound_tables("P-1", "P-2", "P-3")
    tables_["organisations"].append({"key": "BAD", "name": "Mala", "actor_type": "xyzzy"})
    tables_["participations"].append(
        {"project": "P-2", "organisation": "BAD", "function": "supporter", "phase": "evaluation"}
    )
    heard = []

    report = check_source(csv_source(tables_), SETTINGS, heard.append, today=TODAY)

    assert (report.accepted, report.set_aside) == (2, 1)
    assert [(each.rule, each.where.row, each.where.column, each.identifier) for each in heard] == [
        ("ssc-term-unknown", 4, "actor_type", "XM-DAC-41119-P-2")
    ]


def test_organisations_come_with_the_organisations_that_they_belong_to(csv_source, tmp_path):
    tables_ = sound_tables("P-1")
    tables_["organisations"][0]["parent"] = "PRE"
    tables_["organisations"] += [
        {"key": "PRE", "name": "Presidencia", "parent": "APC"},
        {"key": "UNNAMED", "name": "Nadie"},
    ]

    (draft,), _, _ = drafts(csv_source(tables_), tmp_path)

    assert [each["key"] for each in draft.values["organisations"]] == ["APC", "MAG", "PRE"]


def test_an_organisation_of_a_json_file_is_shared_and_its_place_is_its_own_line(jsonl_source):
    shared = {"key": "APC", "actor_type": "cooperation-agency", "country": "XX", "founded": "13/13/13"}
    project = sound_project("P-1", organisations=sound_project()["organisations"][1:])
    heard = []

    check_source(jsonl_source([project, {"organisations": [shared]}]), SETTINGS, heard.append, today=TODAY)

    assert sorted((each.rule, each.where.line, each.where.path) for each in heard) == [
        ("ssc-code-unknown", 2, "organisations[].country"),
        ("ssc-date-two-digit-year", 2, "organisations[].founded"),
        ("ssc-organisation-name-missing", 2, "organisations[].names"),
    ]


UNHASHABLE = [
    {"organisations": [{"key": ["a"]}]},
    {"organisations": [{"key": {"a": 1}}], "participations": [{"organisation": ["x"]}]},
    {"organisations": {"key": "APC"}},
    {"organisations": "APC"},
    {"participations": [[]], "stages": {"key": []}},
    {"participations": 5, "mechanisms": [None, 1, "x"]},
    {"sources": [["a"]], "citations": [{"key": 5.5}]},
]


@pytest.mark.parametrize("changes", UNHASHABLE)
def test_a_record_of_any_shape_gives_findings_and_harms_no_other(jsonl_source, changes):
    heard = []

    report = check_source(
        jsonl_source([sound_project("P-1", **changes), sound_project("P-2")]), SETTINGS, heard.append, today=TODAY
    )

    assert (report.projects, report.accepted) == (2, 1)
    assert {each.where.line for each in heard} == {1}


def test_a_parent_that_is_no_key_does_not_end_the_run(jsonl_source):
    project = sound_project("P-1", organisations=sound_project()["organisations"][1:])
    shared = {"key": "APC", "names": "Agencia", "parent": ["x"], "actor_type": "cooperation-agency"}
    heard = []

    report = check_source(
        jsonl_source([{"organisations": [shared]}, project, sound_project("P-2")]), SETTINGS, heard.append, today=TODAY
    )

    assert report.accepted == 1
    assert {each.where.path for each in heard} == {"organisations[].parent"}
    assert {each.rule for each in heard} == {"ssc-reference-unknown", "ssc-value-invalid"}


# --- Results in long form ---------------------------------------------------------------------------------------------


def result_row(**changes):
    sound = {
        "project": "P-1",
        "result": "r",
        "indicator": "i",
        "result_type": "1",
        "result_title": "R",
        "indicator_measure": "1",
        "indicator_title": "I",
        "period_start": None,
        "period_end": None,
        "target_value": None,
    }
    return {**sound, **changes}


def results(csv_source, tmp_path, *rows):
    (draft,), _, _ = drafts(csv_source({**sound_tables("P-1"), "results": list(rows)}), tmp_path)
    return draft


def test_rows_of_one_result_and_indicator_add_their_periods(csv_source, tmp_path):
    years = [{"period_start": f"{year}-01-01", "period_end": f"{year}-12-31"} for year in (2024, 2025)]

    draft = results(csv_source, tmp_path, *(result_row(**year) for year in years), result_row(indicator="j"))

    assert draft.findings == []
    (found,) = draft.values["results"]
    assert [(each["key"], len(each.get("periods", []))) for each in found["indicators"]] == [("i", 2), ("j", 0)]


def test_a_key_that_is_left_blank_is_that_of_the_row_above(csv_source, tmp_path):
    blank = dict.fromkeys(
        ("result", "indicator", "result_type", "result_title", "indicator_measure", "indicator_title")
    )

    draft = results(csv_source, tmp_path, result_row(target_value="1"), {**result_row(target_value="2"), **blank})

    assert draft.findings == []
    assert [each["targets"][0]["value"] for each in draft.values["results"][0]["indicators"][0]["periods"]] == [
        "1",
        "2",
    ]


def test_rows_that_disagree_are_a_finding_at_the_cell_that_differs(csv_source, tmp_path):
    draft = results(csv_source, tmp_path, result_row(), result_row(indicator_title="Otro"))

    assert [(each.rule, each.where.row, each.where.column) for each in draft.findings] == [
        ("ssc-rows-disagree", 3, "indicator_title")
    ]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"result": None}, "result"),
        ({"result": None, "result_type": None, "result_title": None}, "result"),
        ({"indicator": None}, "indicator"),
        ({"indicator": None, "indicator_measure": None, "indicator_title": None, "target_value": "5"}, "indicator"),
    ],
)
def test_what_stands_below_a_key_that_is_missing_is_never_lost_in_silence(csv_source, tmp_path, changes, column):
    draft = results(csv_source, tmp_path, result_row(**changes))

    assert [(each.rule, each.where.column) for each in draft.findings] == [("ssc-key-missing", column)]


def test_a_bad_cell_is_found_even_beside_a_missing_key(csv_source, tmp_path):
    draft = results(csv_source, tmp_path, result_row(result=None, period_start="31/02/2024"))

    assert [each.rule for each in draft.findings] == ["ssc-key-missing", "ssc-date-impossible"]


def test_a_stray_cell_of_the_long_form_is_one_finding(workbook_source, tmp_path):
    rows = {**sound_tables("P-1"), "results": [result_row(**{"": "stray"})]}

    (draft,), _, _ = drafts(workbook_source(rows), tmp_path)

    assert [each.rule for each in draft.findings] == ["ssc-cell-without-header"]


# --- Nothing that people write ends a run -----------------------------------------------------------------------------

NAMES = [each.name for each in tables()]


@st.composite
def garbage(draw):
    picked = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    written = {}
    for name in {"projects", *picked}:
        headers = draw(st.lists(st.sampled_from(table(name).header()), unique=True, min_size=1, max_size=5))
        rows = draw(st.lists(st.lists(WEIRD, min_size=len(headers), max_size=len(headers)), max_size=4))
        written[name] = [dict(zip(headers, row, strict=True)) for row in rows] or [dict.fromkeys(headers)]
    return written


def storable(cell):
    """What a CSV file can hold of a cell: all but NUL and halves of signs."""
    return None if cell is None else cell.replace("\x00", "").encode("utf-8", "replace").decode()


@given(garbage())
@settings(max_examples=60, deadline=None)
def test_no_cells_are_so_wild_that_a_run_fails(tmp_path_factory, written):
    folder = tmp_path_factory.mktemp("wild")
    clean = {
        name: [{key: storable(cell) for key, cell in row.items()} for row in rows] for name, rows in written.items()
    }
    heard = []

    try:
        report = convert(write_csv(folder / "s", clean), folder / "out.xml", SETTINGS, heard.append, today=TODAY)
    except SourceError as refusal:
        assert refusal.finding.rule.startswith("ssc-")  # noqa: PT017
        return

    assert report.accepted + report.set_aside + report.withheld == report.projects
    assert all(each.where.file for each in heard)


def test_every_key_that_a_record_refers_to_is_found():
    values = {
        "participations": [{"organisation": "A", "contributions": [{"to_organisation": "B", "sources": ["s"]}]}],
        "mechanisms": [{"parties": ["C", "D"]}],
    }

    found = [(".".join(map(str, loc)), collection, key) for loc, collection, key in references(Project, values, ())]

    assert sorted(found) == [
        ("mechanisms.0.parties", "organisations", "C"),
        ("mechanisms.0.parties", "organisations", "D"),
        ("participations.0.contributions.0.sources", "citations", "s"),
        ("participations.0.contributions.0.to_organisation", "organisations", "B"),
        ("participations.0.organisation", "organisations", "A"),
    ]
