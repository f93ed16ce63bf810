"""Registers of South-South cooperation: known by their headers, read by a mapping that comes with the program."""

import csv
import json
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from builders import SETTINGS, TODAY, rules_of
from ssc_iati.check.assemble import Assembler
from ssc_iati.check.cells import Locale
from ssc_iati.check.project import check_all
from ssc_iati.findings import Severity
from ssc_iati.importing import import_file
from ssc_iati.read.grid import Grid
from ssc_iati.read.mapping import _problems
from ssc_iati.read.register import headers_of, recognise, registers
from ssc_iati.read.stage import open_staged
from ssc_iati.record.canonical import canonical_json
from ssc_iati.run import check_source, convert, prepare, workspace
from ssc_iati.text import fold

COLOMBIA = (
    "Código", "VIA DE COOPERACION", "MODALIDAD", "PAIS SOCIO", "SEGUNDO OFERENTE", "REGION", "NOMBRE DE LA INICIATIVA",
    "TIPO DE INICIATIVA", "FECHA DE APROBACION", "OBJETIVO GENERAL/DESCRIPCION DE LA INICIATIVA", "ESTADO",
    "ENTIDAD(ES) NACIONAL(ES)", "ENTIDAD(ES) EXTRANJERA(S)",
)  # fmt: skip
OFFER = (
    "CSS-1", "Oferta", "Bilateral", "Guatemala, Honduras", "", "Centroamérica", "Café de altura", "Proyecto",
    "12/03/2021", "Mejorar la cata", "En ejecución", "SENA; Federación de Cafeteros", "MAGA",
)  # fmt: skip
DOUBLE = (
    "CSS-2", "Doble vía", "Triangular", "México", "Japón", "", "Agua segura", "Taller", "2021-03", "Algo", "Aprobado",
    "Ministerio de Ambiente, Vivienda y Agua", "",
)  # fmt: skip
TOSSD = (
    "Year", "provider", "ProviderNameE", "agencyname_E", "tossdid", "ProjectNumber", "recipientcode", "recipientnamee",
    "Channel", "ChannelCode", "otherPartners", "Financeinstrument", "FinancingArrangement", "FrameworkOfCollaboration",
    "modality", "ProjectTitle", "ExternalLink", "sdgcode", "purposecode", "ProjectDescription", "USD_Commitment",
    "USD_Commitment_defl", "USD_disbursements", "SalaryCost", "TossdPillar",
)  # fmt: skip
EXPERTS = (
    "2023", "437", "Colombia", "APC-Colombia", "T-9", "P-4", "349", "Haiti", "Cruz Roja", "22000", "SENA; CIAT", "110",
    "FA01|FA03", "FC02", "D011", "Coffee", "https://example.org/9", "2.3;15", "31120", "Experts for coffee", "10.8155",
    "11.2", "", "3.5", "1",
)  # fmt: skip


def sheet(folder, headers, *rows, name="hoja.csv"):
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headers, *rows])
    return folder / name


def records(source):
    """What the records hold, whatever they lack; and what was said."""
    with workspace() as folder:
        prepared = prepare(source, SETTINGS, folder, today=TODAY, render=False)
        heard, made = list(prepared.intake.findings), {}
        for chunk in prepared.intake.chunks:
            with open_staged(chunk.stage) as staged:
                drafts = Assembler(staged, Locale()).drafts(chunk.number)
                for draft, record in zip(drafts, check_all(drafts, prepared.job.context), strict=True):
                    made[draft.key] = json.loads(canonical_json(record))
                    heard += draft.findings
    return made, heard


def legacy(record):
    return {each["name"]: each["value"] for each in record["legacy_data"]}


def changed(row, headers, **cells):
    named = dict(zip(headers, row, strict=True)) | cells
    return tuple(named[each] for each in headers)


# --- Being known ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("register", registers(), ids=lambda each: each.about.name)
def test_the_mapping_of_a_register_is_sound(register):
    assert [problem for each in register.mapping.sheet for problem in _problems(each)] == []
    assert register.about.cannot
    known = {fold(each) for each in headers_of(register.mapping.sheet[0])}
    assert {fold(each) for each in (*register.about.known_by, *register.about.also_called)} <= known


@given(headers=st.permutations(COLOMBIA), spell=st.sampled_from((str.lower, str.title, lambda text: f"  {text} ")))
def test_headers_are_known_in_any_order_and_spelling(headers, spell):
    grid = Grid("hoja.csv", None, "hoja", 1, tuple(map(spell, headers)), lambda: iter(()))

    recognised = recognise([grid])

    assert recognised is not None
    assert recognised.findings[0].values["missing"] == "-"


def test_headers_without_accents_and_below_a_title_are_known(tmp_path):
    book = Workbook()
    book.active.title = "Coop Sur Sur"
    book.active.append(["Base de datos", None, "2024"])
    book.active.append([each.replace("ó", "o").replace("ENTIDAD(ES)", "Entidad(es)") for each in COLOMBIA])
    book.active.append(OFFER)
    book.create_sheet("Notas").append(["Nada que ver"])
    book.save(tmp_path / "coop.xlsx")

    made, heard = records(tmp_path / "coop.xlsx")

    assert list(made) == ["CSS-1"]
    assert {"ssc-register-read", "ssc-mapping-sheet-unused"} <= set(rules_of(heard))


def test_a_sheet_that_is_called_as_a_table_is_known_by_its_headers(tmp_path):
    book = Workbook()
    book.active.title = "Proyectos"
    book.active.append(COLOMBIA)
    book.active.append(OFFER)
    book.save(tmp_path / "coop.xlsx")

    assert list(records(tmp_path / "coop.xlsx")[0]) == ["CSS-1"]


@pytest.mark.parametrize("missing", ["VIA DE COOPERACION", "MODALIDAD", "NOMBRE DE LA INICIATIVA"])
def test_without_its_signs_nothing_is_a_register(missing):
    headers = tuple(each for each in COLOMBIA if each != missing)

    assert recognise([Grid("hoja.csv", None, "hoja", 1, headers, lambda: iter(()))]) is None


def test_a_column_that_is_not_there_is_named_and_spoils_nothing(tmp_path):
    headers = tuple(each for each in COLOMBIA if each not in {"ESTADO", "ENTIDAD(ES) EXTRANJERA(S)"})
    row = tuple(dict(zip(COLOMBIA, OFFER, strict=True))[each] for each in headers)

    made, heard = records(sheet(tmp_path, headers, row))

    assert "status" not in made["CSS-1"]
    told = next(each for each in heard if each.rule == "ssc-register-read")
    assert told.values["missing"] == "ESTADO, ENTIDAD(ES) EXTRANJERA(S)"


# --- APC-Colombia -----------------------------------------------------------------------------------------------------


def test_an_initiative_becomes_a_record(tmp_path):
    made, heard = records(sheet(tmp_path, COLOMBIA, OFFER))

    record = made["CSS-1"]
    assert record["title"] == [{"text": "Café de altura", "lang": "es"}]
    assert (record["modality"], record["instrument"], record["status"]) == (
        "bilateral-ssc",
        "project",
        "implementation",
    )
    assert [each["code"] for each in record["recipient_countries"]] == ["GT", "HN"]
    assert [(each["code"], each["certainty"]) for each in record["provider_countries"]] == [("CO", "inferred")]
    assert record["other_identifiers"][0]["ref"] == "CSS-1"
    assert "activity_dates" not in record
    assert not [each for each in heard if each.rule == "ssc-mapping-value-kept"]


def test_sides_are_derived_from_the_columns_and_say_so_and_no_function_is_made_up(tmp_path):
    made, _ = records(sheet(tmp_path, COLOMBIA, OFFER))

    sides = {each["organisation"]: (each["side"], each["certainty"]) for each in made["CSS-1"]["participations"]}
    assert sides == {
        "SENA": ("provider", "inferred"),
        "Federación de Cafeteros": ("provider", "inferred"),
        "MAGA": ("recipient", "inferred"),
    }
    assert all("function" not in each and "contributions" not in each for each in made["CSS-1"]["participations"])


def test_where_the_way_is_not_known_no_side_and_no_country_is_made_up(tmp_path):
    strange = changed(OFFER, COLOMBIA, **{"VIA DE COOPERACION": "Mixta"})

    made, heard = records(sheet(tmp_path, COLOMBIA, strange))

    record = made["CSS-1"]
    assert not {"recipient_countries", "provider_countries", "direction"} & record.keys()
    assert all("side" not in each for each in record["participations"])
    assert legacy(record)["PAIS SOCIO"] == "Guatemala, Honduras"
    kept = [each for each in heard if each.rule == "ssc-mapping-value-kept"]
    assert [(each.where.row, each.where.column, each.values["value"]) for each in kept] == [
        (2, "VIA DE COOPERACION", "Mixta")
    ]


def test_where_no_institution_stands_none_takes_part(tmp_path):
    made, heard = records(sheet(tmp_path, COLOMBIA, DOUBLE))

    assert [each["organisation"] for each in made["CSS-2"]["participations"]] == [DOUBLE[11]]
    assert "ssc-participation-organisation-missing" not in rules_of(heard)


def test_a_list_that_may_be_one_name_is_kept_whole_and_told(tmp_path):
    made, heard = records(sheet(tmp_path, COLOMBIA, DOUBLE))

    record = made["CSS-2"]
    assert [each["key"] for each in record["organisations"]] == ["Ministerio de Ambiente, Vivienda y Agua"]
    told = [each for each in heard if each.rule == "ssc-mapping-names-together"]
    assert [(each.where.row, each.where.column) for each in told] == [(2, "ENTIDAD(ES) NACIONAL(ES)")]
    assert Counter(each["code"] for each in record["provider_countries"]) == {"CO": 1, "MX": 1, "JP": 1}
    assert Counter(each["code"] for each in record["recipient_countries"]) == {"CO": 1, "MX": 1}
    assert "status" not in record
    assert legacy(record)["ESTADO"] == "Aprobado"


def test_a_name_that_may_be_several_is_told_once_and_of_its_own_project(tmp_path):
    rows = [changed(DOUBLE, COLOMBIA, Código=f"C-{number}") for number in range(5)]
    rows.append(changed(OFFER, COLOMBIA, Código="C-9"))

    heard = []
    check_source(sheet(tmp_path, COLOMBIA, *rows), SETTINGS, heard.append, today=TODAY)

    told = [each for each in heard if each.rule == "ssc-mapping-names-together"]
    assert {each.where.row for each in told} == {2}


cells = st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=20)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.lists(cells, min_size=12, max_size=12), min_size=1, max_size=4))
def test_nothing_of_a_sheet_is_lost(tmp_path_factory, rows):
    named = [(f"C-{number}", *row) for number, row in enumerate(rows)]

    made, _ = records(sheet(tmp_path_factory.mktemp("sheet"), COLOMBIA, *named))

    for row in named:
        record = made[row[0]]
        held = legacy(record) if "legacy_data" in record else {}
        held["NOMBRE DE LA INICIATIVA"] = "".join(each["text"] for each in record.get("title", ()))
        held[COLOMBIA[9]] = "".join(each["text"][0]["text"] for each in record.get("descriptions", ()))
        assert [held.get(header, "") for header in COLOMBIA[1:]] == [cell.strip() for cell in row[1:]]


def test_what_cannot_be_published_comes_back_as_it_was(tmp_path):
    source = sheet(tmp_path, COLOMBIA, OFFER)

    report = convert(source, tmp_path / "a.xml", SETTINGS, lambda _: None, today=TODAY, language="es")

    assert (report.accepted, report.set_aside) == (0, 1)
    with next(report.rejected.glob("*.csv")).open(encoding="utf-8-sig", newline="") as file:
        back = list(csv.reader(file))
    assert tuple(back[0][:-1]) == COLOMBIA
    assert tuple(back[1][:-1]) == OFFER


@pytest.mark.parametrize("name", ["records.jsonl", "records.xlsx", "records"])
def test_records_of_a_register_can_be_taken_into_our_own_layout_to_be_completed(tmp_path, name):
    source = sheet(tmp_path, COLOMBIA, OFFER, DOUBLE)
    wanted, _ = records(source)

    report = import_file(source, tmp_path / name, lambda _: None)
    made, heard = records(tmp_path / name)

    assert report.accepted == 2
    assert {key: without_keys(each) for key, each in made.items()} == {
        key: without_keys(each) for key, each in wanted.items()
    }
    missing = {"6.11.1", "6.2.2", "3.1.1", "ssc-participation-function-missing", "ssc-status-missing"}
    assert {each.rule for each in heard if each.severity is Severity.ERROR} <= missing


def without_keys(record):
    """The record without what names its rows, and what the reporter adds."""
    if isinstance(record, dict):
        return {name: without_keys(each) for name, each in record.items() if name != "key"}
    return [without_keys(each) for each in record] if isinstance(record, list) else record


# --- TOSSD ------------------------------------------------------------------------------------------------------------


def test_an_activity_of_tossd_becomes_a_record(tmp_path):
    made, heard = records(sheet(tmp_path, TOSSD, EXPERTS))

    record = made["T-9"]
    assert (record["framework_tossd"], record["modality"]) == ("FC02", "triangular")
    assert record["title"] == [{"text": "Coffee"}]
    assert [each["code"] for each in record["recipient_countries"]] == ["HT"]
    assert [each["code"] for each in record["provider_countries"]] == ["CO"]
    assert [each["code"] for each in record["sectors"]] == ["31120"]
    assert record["default_finance_type"] == "110"
    assert record["citations"][0]["url"] == "https://example.org/9"
    assert not [each for each in heard if each.rule == "ssc-mapping-value-kept"]


def test_codes_of_tossd_never_become_aid_types(tmp_path):
    made, _ = records(sheet(tmp_path, TOSSD, EXPERTS))

    record = made["T-9"]
    assert "default_aid_types" not in record
    lists = [each.get("vocabulary_uri", "").rpartition(":")[2] for each in record["tags"]]
    assert [(each["vocabulary"], name, each["code"]) for each, name in zip(record["tags"], lists, strict=True)] == [
        ("2", "", "15"),
        ("3", "", "2.3"),
        ("99", "tossd-modality", "D011"),
        ("99", "tossd-financing-arrangement", "FA01"),
        ("99", "tossd-financing-arrangement", "FA03"),
    ]


def test_amounts_are_in_dollars_of_the_year_and_blank_ones_are_none(tmp_path):
    made, _ = records(sheet(tmp_path, TOSSD, EXPERTS))

    provider = made["T-9"]["participations"][0]
    assert (provider["organisation"], provider["side"]) == ("APC-Colombia", "provider")
    (committed,) = provider["contributions"]
    assert (Decimal(committed["amount"]), committed["currency"], committed["date"]) == (
        Decimal("10815.5"),
        "USD",
        "2023",
    )
    assert (committed["stage_of_money"], committed["kind"]) == ("committed", "human-expert-time")
    assert committed["tossd_modality"] == "D011"
    assert legacy(made["T-9"])["USD_Commitment"] == "10.8155"
    assert legacy(made["T-9"])["SalaryCost"] == "3.5"


@pytest.mark.parametrize(
    ("written", "rules"), [("10,815.5", ["ssc-mapping-number"]), ("1.5e2", []), ("abc", ["ssc-mapping-number"])]
)
def test_an_amount_that_is_no_plain_number_is_not_guessed_at(tmp_path, written, rules):
    row = changed(EXPERTS, TOSSD, USD_Commitment=written)

    _, heard = records(sheet(tmp_path, TOSSD, row))

    assert [each.rule for each in heard if each.rule == "ssc-mapping-number"] == rules


def test_amounts_in_other_units_are_not_taken_for_thousands(tmp_path):
    made, _ = records(sheet(tmp_path, (*TOSSD, "unit"), (*EXPERTS, "usd_million")))

    assert "contributions" not in made["T-9"]["participations"][0]
    assert legacy(made["T-9"])["unit"] == "usd_million"


def test_rows_that_add_up_others_are_passed_over(tmp_path):
    total = changed(EXPERTS, TOSSD, provider="0", tossdid="T-0")

    made, heard = records(sheet(tmp_path, TOSSD, total, EXPERTS))

    assert list(made) == ["T-9"]
    assert "ssc-mapping-rows-skipped" in rules_of(heard)


def test_a_region_is_a_region_and_no_country(tmp_path):
    row = changed(EXPERTS, TOSSD, recipientcode="489", recipientnamee="South America, regional")

    made, heard = records(sheet(tmp_path, TOSSD, row))

    assert [each["code"] for each in made["T-9"]["recipient_regions"]] == ["489"]
    assert "recipient_countries" not in made["T-9"]
    assert not [each for each in heard if each.rule == "ssc-mapping-value-kept"]


def test_the_names_that_programs_give_the_columns_are_known_too(tmp_path):
    spellings = next(each.about.also_called for each in registers() if "TOSSD" in each.about.name)
    headers = tuple(spellings.get(each, (each,))[0] for each in TOSSD)

    made, _ = records(sheet(tmp_path, headers, EXPERTS))

    assert made["T-9"]["framework_tossd"] == "FC02"
    assert made["T-9"]["participations"][0]["contributions"]
