"""What holds of every merge, whatever the records say."""

from __future__ import annotations

import json
import tempfile
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import builders
import random_records
from ssc_iati.check.erasure import ERASED, Erased
from ssc_iati.check.partial import Onto
from ssc_iati.merging.account import Account, Way
from ssc_iati.merging.match import contains, says_the_same
from ssc_iati.merging.mode import Mode
from ssc_iati.merging.record import merged
from ssc_iati.publish.whole_tables import write_tables
from ssc_iati.record.canonical import canonical_json
from ssc_iati.record.project import Project
from ssc_iati.run import Past, prepare, work

TODAY = datetime(2026, 1, 31, tzinfo=UTC).date()
QUICK = settings(max_examples=60, deadline=None, phases=random_records.QUICKLY)


def values(record: dict[str, Any]) -> dict[str, Any]:
    """A record in its canonical form, as the ledger keeps it."""
    made = json.loads(canonical_json(Project.model_validate(record)))
    made.pop("record_version")
    return made


def tables_of(record: dict[str, Any]) -> frozenset[str]:
    return frozenset(filter(None, (Way((), (name,)).table for name in record)))


def onto(stands: dict[str, Any], said: dict[str, Any], mode: Mode = Mode.MERGE) -> tuple[dict[str, Any], Account]:
    account = Account(language="es", nested=True)
    whole = merged(deepcopy(stands), deepcopy(said), mode, tables_of(said), account)
    return whole, account


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return says_the_same(Project, one, other, "es")


def parts(data: st.DataObject, record: dict[str, Any]) -> dict[str, Any]:
    """Some of what a record says."""
    names = data.draw(st.lists(st.sampled_from(sorted(record.keys() - {"key"})), unique=True, max_size=6))
    return {"key": record["key"], **{name: record[name] for name in names}}


records = random_records.records().map(values)


@QUICK
@given(stands=records, said=records, data=st.data())
def test_the_same_source_merged_again_changes_nothing(stands, said, data):
    part = parts(data, said)
    once, account = onto(stands, part)
    assume(not account.troubles)

    twice, again = onto(once, part)

    assert alike(twice, once)
    assert not again.troubles
    assert {deed for deeds in again.rows.values() for deed in deeds} <= {"left"}


@QUICK
@given(record=records, data=st.data())
def test_what_stands_already_changes_nothing(record, data):
    whole, account = onto(record, parts(data, record))

    assert whole == record
    assert not account.troubles
    assert {deed for deeds in account.rows.values() for deed in deeds} <= {"left"}


@QUICK
@given(stands=records, said=records, data=st.data())
def test_what_is_not_named_is_left(stands, said, data):
    part = parts(data, said)

    whole, _ = onto(stands, part)

    untouched = stands.keys() - part.keys()
    assert {name: whole.get(name) for name in untouched} == {name: stands[name] for name in untouched}


@QUICK
@given(stands=records, said=records, data=st.data())
def test_what_is_said_stands_afterwards(stands, said, data):
    part = parts(data, said)

    whole, account = onto(stands, part)

    assume(not account.troubles)
    assert contains(Project, whole, {name: each for name, each in part.items() if name != "key"}, "es")


@QUICK
@given(stands=records, said=records, data=st.data())
def test_replacing_touches_nothing_else_and_leaves_nothing_of_what_it_replaces(stands, said, data):
    part = parts(data, said)

    whole, account = onto(stands, part, Mode.REPLACE)
    twice, _ = onto(whole, part, Mode.REPLACE)

    untouched = stands.keys() - part.keys()
    assert {name: whole.get(name) for name in untouched} == {name: stands[name] for name in untouched}
    lists = [name for name in part if isinstance(part[name], list) and Way((), (name,)).table]
    assert all(len(whole[name]) == len(part[name]) for name in lists)
    assert not account.troubles
    assert alike(twice, whole)


@QUICK
@given(record=records, data=st.data())
def test_what_is_deleted_is_gone_and_nothing_else_and_can_be_deleted_again(record, data):
    plain = [name for name, each in record.items() if not isinstance(each, (list, dict)) and name != "key"]
    name = data.draw(st.sampled_from(plain))
    said = {"key": record["key"], ERASED: [Erased((name,))]}

    whole, _ = onto(record, said)
    again, account = onto(whole, said)

    assert whole == {each: value for each, value in record.items() if each != name}
    assert again == whole
    assert {deed for deeds in account.rows.values() for deed in deeds} <= {"left"}


# --- Through the whole of reading, checking and mapping ---------------------------------------------------------------


def outcomes(source: Path, past: Past | None = None) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        more = {} if past is None else {"past": past}
        prepared = prepare(source, builders.SETTINGS, Path(folder), today=TODAY, records=True, **more)
        return [outcome for chunk in work(prepared) for outcome in chunk]


def merging(*accepted: str) -> Past:
    return Past(onto=Onto("merge", "[delete]", 0), accepted=accepted)


def told(found: list[Any]) -> list[Any]:
    return [(each.key, each.identifier, each.digest, [item.rule for item in each.findings]) for each in found]


def as_tables(folder: Path, *records: dict[str, Any]) -> Path:
    write_tables(deepcopy(list(records)), {}, folder, "projects", workbook=False)
    return folder


def as_lines(folder: Path, *records: dict[str, Any]) -> Path:
    return builders.write_jsonl(folder / "source.jsonl", list(records))


@settings(max_examples=25, deadline=None, phases=random_records.QUICKLY)
@given(record=records, write=st.sampled_from((as_tables, as_lines)))
def test_merging_a_source_onto_nothing_is_reading_it(record, write):
    with tempfile.TemporaryDirectory() as folder:
        source = write(Path(folder), record, builders.sound_project("OTHER"))

        assert told(outcomes(source, merging())) == told(outcomes(source))


@settings(max_examples=25, deadline=None, phases=random_records.QUICKLY)
@given(record=records, write=st.sampled_from((as_tables, as_lines)))
def test_a_source_merged_onto_what_it_gave_gives_the_same(record, write):
    with tempfile.TemporaryDirectory() as folder:
        source = write(Path(folder), record)
        read = outcomes(source)
        assume(all(each.record for each in read))

        again = outcomes(source, merging(*(each.record for each in read)))

        assert [each.record for each in again] == [each.record for each in read]
        assert {deed for each in again for deeds in each.deeds.values() for deed in deeds} <= {"left"}


@pytest.mark.parametrize("write", [as_tables, as_lines])
def test_a_source_of_one_record_leaves_the_others_as_they_are(tmp_path, write):
    read = outcomes(as_lines(tmp_path, *(builders.sound_project(key) for key in "ABC")))
    source = write(tmp_path, {"key": "B", "title": [{"text": "Otro", "lang": "es"}]})

    again = outcomes(source, merging(*(each.record for each in read)))

    assert [each.record for each in again if each.key != "B"] == [each.record for each in read if each.key != "B"]
    assert [each.key for each in again] == ["A", "B", "C"]
