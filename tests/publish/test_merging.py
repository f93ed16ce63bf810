"""Tables alone, onto what was published last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import builders
from ssc_iati.config import Settings
from ssc_iati.findings import SourceError
from ssc_iati.merging.mode import Mode
from ssc_iati.messages import word
from ssc_iati.publication import plan, publish, rollback
from ssc_iati.publish.ledger import Ledger, LedgerError, ledger_url
from ssc_iati.publish.spool import Kind

FIRST = datetime(2026, 1, 31, 12, tzinfo=UTC)
PUBLICATION = "XM-DAC-41119/activities.xml"
A, B = "XM-DAC-41119-A", "XM-DAC-41119-B"
PAID = {"key": "t1", "type": "3", "date": "2025-01-01", "value": "100", "currency": "USD"}
PAID_TOO = {"type": "3", "date": "2025-02-01", "value": "50", "currency": "USD"}


class Merged:
    """A publication of two records, onto which sources are merged."""

    def __init__(self, publication: Any) -> None:
        self.publication = publication
        self.day = 0
        publication.publish(builders.sound_project("A", transactions=[PAID, PAID_TOO]), builders.sound_project("B"))

    def settings(self, mode: str, **more: Any) -> Any:
        settings = self.publication.settings
        source = settings.source.model_copy(update={"mode": Mode(mode), **more})
        return settings.model_copy(update={"source": source})

    def source(self, **tables: list[dict[str, Any]]) -> Path:
        self.day += 1
        return builders.write_csv(self.publication.home / f"tables{self.day}", tables)

    def publish(self, source: Path, mode: str = "merge", **more: Any) -> Any:
        publication = self.publication
        publication.findings.clear()
        now = FIRST + timedelta(days=self.day)
        settings = self.settings(mode, **more)
        return publish(source, publication.folder, settings, publication.findings.append, now=now)

    def planned(self, source: Path, mode: str = "merge") -> tuple[Any, list[Any]]:
        told: list[Any] = []
        now = FIRST + timedelta(days=self.day)
        settings, folder = self.settings(mode), self.publication.folder
        return plan(source, folder, settings, self.publication.findings.append, told.append, now=now), told

    def record(self, identifier: str) -> dict[str, Any]:
        import json

        return next(json.loads(each.record) for each in self.publication.ledger if each.identifier == identifier)

    def transactions(self, identifier: str = A) -> list[dict[str, Any]]:
        return self.record(identifier).get("transactions", [])

    @property
    def rules(self) -> list[str]:
        return builders.rules_of(self.publication.findings)


@pytest.fixture
def there(publication):
    return Merged(publication)


def row(project: str, **cells: Any) -> dict[str, Any]:
    """A row of transactions; all have the same columns."""
    blank = dict.fromkeys(("key", "type", "date", "value", "currency", "delete"))
    return {"project": project, **blank, **cells}


# --- Merging ----------------------------------------------------------------------------------------------------------


def test_a_table_alone_adds_its_rows_and_leaves_the_rest(there):
    before = there.publication.activities["B"]

    report = there.publish(there.source(transactions=[row("A", key="t2", type="3", date="2025-03-01", value="7")]))

    assert [each.get("key") for each in there.transactions()] == ["t1", None, "t2"]
    assert (report.updated, report.gone, report.set_aside) == (1, 0, 0)
    assert there.publication.activities["B"] == before


def test_a_workbook_of_one_sheet_and_partial_lines_do_as_well(there, tmp_path):
    book = builders.write_workbook(
        tmp_path / "new.xlsx", {"transactions": [row("A", key="t2", type="3", date="2025-03-01", value="7")]}
    )
    lines = builders.write_jsonl(tmp_path / "new.jsonl", [{"key": "B", "transactions": [{**PAID, "key": "b1"}]}])

    there.publish(book)
    there.publish(lines)

    assert [each.get("key") for each in there.transactions()] == ["t1", None, "t2"]
    assert [each["key"] for each in there.transactions(B)] == ["b1"]


def test_a_cell_overwrites_and_a_blank_one_leaves(there):
    there.publish(there.source(transactions=[row("A", key="t1", value="101")]))

    assert there.transactions()[0] == PAID | {"value": "101"}


def test_keys_mean_what_people_take_for_the_same(there):
    there.publish(there.source(transactions=[row(" a ", key="T1", value="101")]))

    assert [each.get("value") for each in there.transactions()] == ["101", "50"]
    assert there.transactions()[0]["key"] == "t1"


def test_rows_that_name_each_other_find_each_other_however_they_spell_it(there):
    stated = {"project": "B", "participation": "a", "key": "c1", "kind": "financial-grant", "amount": "7"}
    paid = row("B", **PAID | {"key": "p-1"})
    there.publish(there.source(transactions=[paid], contributions=[{**stated, "transaction": "p-1"}]))

    there.publish(
        there.source(
            transactions=[{**paid, "key": "P 1", "value": "7"}], contributions=[{**stated, "transaction": "P 1"}]
        )
    )

    (contribution,) = there.record(B)["participations"][0]["contributions"]
    assert (there.rules, contribution["transaction"]) == ([], "p-1")


def test_an_activity_can_be_named_by_its_identifier(there):
    there.publish(there.source(transactions=[row(A, key="t1", value="101")]))

    assert there.transactions()[0]["value"] == "101"


def test_a_row_without_a_key_is_known_by_what_it_says(there):
    first = there.source(transactions=[row("A", **PAID_TOO), row("A", type="3", date="2025-02-01", value="50.00")])
    report = there.publish(first)
    there.publish(there.source(transactions=[row("A", key="t1", value="101")]))
    again = there.publish(first)

    assert [each["value"] for each in there.transactions()] == ["101", "50", "50.00"]
    assert (report.updated, again.updated, again.unchanged, again.rested) == (1, 0, True, False)


def test_another_amount_is_another_payment(there):
    there.publish(there.source(transactions=[row("A", type="3", date="2025-02-01", value="60", currency="USD")]))

    assert [each["value"] for each in there.transactions()] == ["100", "50", "60"]


def test_a_row_that_may_mean_several_is_not_guessed_at(there):
    twice = [row("A", **PAID_TOO), row("A", **PAID_TOO, key="")]
    there.publish(there.source(transactions=twice))
    before = there.publication.activities["A"]
    source = there.source(transactions=[row("A", type="3", date="2025-02-01", value="50", currency="EUR", delete="")])
    wrong = there.source(
        transactions=[row("A", type="3", date="2025-02-01", value="50", delete="[delete]"), row("B", **PAID)]
    )

    other = there.publish(source)
    report = there.publish(wrong)

    assert (other.set_aside, report.set_aside, report.kept, report.updated) == (0, 1, 1, 1)
    assert there.rules == ["ssc-merge-ambiguous"]
    found = there.publication.findings[0]
    assert found.where.row == 2
    assert "2 (3, 2025-02-01, 50, USD); 3 (3, 2025-02-01, 50, USD)" in word(found).message
    assert there.publication.activities["A"].count("<transaction>") == before.count("<transaction>") + 1


def test_one_bad_row_sets_the_change_of_its_activity_aside_whole(there):
    before = there.publication.activities["A"]
    source = there.source(
        transactions=[row("A", key="t1", value="101"), row("A", key="t3", value="much"), row("B", **PAID)]
    )

    report = there.publish(source)

    assert (report.set_aside, report.kept, report.updated) == (1, 1, 1)
    assert there.publication.activities["A"] == before
    assert there.transactions()[0]["value"] == "100"
    assert [each.where.row for each in there.publication.findings if each.rule == "ssc-number-unreadable"] == [3]
    returned = (report.rejected / "transactions.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in returned[1:]] == [["A", "t1"], ["A", "t3"]]


def test_a_row_of_nobody_is_a_finding(there):
    report = there.publish(there.source(transactions=[row("C", **PAID), row("A", key="t1", value="101")]))

    assert (report.updated, there.rules) == (1, ["ssc-project-unknown"])


def test_a_plan_finds_the_row_of_nobody_too(there):
    (made, told) = there.planned(there.source(transactions=[row("C", **PAID)]))

    assert (made.report.well, told, there.rules) == (False, [], ["ssc-project-unknown"])


def test_who_reports_is_who_did_where_a_table_alone_does_not_say(publication):
    publication.settings = Settings()
    publisher = {"reporting_org": builders.REPORTER, "language": "es", "default_currency": "USD"}
    publication.publish({"publisher": publisher}, builders.sound_project("A"))
    there = Merged.__new__(Merged)
    there.publication, there.day = publication, 1
    source = there.source(transactions=[row("A", **PAID)])

    made, told = there.planned(source)
    report = there.publish(source)

    assert [(each.kind, each.identifier) for each in told] == [(Kind.CHANGED, A)]
    assert (made.report.well, report.updated, there.rules) == (True, 1, [])
    assert len(there.transactions()) == 1
    assert there.publish(source).updated == 0


def test_a_new_activity_needs_all_that_one_needs(there):
    whole, part = builders.sound_tables("C"), builders.sound_tables("D")
    tables = {name: [*whole[name], *part[name]] for name in ("projects", "recipient_countries", "participations")}
    tables["sectors"] = whole["sectors"]

    report = there.publish(there.source(**tables, organisations=whole["organisations"]))

    assert sorted(there.publication.activities) == ["A", "B", "C"]
    assert (report.added, report.set_aside) == (1, 1)


def test_a_row_below_one_that_stands_finds_it(there):
    cells = {"key": "c1", "kind": "financial-grant", "amount": "10", "currency": "USD"}
    there.publish(there.source(contributions=[{"project": "B", "participation": "A", **cells}]))
    there.publish(there.source(contributions=[{"project": "B", "participation": "none", **cells}]))

    assert there.record(B)["participations"][0]["contributions"] == [cells]
    assert there.rules == ["ssc-parent-unknown"]
    assert there.publication.findings[0].where.row == 2


def test_a_partner_is_corrected_wherever_it_takes_part(there):
    report = there.publish(there.source(organisations=[{"key": "apc", "name": "Otra Agencia", "actor_type": None}]))

    assert report.updated == 2
    assert {each["name"] for each in _partners(there, "APC")} == {"Otra Agencia"}


def _partners(there: Merged, key: str) -> list[dict[str, Any]]:
    records = [there.record(each) for each in (A, B)]
    return [
        {"name": each["names"][0]["text"]}
        for record in records
        for each in record["organisations"]
        if each["key"] == key
    ]


def test_a_partner_of_another_activity_can_take_part_in_this_one(there):
    third = builders.sound_project("C", organisations=[{"key": "ONG", "names": [{"text": "ONG"}], "actor_type": "ngo"}])
    third["participations"] = [{**each, "organisation": "ONG"} for each in third["participations"]]
    there.publish(builders.write_jsonl(there.publication.home / "third.jsonl", [third]))
    cells = {"phase": "identification", "side": "provider", "function": "proposer"}

    there.publish(there.source(participations=[{"project": "A", "key": "c", "organisation": "ong", **cells}]))

    assert there.rules == []
    assert there.record(A)["participations"][-1]["organisation"] == "ONG"
    assert [each["key"] for each in there.record(A)["organisations"]] == ["APC", "MAG", "ONG"]


def test_a_row_for_the_same_activity_twice_is_not_merged(there):
    projects = [{"key": "A", "title": "Uno"}, {"key": " a", "title": "Dos"}]

    report = there.publish(there.source(projects=projects))

    assert (report.set_aside, there.rules) == (1, ["ssc-key-doubled"])


def test_texts_are_merged_by_language(there):
    there.publish(there.source(projects=[{"key": "A", "title:en": "Seeds", "title": "Semillas"}]))

    assert there.record(A)["title"] == [{"text": "Semillas"}, {"lang": "en", "text": "Seeds"}]


# --- Deleting ---------------------------------------------------------------------------------------------------------


def test_a_token_deletes_a_value_and_a_row(there):
    there.publish(there.source(transactions=[row("A", key="t1", currency="[delete]"), row("A", **PAID_TOO)]))
    there.publish(there.source(transactions=[row("A", **PAID_TOO, delete=" [DELETE] ")]))
    again = there.publish(there.source(transactions=[row("A", **PAID_TOO, delete="[delete]")]))

    assert there.transactions() == [{name: each for name, each in PAID.items() if name != "currency"}]
    assert (again.updated, there.rules) == (0, [])


def test_a_token_deletes_in_a_record_of_json_too(there, tmp_path):
    said = [
        {
            "key": "A",
            "title": [{"lang": "en", "text": "[delete]"}],
            "transactions": [{"key": "t1", "delete": "[delete]"}],
        }
    ]
    there.publish(there.source(projects=[{"key": "A", "title:en": "Seeds"}]))

    there.publish(builders.write_jsonl(tmp_path / "less.jsonl", said))

    assert there.record(A)["title"] == [{"text": "Semillas para A"}]
    assert len(there.transactions()) == 1


def test_the_token_can_be_another(there):
    there.publish(there.source(transactions=[row("A", key="t1", currency="(borrar)")]), delete="(borrar)")

    assert "currency" not in there.transactions()[0]


def test_what_a_shorthand_says_can_be_deleted(there):
    there.publish(there.source(projects=[{"key": "A", "planned_end": "2027-01-01", "sdg_goals": "1; 2"}]))
    there.publish(there.source(projects=[{"key": "A", "planned_end": "[delete]", "sdg_goals": "2"}]))

    assert [each["type"] for each in there.record(A)["activity_dates"]] == ["2"]
    assert [each["code"] for each in there.record(A)["tags"]] == ["2"]


def test_what_iati_demands_cannot_be_deleted(there):
    report = there.publish(there.source(projects=[{"key": "A", "title": "[delete]"}]))

    assert (report.set_aside, report.kept, there.rules) == (1, 1, ["4.3.1"])


def test_an_activity_can_be_deleted(there):
    report = there.publish(there.source(projects=[{"key": "B", "delete": "[delete]"}]))

    assert (report.gone, sorted(there.publication.activities)) == (1, ["A"])


def test_only_the_token_deletes(there):
    there.publish(there.source(transactions=[row("A", key="t1", delete="yes")]))

    assert there.rules == ["ssc-delete-unclear"]
    assert len(there.transactions()) == 2


def test_results_are_merged_and_deleted_by_their_keys(there):
    chief = {"result": "r", "indicator": "i", "result_type": "1", "result_title": "Casas", "indicator_title": "Casas"}
    told = {"indicator_measure": "1", "period_start": "2024-01-01", "actual_value": "4", "delete": None}
    rows = [{**chief, **told, "period_end": day} for day in ("2024-06-30", "2024-12-31")]
    blank = dict.fromkeys(rows[0])
    period = {"result": "r", "indicator": "i", "period_start": "2024-01-01", "period_end": "2024-12-31"}
    there.publish(there.source(results=[{"project": "A", **each} for each in rows]))
    there.publish(there.source(results=[{"project": "A", **blank, **period, "actual_value": "40"}]))
    there.publish(
        there.source(results=[{"project": "A", **blank, **period, "period_end": "2024-06-30", "delete": "[delete]"}])
    )

    (result,) = there.record(A)["results"]
    (indicator,) = result["indicators"]
    assert [(each["end"], each["actuals"][0]["value"]) for each in indicator["periods"]] == [("2024-12-31", "40")]
    there.publish(there.source(results=[{"project": "A", **blank, "result": "r", "delete": "[delete]"}]))
    assert "results" not in there.record(A)


# --- Replacing --------------------------------------------------------------------------------------------------------


def test_replacing_puts_the_rows_in_place_of_those_of_the_table(there):
    before = there.record(A)
    source = there.source(transactions=[row("A", key="t9", type="3", date="2025-05-01", value="9", currency="USD")])

    report = there.publish(source, "replace")
    again = there.publish(
        there.source(transactions=[row("A", key="t9", type="3", date="2025-05-01", value="9.0", currency="USD")]),
        "replace",
    )

    assert [each["key"] for each in there.transactions()] == ["t9"]
    assert {**there.record(A), "transactions": 0} == {**before, "transactions": 0}
    assert (report.updated, again.updated) == (1, 1)


def test_replacing_a_row_keeps_what_stands_below_it_in_other_tables(there):
    cells = {"key": "c1", "kind": "financial-grant", "amount": "10", "currency": "USD"}
    there.publish(there.source(contributions=[{"project": "B", "participation": "a", **cells}]))
    whole = next(each for each in builders.sound_tables("B")["participations"] if each["key"] == "a")

    there.publish(there.source(participations=[{**whole, "phase": "evaluation"}]), "replace")

    (stands,) = there.record(B)["participations"]
    assert (stands["phase"], stands["contributions"]) == ("evaluation", [cells])


def test_replacing_the_row_of_an_activity_spares_its_tables_and_its_identifier(there):
    project = {
        "key": "A",
        "title": "Nuevo",
        "description": "Otra",
        "status": "implementation",
        "actual_start": "2024-02-01",
    }
    there.publish(there.source(projects=[{**project, "sdg_goals": "1"}]))

    there.publish(there.source(projects=[project]), "replace")

    record = there.record(A)
    assert (record["iati_identifier"], record["title"]) == (A, [{"text": "Nuevo"}])
    assert ("tags" in record, len(record["transactions"]), len(record["participations"])) == (False, 2, 2)


def test_all_rows_of_a_table_can_be_deleted(there):
    there.publish(there.source(transactions=[row("A", delete="[delete]")]), "replace")

    assert there.transactions() == []


# --- What is said beforehand ------------------------------------------------------------------------------------------


def test_the_plan_says_what_becomes_of_every_row(there):
    rows = [row("A", key="t1", value="101"), row("A", **PAID_TOO, delete="[delete]"), row("A", **PAID | {"key": "t2"})]
    source = there.source(transactions=[*rows, row("B", **PAID)])

    made, told = there.planned(source)
    after, later = there.planned(source), there.publish(source)

    assert [(each.kind, each.identifier, each.rows) for each in told] == [
        (Kind.CHANGED, A, {"transactions": {"changed": 1, "deleted": 1, "added": 1}}),
        (Kind.CHANGED, B, {"transactions": {"added": 1}}),
    ]
    assert made.rows == {"transactions": {"changed": 1, "deleted": 1, "added": 2}}
    assert (after[0].counts, later.updated) == (made.counts, 2)
    assert there.planned(source)[0].rows == {"transactions": {"left": 4}}


# --- Where it lives ---------------------------------------------------------------------------------------------------


def test_what_is_withheld_is_kept_and_can_be_merged_onto(there):
    hidden = builders.sound_project("H", visibility="restricted")
    there.publish(builders.write_jsonl(there.publication.home / "hidden.jsonl", [hidden]))
    there.publish(there.source(transactions=[row("H", **PAID)]))

    report = there.publish(there.source(projects=[{"key": "H", "visibility": "public"}]))

    assert (report.added, there.rules) == (1, [])
    assert there.transactions("XM-DAC-41119-H") == [PAID]


def test_restricting_an_activity_withdraws_it_at_once(there):
    report = there.publish(there.source(projects=[{"key": "B", "visibility": "restricted"}]))

    assert (report.gone, report.withheld, sorted(there.publication.activities)) == (1, 1, ["A"])


def test_sources_are_merged_in_any_ledger(there, database):
    publication = there.publication
    options = publication.settings.publish.model_copy(update={"ledger": database})
    publication.settings = publication.settings.model_copy(update={"publish": options})
    publication.publish(
        builders.sound_project("A", transactions=[PAID]), builders.sound_project("H", visibility="restricted")
    )

    there.publish(there.source(transactions=[row("A", key="t1", value="101"), row("H", **PAID)]))

    assert there.transactions()[0]["value"] == "101"
    assert there.rules == []


def test_a_first_source_is_merged_onto_nothing(publication):
    settings = publication.settings.model_copy(
        update={"source": publication.settings.source.model_copy(update={"mode": Mode.MERGE})}
    )
    source = builders.write_jsonl(publication.home / "first.jsonl", [builders.sound_project("A")])

    report = publish(source, publication.folder, settings, publication.findings.append, now=FIRST)

    assert (report.added, list(publication.activities)) == (1, ["A"])


def test_what_was_merged_onto_an_older_release_is_not_published(there, tmp_path):
    from ssc_iati.publication import Session, asked_of, past_of, released
    from ssc_iati.run import prepare, work

    settings = there.settings("merge")
    source = there.source(transactions=[row("A", key="t1", value="101")])
    asked = asked_of(source, there.publication.folder, settings, FIRST)
    with Session(asked) as session:
        past = past_of(session.ledger, settings)
        prepared = prepare(source, settings, tmp_path, today=FIRST.date(), records=True, past=past)
    there.publish(there.source(transactions=[row("A", key="t1", value="102")]))

    with Session(asked) as session, pytest.raises(LedgerError, match="Another release"):
        released(session, prepared, work(prepared), lambda _: None)

    assert there.transactions()[0]["value"] == "102"


def test_nobody_guesses_onto_what_a_source_is_merged(publication, database):
    settings = builders.SETTINGS.model_validate(
        {"publish": {"ledger": database, "private": publication.private}, "source": {"mode": "merge"}}
    )
    source = builders.write_jsonl(
        publication.home / "source.jsonl", [{"publisher": {"reporting_org": builders.REPORTER}}]
    )

    with pytest.raises(SourceError, match="ssc-config-invalid"):
        publish(source, publication.folder, settings, lambda _: None, now=FIRST)


def test_tables_may_be_merged_in_any_order_of_their_age(there):
    import os

    new, old = (there.source(transactions=[row("A", key="t1", value=each)]) for each in ("2", "1"))
    for file in old.iterdir():
        os.utime(file, (1, 1))

    there.publish(new)
    report = there.publish(old)

    assert (report.updated, there.transactions()[0]["value"]) == (1, "1")


def test_the_ledger_keeps_the_last_version_of_what_was_set_aside(there):
    there.publish(there.source(transactions=[row("A", key="t1", value="much")]))
    ledger = Ledger(ledger_url(None, there.publication.private), PUBLICATION)
    run = ledger.runs(last=1)[0]
    aside = ledger.set_aside(run.id)
    ledger.close()

    assert [(each.identifier, each.kept) for each in aside] == [(A, True)]


def test_capacities_are_merged_by_themselves(there):
    there.publish(there.source(capacities=[{"organisation": "apc", "topic": "31166", "type": "expertise"}]))

    organisations = {each["key"]: each for each in there.record(A)["organisations"]}
    assert there.rules == []
    assert [each["topic"] for each in organisations["APC"]["capacities"]] == ["31166"]
    assert "capacities" not in organisations["MAG"]


def test_two_lines_for_one_activity_come_back_both(there, tmp_path):
    lines = [{"key": "A", "title": "Uno"}, {"key": "a", "title": "Dos"}]

    report = there.publish(builders.write_jsonl(tmp_path / "twice.jsonl", lines))

    assert (report.set_aside, there.rules) == (1, ["ssc-key-doubled"])
    assert len(report.rejected.read_text("utf-8").splitlines()) == 2


def test_a_source_is_merged_onto_what_somebody_went_back_to(there):
    there.publish(there.source(transactions=[row("A", key="t1", value="101"), row("B", **PAID)]))
    rollback(1, there.publication.folder, there.publication.settings, now=FIRST + timedelta(days=1))

    there.publish(there.source(transactions=[row("A", key="t1", currency="EUR")]))

    assert there.transactions()[0] == PAID | {"currency": "EUR"}
    assert there.transactions(B) == []
