"""A folder in the layout of okfn_iati as people leave it: sound activities, and some that are broken in known ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ssc_iati.read.dialects import dialect

REPORTER = "XM-DAC-99-1"
BREAKS = {
    7: "ssc-row-longer",  # a stray comma in the title shifts the activity's row
    17: "ssc-row-longer",  # the name of a partner is split over two columns
    23: "9.94.1",  # a currency that nobody knows
    29: "9.42.1",  # a name split over two columns in a row that ends early: its role has moved
    37: "ssc-date-ambiguous",
    43: "ssc-layout-join-ambiguous",  # two transactions of one reference and type, and a sector for one of them
}
"""What is wrong with the activities of these numbers, in every fifty, by the rule that tells of it."""
EVERY = 50


def messy_folder(folder: Path, activities: int) -> dict[str, str]:
    """Write the folder; the identifiers of the broken activities, each with the rule that is to tell of it."""
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, list[str]] = {name: [] for name in _SHEETS}
    broken: dict[str, str] = {}
    for number in range(activities):
        identifier, how = f"{REPORTER}-{number:05}", BREAKS.get(number % EVERY)
        if how is not None:
            broken[identifier] = how
        for name, line in _lines(identifier, number, number % EVERY):
            made[name].append(line)
        if number % 100 == 50:
            made["transactions"] += ["", ",,,,"]  # blank rows, after which more follows
    for name, lines in made.items():
        headers = ",".join(("activity_identifier", *_SHEETS[name]))
        text = "\r\n".join([headers, *lines]) + "\r\n"
        (folder / f"{name}.csv").write_text(text, "cp1252" if name == "participating_orgs" else "utf-8-sig")
    return broken


_SHEETS = {
    name: tuple(each for each in dialect("okfn").sheet(name).headers if each != "activity_identifier")
    for name in (
        "activities", "participating_orgs", "sectors", "budgets", "transactions", "transaction_sectors", "locations",
        "descriptions",
    )
}  # fmt: skip


def _line(sheet: str, identifier: str, **cells: str) -> tuple[str, str]:
    assert not cells.keys() - set(_SHEETS[sheet])
    return sheet, ",".join((identifier, *(cells.get(each, "") for each in _SHEETS[sheet])))


def _lines(identifier: str, number: int, case: int) -> Iterator[tuple[str, str]]:
    title = f"Water, and sanitation {number}" if case == 7 else f'"Water, and sanitation {number}"'
    yield _line(
        "activities", identifier, title=title, title_lang="en", description=f"Wells for {number} villages",
        description_lang="en", activity_status="2 - Implementation", default_currency="USD", humanitarian="0",
        last_updated_datetime="2026-03-01T10:00:00Z", xml_lang="en", reporting_org_ref=REPORTER,
        reporting_org_name="Agencia de Cooperación", reporting_org_type="10 - Government",
        planned_start_date="2024-01-05", actual_start_date="2024-02-01", planned_end_date="2026-12-31",
        recipient_country_code="CO",
        recipient_country_percentage="100", collaboration_type="1", default_flow_type="10", default_finance_type="110",
        default_aid_type="C01", default_aid_type_vocabulary="1", default_tied_status="5",
    )  # fmt: skip
    yield from _partners(identifier, number, case)
    if number % 2 and case != 43:
        yield _line("sectors", identifier, sector_code="14030", vocabulary="1", percentage="100")
    yield _line(
        "budgets", identifier, budget_type="1", budget_status="1", period_start="2024-01-01", period_end="2024-12-31",
        value=f"{1000 + number}.50", currency="USD", value_date="2024-01-01",
    )  # fmt: skip
    yield from _money(identifier, number, case)
    yield _line(
        "locations", identifier, location_reach="1", name=f"Village {number}", name_lang="en", latitude="4.711",
        longitude="-74.0721", exactness="1", location_class="2", feature_designation="PPL",
    )  # fmt: skip
    yield _line(
        "descriptions", identifier, description_type="1", description_sequence="1",
        narrative=f"Wells for {number} villages", narrative_lang="en", narrative_sequence="1",
    )  # fmt: skip


def _partners(identifier: str, number: int, case: int) -> Iterator[tuple[str, str]]:
    if case == 17:
        name = "Ministerio, de Educación"
    elif case == 29:
        yield "participating_orgs", f"{identifier},XM-DAC-99-2,Ministerio, de Educación,es,10,1"
        name = ""
    else:
        name = '"Ministerio de Educación, Bogotá"'
    if name:
        yield _line(
            "participating_orgs", identifier, org_ref="XM-DAC-99-2", org_name=name, org_name_lang="es",
            org_type="Government", role="1",
        )  # fmt: skip
    for role, ref in (("2", "XM-DAC-99-3"), ("4 - Implementing", f"XM-DAC-99-{100 + number}")):
        yield _line(
            "participating_orgs", identifier, org_ref=ref, org_name=f"Partner {ref}", org_name_lang="en", org_type="22",
            role=role,
        )  # fmt: skip


def _money(identifier: str, number: int, case: int) -> Iterator[tuple[str, str]]:
    for at, kind in enumerate(("2", "3"), 1):
        twice = case == 43
        yield _line(
            "transactions", identifier, transaction_ref="t" if twice else f"t{at}",
            transaction_type="3" if twice else kind,
            transaction_date="03/04/2024" if case == 37 and at == 1 else "2024-03-04",
            value=f"{500 + number}", currency="XXZ" if case == 23 and at == 1 else "USD", value_date="2024-03-04",
            provider_org_ref=REPORTER, provider_org_name="Agencia de Cooperación", provider_org_type="10",
            receiver_org_ref="XM-DAC-99-3", receiver_org_name="Partner", receiver_org_type="22",
            receiver_org_activity_id=f"XM-DAC-99-3-{number}",
        )  # fmt: skip
        if not number % 2 or twice:
            yield _line(
                "transaction_sectors", identifier, transaction_ref="t" if twice else f"t{at}",
                transaction_type="3" if twice else kind, sector_code="14030", vocabulary="1",
            )  # fmt: skip
