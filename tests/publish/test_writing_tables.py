"""Records go to tables and come back: whatever layout is read, the XML is the same to the byte."""

import json
from datetime import date
from decimal import Decimal

import pytest

from ssc_iati.config import Settings
from ssc_iati.publish.tables import CannotHoldError, rows, sheets, write_csv_folder, write_workbook
from ssc_iati.record.project import Project, Publisher
from ssc_iati.run import convert

TODAY = date(2026, 11, 24)
PUBLISHER = {
    "reporting_org": {"ref": "CO-RUE-DEMO-1", "type": "22", "names": [{"lang": "es", "text": "Demo (ficticia)"}]},
    "language": "es",
    "default_currency": "USD",
    "decimal_mark": ".",
}


def texts(**by_language):
    return [{"lang": language, "text": text} for language, text in by_language.items()]


def organisation(key, **more):
    return {"key": key, "names": texts(es=f"{key} (ficticia)"), "actor_type": "non-profit", **more}


def project(key="A", **more):
    record = {
        "key": key,
        "title": texts(es="Huertos", en="Gardens"),
        "descriptions": [{"type": "1", "text": texts(es="Qué se hace.", en="What is done.")}],
        "activity_dates": [{"type": "2", "date": "2020-05"}],
        "status": "implementation",
        "recipient_countries": [{"code": "HN"}],
        "sectors": [{"code": "31120"}],
        "participations": [{"organisation": "uno", "function": "executing-agency", "side": "provider"}],
        "organisations": [organisation("uno")],
    }
    return record | more


def xml(source, folder):
    target, found = folder / "out.xml", []
    report = convert(source, target, Settings(), found.append, today=TODAY)
    assert not found, found
    assert report.well
    return target.read_bytes()


def all_ways(records, tmp_path):
    """The XML from JSON Lines, from a folder of CSV and from a workbook."""
    lines = tmp_path / "records.jsonl"
    lines.write_text("".join(json.dumps(each) + "\n" for each in ({"publisher": PUBLISHER}, *records)), "utf-8")
    projects = [Project.model_validate(each) for each in records]
    publisher = Publisher.model_validate(PUBLISHER)
    write_csv_folder(projects, publisher, tmp_path / "csv")
    write_workbook(projects, publisher, tmp_path / "book.xlsx")
    return [xml(each, tmp_path) for each in (lines, tmp_path / "csv", tmp_path / "book.xlsx")]


def assert_same(records, tmp_path):
    first, *others = all_ways(records, tmp_path)
    assert all(each == first for each in others)
    return first


def headers(record, name):
    return next(row for table, row in rows(Project.model_validate(record)) if table == name)


def test_texts_keep_their_languages_and_their_order(tmp_path):
    records = [
        project("A", title=texts(es="Café", en="Coffee")),
        project("B", title=texts(es="Cacao", pt="Cacau", en="Cocoa")),
        project("C", title=texts(pt="Castanha", en="Nuts")),
        project("D", title=[{"text": 'Sin "idioma", con; signos\ny renglón'}]),
    ]
    assert b"Cacau" in assert_same(records, tmp_path)


def test_nested_facts_come_back_under_their_parents(tmp_path):
    given = {
        "key": "g1",
        "kind": "human-expert-time",
        "quantity": "12.50",
        "unit": "day",
        "unknown": ["amount"],
        "description": texts(es="Jornadas"),
    }
    parts = [
        {
            "key": "p1",
            "organisation": "dos",
            "function": "technical-provider",
            "side": "provider",
            "contributions": [given],
        },
        {
            "key": "p2",
            "organisation": "uno",
            "function": "host",
            "side": "recipient",
            "contributions": [{"kind": "inkind-premises"}],
        },
    ]
    capacity = {
        "type": "technology",
        "description": texts(es="Viveros"),
        "offered": True,
        "countries_of_experience": ["GT", "HN"],
    }
    own = [organisation("dos", capacities=[capacity], identifiers=["CO-RUE-DEMO-2"]), organisation("uno", parent="dos")]
    made = assert_same([project(participations=parts, organisations=own)], tmp_path)
    assert b'quantity="12.50"' in made
    assert b'unknown="amount"' in made


def test_results_in_long_form(tmp_path):
    periods = [
        {
            "start": f"{year}-01-01",
            "end": f"{year}-12-31",
            "targets": [{"value": "40"}],
            "actuals": [{"value": str(value)}],
        }
        for year, value in ((2020, 12), (2021, 38))
    ]
    indicator = {
        "key": "i1",
        "measure": "1",
        "title": texts(es="Familias", en="Families"),
        "baselines": [{"year": "2019", "value": "0", "dimensions": [{"name": "sexo", "value": "mujeres"}]}],
        "periods": periods,
    }
    second = {
        "key": "i2",
        "measure": "5",
        "title": texts(es="Prácticas"),
        "periods": [{**periods[0], "targets": [], "actuals": []}],
    }
    results = [
        {"key": "r1", "type": "1", "title": texts(es="Huertos"), "indicators": [indicator, second]},
        {"key": "r2", "type": "2", "title": texts(es="Dieta"), "indicators": [second]},
    ]
    assert_same([project(results=results)], tmp_path)


def test_money_keeps_every_digit(tmp_path):
    amounts = ["1234567890123456.78", "100.50", "1.234", "0.1", "-7", "80000"]
    money = [
        {"type": "3", "date": "2021-03-04", "value": each, "currency": "COP", "provider": {"organisation": "uno"}}
        for each in amounts
    ]
    budgets = [{"period_start": "2020-01-01", "period_end": "2020-12-31", "value": "5000", "includes_in_kind": False}]
    made = assert_same([project(transactions=money, budgets=budgets)], tmp_path)
    assert all(f">{each}</value>".encode() in made for each in amounts)


def test_places_conditions_and_lists(tmp_path):
    record = project(
        locations=[{"names": texts(es="Copán"), "pos": "14.84 -89.15", "role": "benefit-site"}],
        conditions={"attached": True, "conditions": [{"type": "1", "text": texts(es="Informe anual")}]},
        document_links=[
            {
                "url": "https://example.org/a.pdf",
                "format": "application/pdf",
                "title": texts(es="Informe"),
                "categories": ["A07", "A08"],
            }
        ],
        default_aid_types=[{"code": "C01"}],
    )
    assert b"14.84 -89.15" in assert_same([record], tmp_path)


def test_shorthands_stand_for_what_they_say_exactly(tmp_path):
    dates = [
        {"type": "1", "date": "2019"},
        {"type": "2", "date": "2020-05"},
        {"type": "3", "date": "2022", "note": texts(es="Prórroga")},
    ]
    tags = [{"code": "2", "vocabulary": "2"}, {"code": "13", "vocabulary": "2"}, {"code": "2.3", "vocabulary": "3"}]
    described = [{"type": "2", "text": texts(es="Objetivo.")}, {"type": "1", "text": texts(es="Qué.")}]
    record = project(activity_dates=dates, tags=tags, descriptions=described)
    row = headers(record, "projects")
    assert (row["planned_start"], row["actual_start"]) == ("2019", "2020-05")
    assert (row["sdg_goals"], row["sdg_targets"], row["objectives:es"]) == ("2; 13", "2.3", "Objetivo.")
    assert "planned_end" not in row
    assert headers(record, "activity_dates")["note:es"] == "Prórroga"
    assert headers(record, "descriptions")["type"] == "1"
    assert_same([record], tmp_path)


def test_what_is_stated_to_be_unknown_stays_so(tmp_path):
    record = project(unknown=["planned_end"])
    assert headers(record, "projects")["planned_end"] == "unknown"
    assert b'unknown="planned_end"' in assert_same([record], tmp_path)


def test_rows_that_others_name_get_a_key():
    parts = [
        {"key": "p1", "organisation": "uno", "function": "funder"},
        {"organisation": "uno", "function": "host", "contributions": [{"kind": "inkind-premises", "amount": "5"}]},
    ]
    results = [{"type": "1", "indicators": [{"measure": "1"}]}]
    made = list(rows(Project.model_validate(project(participations=parts, results=results))))
    assert (
        "contributions",
        {"project": "A", "participation": "p2", "kind": "inkind-premises", "amount": Decimal(5)},
    ) in made
    assert next(row for name, row in made if name == "results").items() >= {"result": "r1", "indicator": "i1"}.items()


def test_only_what_holds_something_is_written():
    made = {each.name: each for each in sheets([Project.model_validate(project())])}
    assert list(made) == [
        "publisher", "projects", "organisations", "participations", "recipient_countries", "sectors",
    ]  # fmt: skip
    assert made["sectors"].headers == ("project", "code")
    assert sheets([])[-1].headers == ("key",)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"transactions": [{"aid_types": [{"code": "C01"}, {"code": "A01"}]}]}, "aid_types"),
        ({"results": [{"indicators": [{"baselines": [{"year": "2019"}, {"year": "2020"}]}]}]}, "baselines"),
        ({"title": [{"lang": "es", "text": "Uno"}, {"lang": "es", "text": "Otro"}]}, "title"),
        ({"title": [{"lang": "es", "text": " borde "}]}, "title"),
        ({"contacts": [{"emails": ["a@example.org; b@example.org"]}]}, "emails"),
        ({"unknown": ["title"]}, "unknown"),
        ({"locations": [{"pos": "en el norte"}]}, "pos"),
        ({"organisations": [organisation("uno"), organisation("otra")]}, "otra"),
        ({"key": None}, "key"),
    ],
)
def test_what_tables_cannot_hold_is_named(more, named):
    with pytest.raises(CannotHoldError, match=named):
        list(rows(Project.model_validate(project() | more)))


def test_an_organisation_of_which_projects_disagree():
    other = project("B", organisations=[organisation("uno", acronym="U")])
    with pytest.raises(CannotHoldError, match="uno"):
        sheets([Project.model_validate(project()), Project.model_validate(other)])


def test_the_same_records_give_the_same_bytes(tmp_path):
    projects = [Project.model_validate(project(key, title=texts(es="=1+1"))) for key in "AB"]
    for name in ("one.xlsx", "two.xlsx"):
        write_workbook(projects, None, tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_table_that_is_now_empty_leaves_no_file(tmp_path):
    write_csv_folder([Project.model_validate(project(tags=[{"code": "x", "vocabulary": "99"}]))], None, tmp_path)
    assert (tmp_path / "tags.csv").exists()
    write_csv_folder([Project.model_validate(project())], None, tmp_path)
    assert not (tmp_path / "tags.csv").exists()
