"""A first mapping, proposed: what it is sure of stands, and the rest is there to be decided."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssc_iati.read.csv_folder import csv_grid
from ssc_iati.read.grid import Grid
from ssc_iati.read.mapping import Mapping
from ssc_iati.read.propose import CERTAIN, propose, words

MINISTRY = Path(__file__).parents[2] / "fixtures" / "ministry"


def grid(headers, *rows, name="Hoja1"):
    return Grid("libro.xlsx", name, name, 1, tuple(headers), lambda: iter(enumerate(map(list, rows), 2)))


def line_of(text, header):
    return next(line for line in text.splitlines() if f'"{header}" = ' in line)


def test_what_is_certain_stands_and_what_is_not_is_commented_out():
    made = propose(
        [grid(["Código del proyecto", "Título", "Nombre corto", "Xyz"], ["1", "a", "b", "c"], ["2", "d", "e", "f"])],
        "es",
    )

    assert line_of(made.text, "Título").startswith('"Título" = "title"  # 0.95')
    assert line_of(made.text, "Código del proyecto").startswith('"Código del proyecto" = "key"')
    assert line_of(made.text, "Xyz") == '# "Xyz" = ""  # sin propuesta'
    assert (made.mapped, made.open) == (2, 2)


def test_values_bear_a_header_out_or_belie_it():
    borne = propose([grid(["Estado"], ["Implementación"], ["Finalizado"])], "es").text
    belied = propose([grid(["Estado"], ["Oaxaca"], ["Jalisco"])], "es").text

    assert line_of(borne, "Estado").startswith('"Estado" = "status"  # 1.00')
    assert line_of(belied, "Estado").startswith("# ")
    assert '# "Oaxaca" = ' in belied


def test_values_alone_are_never_enough():
    made = propose([grid(["Dónde"], ["Honduras"], ["Guatemala"], ["Perú"])], "es")

    assert line_of(made.text, "Dónde").startswith('# "Dónde" = "code"  # 0.6')
    assert "Country" in line_of(made.text, "Dónde")
    assert "[[sheet]]" in made.text
    assert '# table = "recipient_countries"' in made.text


def test_numbered_headers_are_one_group_and_feed_organisations_too():
    made = propose([grid(["Código", "Entidad 1", "Entidad 2"], ["1", "A", "B"], ["2", "C", "D"])], "es")

    mapping = Mapping.model_validate(tomllib.loads(made.text))

    assert [(each.table, dict(each.columns)) for each in mapping.sheet[0].also] == [
        ("organisations", {"Entidad {n}": ("key", "name")}),
        ("participations", {"Entidad {n}": ("organisation",)}),
    ]


def test_titles_above_the_headers_are_passed_over():
    made = propose([csv_grid(MINISTRY / "fichas.csv", "fichas.csv")], "es")

    assert "header_row = 3" in made.text
    assert '"Cierre previsto" = "planned_end"' in made.text


@pytest.mark.parametrize("language", ["en", "es", "pt", "fr", "xx"])
def test_it_speaks_the_persons_language(language):
    made = propose([grid(["Título", "Xyz"], ["1", "2"])], language)

    assert words(language).nothing in made.text
    assert made.text.startswith(f"# {words(language).opening}")


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=15), min_size=1, max_size=6),
    st.lists(st.lists(st.text(max_size=8) | st.integers() | st.none(), max_size=7), max_size=5),
)
def test_whatever_a_sheet_holds_the_proposal_is_toml_and_maps_nothing_uncertain(headers, rows):
    made = propose([grid(headers, *rows)], "en")

    raw = tomllib.loads(made.text)

    for line in made.text.splitlines():
        if "  # 0." in line and not line.startswith("#"):
            assert float(line.rpartition("  # ")[2][:4]) >= CERTAIN
    assert made.mapped == sum(
        len([each for each in feed.get("columns", {}) if feed.get("table") != "organisations"])
        for sheet in raw.get("sheet", [])
        for feed in (sheet, *sheet.get("also", []))
    )
