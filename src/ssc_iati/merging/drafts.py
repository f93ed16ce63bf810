"""A draft of which a source says part, made whole: onto the record that stands, with every value's place kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ssc_iati.check.erasure import DROPPED
from ssc_iati.check.partial import LEDGER
from ssc_iati.check.places import Draft
from ssc_iati.check.references import named
from ssc_iati.merging.account import Account, Way
from ssc_iati.merging.facts import cleaned_of_marks
from ssc_iati.merging.identity import Values
from ssc_iati.merging.mode import Mode
from ssc_iati.merging.record import merged
from ssc_iati.record.project import Project


def merge_draft(draft: Draft, mode: Mode, reporters: Collection[str]) -> bool:
    """Give a draft all values of its record; whether the source deletes the record.

    `reporters` are the identifiers of who publishes, now and before: a record that names one is theirs, and takes the
    publisher as it is today.
    """
    accepted = draft.accepted
    if DROPPED in draft.values:
        draft.values = accepted or draft.values
        return True
    if accepted is None:
        _make_new(draft)
        return False
    draft.accepted = None
    _without_reporter(accepted, reporters)
    if draft.values:
        _merge(draft, accepted, mode)
    else:
        draft.values, draft.where = accepted, LEDGER
    draft.named = named(Project, draft.values)
    return False


def _without_reporter(accepted: Values, reporters: Collection[str]) -> None:
    reporter = accepted.get("reporting_org")
    if isinstance(reporter, dict) and reporter.get("ref") in reporters and "imported_version" not in accepted:
        del accepted["reporting_org"]


def _make_new(draft: Draft) -> None:
    """A record that does not stand yet has nothing to delete; rows below what nobody has are findings."""
    _own_organisations(draft)
    account = Account()
    cleaned_of_marks(draft.values, account)
    for loc, rule, values in account.troubles:
        draft.say(rule, loc, **values)


def _merge(draft: Draft, accepted: Values, mode: Mode) -> None:
    _own_organisations(draft)
    tables = bool(draft.bound)
    if not tables:
        _spot_all(draft, draft.values, "", draft.where.line or 0)
    spots = draft.spots
    account = Account(in_column=lambda fact: id(fact) not in spots, nested=not tables)
    given, named_tables = draft.values, _named_tables(draft)
    whole = merged(accepted, given, mode, named_tables, account)
    account.moved.append((given, whole))
    for loc, rule, values in account.troubles:
        draft.say(rule, loc, **{**values, "project": whole.get("key", "-")})
    if id(given) not in spots:
        draft.where = LEDGER
    moved = {id(fact): spots[id(said)] for said, fact in account.moved if id(said) in spots}
    draft.values = whole
    draft.spots = {at: spot for at in _facts(whole) if (spot := moved.get(at) or spots.get(at)) is not None}
    draft.deeds = {
        table: {deed.value: number for deed, number in deeds.items()} for table, deeds in account.rows.items()
    }


def _named_tables(draft: Draft) -> frozenset[str]:
    """The tables that speak of the record; of a JSON record those that its members are."""
    if draft.bound:
        return frozenset(name for name, _, _ in draft.rows)
    members = (name for _, _, value in draft.rows if isinstance(value, dict) for name in value)
    return frozenset(filter(None, (Way((), (name,)).table for name in members)))


def _own_organisations(draft: Draft) -> None:
    """Organisations are shared by drafts until one of them changes."""
    stated = draft.values.get("organisations")
    if isinstance(stated, list):
        draft.values["organisations"] = [_copied(each, draft) for each in stated]


def _copied(value: Any, draft: Draft) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [_copied(each, draft) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: _copied(each, draft) for name, each in value.items()}
    if (spot := draft.spots.get(id(value))) is not None:
        draft.spots[id(made)] = spot
    return made


def _spot_all(draft: Draft, value: Any, path: str, line: int) -> None:  # noqa: ANN401 - JSON
    """Note of every fact of a JSON record where it stands in it: in what it is merged onto it stands elsewhere."""
    if isinstance(value, dict):
        draft.spots.setdefault(id(value), (path, line))
        for name, each in value.items():
            _spot_all(draft, each, f"{path}.{name}".lstrip("."), line)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _spot_all(draft, each, f"{path}[{index}]", line)


def _facts(value: Any) -> list[int]:  # noqa: ANN401 - JSON
    """The identities of all facts of a record."""
    found: list[int] = []
    rest = [value]
    while rest:
        each = rest.pop()
        if isinstance(each, dict):
            found.append(id(each))
            rest += each.values()
        elif isinstance(each, list):
            rest += each
    return found
