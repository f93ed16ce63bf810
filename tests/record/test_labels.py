"""Labels of tables and columns: complete in four languages, and every label leads to one of them."""

from __future__ import annotations

from collections import defaultdict

import pytest

from ssc_iati.record import labels
from ssc_iati.record.tables import tables
from ssc_iati.record.terms import LANGUAGES
from ssc_iati.text import fold

TABLES = tuple(each.name for each in tables())
HEADERS = {each.name: each.header() for each in tables()}
SHEET_NAME_LENGTH = 31
NOT_IN_SHEET_NAMES = set("[]:*?/\\")

every_table = pytest.mark.parametrize("table", TABLES)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def shared(spellings):
    """The folded spellings, own names among them, that lead to more than one name."""
    meant = defaultdict(set)
    for name, texts in spellings.items():
        for text in (name, *texts):
            meant[fold(text)].add(name)
    return {text: names for text, names in meant.items() if len(names) > 1}


def written_otherwise(text):
    return (text.upper(), text.lower(), f"  {text.replace(' ', '   ')} ", fold(text), fold(text).replace(" ", "_"))


def test_every_table_is_labelled_and_no_other():
    assert set(labels._labels().tables) == set(TABLES)


def test_every_column_is_labelled_and_no_other():
    assert set(labels._labels().columns) == {column for header in HEADERS.values() for column in header}


def test_labels_for_one_table_are_of_columns_it_has():
    own = {(table, column) for table, columns in labels._labels().table_columns.items() for column in columns}
    assert own <= {(table, column) for table, header in HEADERS.items() for column in header}


def test_every_entry_speaks_the_four_languages_without_blanks():
    kept = labels._labels()
    entries = [
        *kept.tables.values(),
        *kept.columns.values(),
        *(e for own in kept.table_columns.values() for e in own.values()),
    ]
    for entry in entries:
        assert tuple(entry) == LANGUAGES
        assert all(text == " ".join(text.split()) and fold(text) for text in labels._all(entry))


@every_language
@every_table
def test_a_table_label_is_a_sheet_name_that_finds_its_table(table, language):
    label = labels.table_label(table, language)
    assert len(label) <= SHEET_NAME_LENGTH
    assert not NOT_IN_SHEET_NAMES & set(label)
    assert labels.table_named(label) == table


@every_language
@every_table
def test_every_column_label_finds_its_column(table, language):
    found = {
        column: labels.column_named(table, labels.column_label(table, column, language)) for column in HEADERS[table]
    }
    assert found == {column: column for column in HEADERS[table]}


@every_language
@every_table
def test_column_labels_leave_the_colon_to_the_language(table, language):
    assert not [column for column in HEADERS[table] if ":" in labels.column_label(table, column, language)]


def test_no_label_leads_to_two_tables():
    assert not shared({table: labels._table_spellings(table) for table in TABLES})


@every_table
def test_no_label_leads_to_two_columns_of_a_table(table):
    assert not shared({column: labels._column_spellings(table, column) for column in HEADERS[table]})


@every_table
def test_names_and_labels_are_found_however_they_are_written(table):
    for text in (table, *labels._table_spellings(table)):
        assert {labels.table_named(written) for written in written_otherwise(text)} == {table}
    for column in HEADERS[table]:
        for text in (column, *labels._column_spellings(table, column)):
            assert {labels.column_named(table, written) for written in written_otherwise(text)} == {column}


@pytest.mark.parametrize(
    ("table", "header", "column"),
    [
        ("projects", "FECHA DE INICIO PREVISTA", "planned_start"),
        ("projects", "titulo", "title"),
        ("projects", "  Data   de INICIO real ", "actual_start"),
        ("recipient_countries", "Pays", "code"),
        ("transactions", "Tipo de transaccion", "type"),
        ("contributions", "Tipo de aporte", "kind"),
        ("contributions", "Projeto", "project"),
        ("participations", "Oferente o receptor", "side"),
        ("results", "Línea de base", "baseline_value"),
    ],
)
def test_headers_as_people_write_them(table, header, column):
    assert labels.column_named(table, header) == column


@pytest.mark.parametrize("header", ["Start date", "Fecha de inicio", "Data de término", "Date de fin"])
def test_a_date_that_may_be_planned_or_actual_names_neither(header):
    assert labels.column_named("projects", header) is None


def test_a_label_may_depend_on_the_table():
    assert labels.column_label("transactions", "type", "es") == "Tipo de transacción"
    assert labels.column_label("budgets", "type", "es") == "Tipo de presupuesto"


def test_a_language_that_is_none_of_ours_gets_english():
    assert labels.table_label("projects", "de") == "Projects"
    assert labels.column_label("projects", "planned_start", "de") == "Planned start"


def test_what_nobody_calls_so_names_nothing():
    assert labels.table_named("Hoja1") is None
    assert labels.column_named("projects", "Columna sin nombre") is None
    assert labels.column_named("projects", "") is None


def test_a_table_or_column_that_does_not_exist_is_a_mistake_of_the_caller():
    with pytest.raises(KeyError):
        labels.column_named("nowhere", "Título")
    with pytest.raises(KeyError):
        labels.column_label("projects", "nothing", "es")


def test_an_own_name_goes_before_a_label_and_a_shared_label_names_neither():
    found = labels._by_spelling({"amount": ("Monto", "Valor"), "value": ("Monto", "Amount")})
    assert found == {"amount": "amount", "value": "value", "valor": "amount"}


def test_slips_of_the_pen_are_suggested():
    assert labels.suggest_table("Presupestos") == "budgets"
    assert labels.suggest_column("projects", "Titlo") == "title"
    assert labels.suggest_column("projects", "planed_start") == "planned_start"
    assert labels.suggest_column("projects", "xyzzy") is None
