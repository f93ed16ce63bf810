"""What a row of a table, or a record of JSON, says: values where the record has them, trouble at its cell."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssc_iati.check.cells import Locale
from ssc_iati.check.interpret import RowReader
from ssc_iati.check.publisher import locale_of, read_publisher_record
from ssc_iati.check.records import interpret_record
from ssc_iati.check.references import named
from ssc_iati.findings import Finding, Place
from ssc_iati.read.grid import Grid
from ssc_iati.read.layout import bind
from ssc_iati.record import terms
from ssc_iati.record.organisations import Contribution
from ssc_iati.record.project import Project, Publisher
from ssc_iati.record.tables import tables
from ssc_iati.record.values import Term

COMMA = Locale(decimal=",", date_order="dmy")


def read(table, row, locale=COMMA):
    """A row of a table, its headers the keys of the row."""
    grid = Grid("book.xlsx", table, table, 1, tuple(row), lambda: iter(()))
    return RowReader(bind([grid])[0][table], locale).read(5, list(row.values()))


def record(model, value):
    sink = []
    return interpret_record(model, value, COMMA, (), sink), [
        (".".join(map(str, loc)), trouble.rule) for loc, trouble in sink
    ]


CELLS = [
    ("projects", "title", "  Semillas ", {"title": [{"lang": None, "text": "Semillas"}]}),
    ("projects", "título (es)", "Semillas", {"title": [{"lang": "es", "text": "Semillas"}]}),
    ("projects", "description", "Uno", {"descriptions": [{"type": "1", "text": [{"lang": None, "text": "Uno"}]}]}),
    ("projects", "actual_end", "31/12/2024", {"activity_dates": [{"type": "4", "date": "2024-12-31"}]}),
    ("projects", "estado", "En ejecución", {"status": "implementation"}),
    ("projects", "humanitarian", "sí", {"humanitarian": True}),
    ("projects", "humanitarian", False, {"humanitarian": False}),
    ("projects", "sdg_goals", "2; 13", {"tags": [{"vocabulary": "2", "code": "2"}, {"vocabulary": "2", "code": "13"}]}),
    ("projects", "reporting_org_ref", "XM-DAC-41119", {"reporting_org": {"ref": "XM-DAC-41119"}}),
    ("projects", "default_aid_type", "C01", {"default_aid_types": [{"code": "C01"}]}),
    ("contributions", "amount", "1.234,50", {"amount": Decimal("1234.50")}),
    ("contributions", "amount", 0.1, {"amount": Decimal("0.1")}),
    ("contributions", "key", 7, {"key": "7"}),
    ("recipient_countries", "code", "Honduras", {"code": "HN"}),
    ("recipient_countries", "percentage", "33,3 %", {"percentage": Decimal("33.3")}),
    ("organisations", "identifiers", "CO-RUE-1; CO-RUE-2", {"identifiers": ["CO-RUE-1", "CO-RUE-2"]}),
    ("mechanisms", "parties", "APC | MAG", {"parties": ["APC", "MAG"]}),
    ("transactions", "provider", "APC", {"provider": {"organisation": "APC"}}),
]


@pytest.mark.parametrize(("table", "header", "cell", "values"), CELLS)
def test_a_cell_becomes_the_value_of_its_field(table, header, cell, values):
    row = read(table, {header: cell})

    assert row.findings == []
    assert row.values == values


UNREADABLE = [
    ("contributions", "amount", "1 o 2", "ssc-number-unreadable"),
    ("contributions", "currency", "a\x01", "ssc-text-illegal-character"),
    ("contributions", "kind", "xyzzy", "ssc-term-unknown"),
    ("projects", "actual_start", "31/02/2024", "ssc-date-impossible"),
    ("budgets", "period_start", "2024-05", "ssc-date-day-needed"),
    ("projects", "humanitarian", "maybe", "ssc-boolean-unreadable"),
    ("projects", "title", "a\x01", "ssc-text-illegal-character"),
    ("organisations", "identifiers", "CO-RUE-1; \x01", "ssc-text-illegal-character"),
    ("projects", "sdg_goals", "2; \x01", "ssc-text-illegal-character"),
]


@pytest.mark.parametrize(("table", "header", "cell", "rule"), UNREADABLE)
def test_a_cell_that_cannot_be_read_leaves_its_field_out_and_is_a_finding_at_the_cell(table, header, cell, rule):
    row = read(table, {"key": "k", header: cell})

    assert [(each.rule, each.where) for each in row.findings] == [(rule, Place("book.xlsx", table, 5, header, "B5"))]
    assert row.values == {"key": "k"}


@pytest.mark.parametrize("cell", [None, "", " ", "\t", "\u200b", "\xa0 "])
@pytest.mark.parametrize(
    ("table", "header"),
    [
        ("projects", "iati_identifier"),
        ("projects", "title"),
        ("recipient_countries", "code"),
        ("contributions", "amount"),
        ("projects", "estado"),
        ("projects", "sdg_goals"),
        ("organisations", "identifiers"),
    ],
)
def test_a_cell_in_which_nothing_can_be_seen_says_nothing(table, header, cell):
    row = read(table, {"key": "k", header: cell})

    assert row.findings == []
    assert row.values == {"key": "k"}


TYPED = [
    ("contributions", "amount", "amount"),
    ("contributions", "date", "date"),
    ("contributions", "unit", "unit"),
    ("contributions", "currency", "currency"),
    ("organisations", "country", "country"),
    ("organisations", "identifiers", "identifiers"),
    ("projects", "humanitarian", "humanitarian"),
    ("projects", "planned_end", "planned_end"),
    ("projects", "sdg_goals", "sdg_goals"),
]


@pytest.mark.parametrize("words", ["unknown", "Desconocido", "s/d", "não se sabe", "inconnue"])
@pytest.mark.parametrize(("table", "header", "name"), TYPED)
def test_a_typed_cell_that_states_unknown_leaves_its_field_blank_and_is_remembered(table, header, name, words):
    row = read(table, {header: words})

    assert row.findings == []
    assert row.values == {"unknown": [name]}


def test_what_is_unknown_of_a_nested_fact_is_remembered_there():
    row = read("transactions", {"provider": "APC", "provider_type": "desconocido"})

    assert row.values == {"provider": {"organisation": "APC", "unknown": ["type"]}}


def test_unknown_as_a_text_is_a_text():
    assert read("projects", {"title": "unknown"}).values == {"title": [{"lang": None, "text": "unknown"}]}


def test_texts_of_several_languages_join_and_two_descriptions_stay_apart():
    row = read(
        "projects",
        {"title:es": "Uno", "title:pt": "Um", "description:es": "a", "description:pt": "b", "objectives": "c"},
    )

    assert row.values["title"] == [{"lang": "es", "text": "Uno"}, {"lang": "pt", "text": "Um"}]
    assert [(each["type"], len(each["text"])) for each in row.values["descriptions"]] == [("1", 2), ("2", 1)]


POINTS = [
    ("14,0818", "-87,2068", "14.0818 -87.2068", []),
    (0, "0", "0 0", []),
    ("-90", "180", "-90 180", []),
    ("14", None, None, [("ssc-field-missing", "longitude")]),
    (None, "14", None, [("ssc-field-missing", "latitude")]),
    ("91", "-181", None, [("ssc-number-outside", "latitude"), ("ssc-number-outside", "longitude")]),
    ("x", "5", None, [("ssc-number-unreadable", "latitude"), ("ssc-field-missing", "latitude")]),
    (None, None, None, []),
]


@pytest.mark.parametrize(("latitude", "longitude", "pos", "findings"), POINTS)
def test_latitude_and_longitude_become_a_point_only_together(latitude, longitude, pos, findings):
    row = read("locations", {"name": "Copán", "latitude": latitude, "longitude": longitude})

    assert row.values.get("pos") == pos
    assert not {"latitude", "longitude"} & row.values.keys()
    assert [(each.rule, each.where.column) for each in row.findings] == findings


def test_a_value_beyond_the_last_header_is_a_finding_once():
    grid = Grid("a.csv", None, "results", 1, ("project", "result", "result_title"), lambda: iter(()))
    reader = RowReader(bind([grid])[0]["results"], COMMA)

    row = reader.read(3, ["P-1", "r", "Semillas", "stray", "more"])

    assert [(each.rule, each.where.row, each.values["value"]) for each in row.findings] == [
        ("ssc-cell-without-header", 3, "stray")
    ]


ONE_ROW = [each for each in tables() if not each.levels and each.name != "locations"]
SEEN = ("", " ", "\u200b", "unknown", "s/d", "x", "a; b", ";", "\x00", "implementation", "En ejecución", "sí", "HN")
SEEN += ("2; 13", "4", "2024", "2024-03-01", "31/12/2024", "1.234,5", "1,234", None, True, 7, 0.5, Decimal("2.50"))


PLAIN = tuple(each for each in SEEN if each is None or (isinstance(each, str) and each not in ("\u200b", "\x00")))


@pytest.mark.parametrize(("plain", "seen"), [(False, SEEN), (True, PLAIN)])
@given(data=st.data())
@settings(deadline=None)
def test_the_quick_way_through_a_row_says_what_the_careful_way_says(plain, seen, data):
    table = data.draw(st.sampled_from(ONE_ROW))
    every = [f"{each.name}:{language}" for each in table.columns if each.speaks for language in ("es", "pt")]
    every += [each.name for each in table.columns if not each.speaks]
    headers = data.draw(st.lists(st.sampled_from(every), unique=True, min_size=1, max_size=20))
    cells = [data.draw(st.sampled_from(seen)) for _ in headers]
    grid = Grid("book.xlsx", table.name, table.name, 1, tuple(headers), lambda: iter(()), plain=plain)
    reader = RowReader(bind([grid])[0][table.name], COMMA)
    quick, keys = {}, []

    found = reader.fill(5, cells, quick, keys)
    careful, others = reader.part(5, cells, reader.indices(table.columns), surplus=True)

    for values in (quick, careful):
        values["unknown"] = sorted(values.get("unknown", []))
    assert quick == careful
    assert sorted(map(str, found)) == sorted(map(str, others))
    assert set(keys) == set(named(table.model, quick))


def test_json_is_read_as_cells_are():
    values, troubles = record(
        Contribution,
        {"amount": "1.234,5", "kind": "Becas", "currency": "", "date": "2024-02-30", "unit": "desconocido"},
    )

    assert values == {"amount": Decimal("1234.5"), "kind": "scholarship", "unknown": ["unit"]}
    assert troubles == [("date", "ssc-date-impossible")]


def test_json_texts_lose_their_outer_spaces_and_what_no_xml_can_hold_is_trouble():
    values, troubles = record(
        Project,
        {
            "title": [{"lang": "es", "text": " a "}, {"text": "b\x00"}],
            "descriptions": [{"text": "c\ud800"}],
            "spellings": {"status": "d\x01", "title": "e"},
            "unknown": ["f\x02", "g"],
        },
    )

    assert values["title"] == [{"lang": "es", "text": "a"}]
    assert values["descriptions"] == [{}]
    assert values["spellings"] == {"title": "e"}
    assert values["unknown"] == ["g"]
    assert troubles == [
        ("title.1.text", "ssc-text-illegal-character"),
        ("descriptions.0.text", "ssc-text-illegal-character"),
        ("spellings.status", "ssc-text-illegal-character"),
        ("unknown.0", "ssc-text-illegal-character"),
    ]


NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
NAMES = st.sampled_from(sorted(Project.model_fields)) | st.text(max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sorted(Project.model_fields)), JSON, max_size=6))
def test_no_json_is_so_wild_that_reading_it_fails(value):
    values, _ = record(Project, value)

    assert values.keys() <= value.keys() | {"unknown"}


WORDS = [
    (name, code, spelling)
    for name in terms.LISTS
    for code in terms.codes(name)
    for spelling in terms.spellings(name, code)
]
COLUMNS = {
    mark.name: (each.name, column.name)
    for each in tables()
    for column in each.columns
    if (mark := column.field.mark(Term)) is not None
}


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_every_spelling_of_a_term_gives_its_code_in_a_table(name):
    table, header = COLUMNS[name]
    expected = [(spelling, code) for listed, code, spelling in WORDS if listed == name]

    got = [(spelling, _leaf(read(table, {header: spelling}).values)) for spelling, _ in expected]

    assert got == expected


def _leaf(values):
    while isinstance(values, (dict, list)):
        values = values[0] if isinstance(values, list) else next(iter(values.values()))
    return values


def test_the_locale_of_a_source_is_its_publishers():
    assert locale_of(None) == Locale()
    assert locale_of(Publisher(decimal_mark=",", date_order="mdy")) == Locale(",", "mdy")


@pytest.mark.parametrize(
    "value", [None, 5, [], "x", {"reporting_org": 5}, {"language": ["es"]}, {"reporting_org": {"names": 3}}]
)
def test_a_publisher_of_any_shape_is_read_or_refused(value):
    publisher, findings = read_publisher_record(value, Place("all.json", line=3))

    assert publisher is None
    assert findings
    assert all(isinstance(each, Finding) and each.where.line == 3 for each in findings)
