"""Given values onto those that stand: what is given overwrites, what is blank leaves, what is marked is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from ssc_iati.check.erasure import DROPPED, ERASED, STUB
from ssc_iati.merging.account import Account, Deed, Way
from ssc_iati.merging.erasure import erase
from ssc_iati.merging.identity import Values, core_of, fields_of
from ssc_iati.merging.match import Match, key_of, matches, same, says_the_same, spoken, texts
from ssc_iati.merging.replace import clear_row, is_in_columns, keeps_first
from ssc_iati.record.fields import Described
from ssc_iati.record.tables import INLINE
from ssc_iati.record.values import Fact, Text

_START = Way()
SHOWN = 5
"""So many rows that may be meant are named."""


def merge_fact(model: type[Fact], fact: Values, given: Values, way: Way, account: Account) -> bool:
    """Change a fact as is given; whether anything in its own row changed (rows below it are counted by themselves)."""
    account.moved.append((given, fact))
    changed = False
    for what in given.get(ERASED, ()):
        changed |= erase(fact, what)
    fields = fields_of(model)
    for name, value in given.items():
        if name not in {ERASED, DROPPED} and not _says_nothing(value):
            changed |= _merge_value(fields.get(name), fact, name, value, way, account)
    return changed


def _says_nothing(value: object) -> bool:
    return value is None or (isinstance(value, (list, dict)) and not value)


def _merge_value(
    field: Described | None,
    fact: Values,
    name: str,
    value: Any,  # noqa: ANN401 - JSON
    way: Way,
    account: Account,
) -> bool:
    if field is None:
        before, fact[name] = fact.get(name), value
        return bool(before != value)
    if name in _OWN_WAYS:
        return _OWN_WAYS[name](fact, value)
    if field.kind is Text and texts(value):
        return _merge_texts(fact, name, texts(value), account.language)
    if issubclass(field.kind, Fact) and isinstance(value, list) and isinstance(fact.get(name, []), list):
        return merge_many(field, fact, value, way, account)
    if issubclass(field.kind, Fact) and isinstance(value, dict) and isinstance(fact.get(name, {}), dict):
        return _merge_one(field.kind, fact, value, way.into(name), account)
    return _put(fact, field, value)


def _merge_one(model: type[Fact], owner: Values, given: Values, way: Way, account: Account) -> bool:
    name = way.lists[-1]
    changed = merge_fact(model, owner.setdefault(name, {}), given, way, account)
    if not owner[name]:
        del owner[name]
    return changed


def _name(fact: Values, key: object) -> bool:
    """A fact keeps the key by which others name it, however the source spells it."""
    if key_of(fact) is not None:
        return False
    fact["key"] = key
    return True


def _put(fact: Values, field: Described, value: object) -> bool:
    """Overwrite a value; that it was unknown, or was spelt otherwise, holds no more."""
    name = field.name
    if isinstance(stated := fact.get("unknown"), list) and name in stated:
        fact["unknown"] = [each for each in stated if each != name]
    if name in fact and same(field, fact[name], value):
        return False
    if isinstance(spellings := fact.get("spellings"), dict):
        spellings.pop(name, None)
    fact[name] = value
    return True


def _make_unknown(fact: Values, names: object) -> bool:
    """What the source says is unknown stands no more, and is said to be unknown."""
    stated = fact.get("unknown", [])
    new = [each for each in names if each not in stated] if isinstance(names, list) else []
    for name in new:
        fact.pop(name, None)
    if new:
        fact["unknown"] = [*stated, *new]
    return bool(new)


def _add_spellings(fact: Values, spellings: object) -> bool:
    before = fact.get("spellings")
    fact["spellings"] = (
        {**before, **spellings} if isinstance(before, dict) and isinstance(spellings, dict) else spellings
    )
    return bool(fact["spellings"] != before)


_OWN_WAYS = {"key": _name, "unknown": _make_unknown, "spellings": _add_spellings}


def _merge_texts(fact: Values, name: str, given: list[Values], language: str | None) -> bool:
    """Each text in place of the one in its language; one that names none is in the language of the record."""
    own = texts(fact.get(name))
    said = spoken(own, language)
    changed = False
    for text in given:
        lang = text.get("lang") or language
        if said[lang, text.get("text")] > 0:
            said[lang, text.get("text")] -= 1
            continue
        changed = True
        other = next(
            (each for each in own if (each.get("lang") or language) == lang and said[_what(each, lang)] > 0), None
        )
        if other is None:
            own.append({key: value for key, value in text.items() if value is not None})
        else:
            said[_what(other, lang)] -= 1
            other["text"] = text.get("text")
    fact[name] = own
    return changed


def _what(text: Values, language: object) -> tuple[object, object]:
    return language, text.get("text")


# --- Lists of rows ----------------------------------------------------------------------------------------------------


def merge_many(field: Described, owner: Values, given: Sequence[Any], way: Way, account: Account) -> bool:
    """Change a list as is given; whether that changed the owner's own row, since some stand in columns of it."""
    model, name = field.kind, field.name
    stand: list[Values] = owner.setdefault(name, [])
    rows = [(index, each) for index, each in enumerate(given) if isinstance(each, dict)]
    changed = False
    if rows and name in INLINE and account.in_column(rows[0][1]):
        changed = _merge_first(model, stand, rows[0][1], way.into(name, rows[0][0]), account)
        rows = rows[1:]
    if way.into(name).table in account.replaced:
        _replace_rows(model, stand, rows, way.into(name), account)
    else:
        changed |= _merge_rows(model, stand, rows, way.into(name), account)
    if not stand:
        del owner[name]
    return changed


_Given = Sequence[tuple[int, Values]]


def _merge_rows(model: type[Fact], stand: list[Values], rows: _Given, way: Way, account: Account) -> bool:
    changed = False
    found = matches(model, stand, [each for _, each in rows], account.language)
    gone: set[int] = set()
    for (index, row), match in zip(rows, found, strict=True):
        step = way.at(index)
        deed = _merge_row(model, stand, row, match, step, account, gone)
        if deed is not None and step.table is not None and not account.in_column(row):
            account.count(step, deed)
        else:
            changed |= deed not in {None, Deed.LEFT}
    stand[:] = [each for at, each in enumerate(stand) if at not in gone]
    return changed


def _replace_rows(model: type[Fact], stand: list[Values], rows: _Given, way: Way, account: Account) -> None:
    """The given rows in place of those that stand; a row that is given again keeps what stands below it elsewhere."""
    spared = 1 if keeps_first(way.lists) else 0
    first, old = stand[:spared], stand[spared:]
    rows = [(index, row) for index, row in rows if DROPPED not in row]
    found = matches(model, old, [row for _, row in rows], account.language)
    taken = {match.at for match in found}
    made = [each for at, each in enumerate(old) if at not in taken and _stays(each, way, rows, model, account)]
    for at, _ in enumerate(old):
        if at not in taken and not any(old[at] is each for each in made):
            account.count(way, Deed.DELETED)
    for (index, row), match in zip(rows, found, strict=True):
        step = way.at(index)
        fact = old[match.at] if match.at is not None else None
        made += _replaced(model, fact, row, step, account)
    stand[:] = [*first, *made]


def _stays(fact: Values, way: Way, rows: _Given, model: type[Fact], account: Account) -> bool:
    """What a table does not hold, though it stands in the same list."""
    if way.table == "organisations" and not account.nested:
        return True
    said = {core_of(model, row) for _, row in rows}
    return not account.nested and is_in_columns(way.lists[-1], fact) and core_of(model, fact) not in said


def _replaced(model: type[Fact], fact: Values | None, row: Values, way: Way, account: Account) -> list[Values]:
    """The row as it is given now, in place of the one that stands, if there is one."""
    if fact is None:
        if STUB in row:
            account.say(way, "ssc-parent-unknown", **row[STUB])
            return []
        _clean(row)
        account.count(way, Deed.ADDED)
        _count_below(model, row, way, account)
        return [row]
    before = deepcopy(fact)
    if STUB not in row:
        clear_row(fact, way.table or "projects") if not account.nested else fact.clear()
        if "key" in before:
            fact["key"] = before["key"]
    merge_fact(model, fact, {name: each for name, each in row.items() if name != STUB}, way, account)
    account.moved.append((row, fact))
    if STUB not in row:
        account.count(way, Deed.LEFT if says_the_same(model, fact, before, account.language) else Deed.CHANGED)
    return [fact]


def _merge_first(model: type[Fact], stand: list[Values], given: Values, way: Way, account: Account) -> bool:
    """The columns of a row hold the first item of a list."""
    if stand:
        return merge_fact(model, stand[0], given, way, account)
    stand.append(given)
    return True


def _merge_row(
    model: type[Fact], stand: list[Values], row: Values, match: Match, way: Way, account: Account, gone: set[int]
) -> Deed | None:
    """What becomes of one given row; None where it only leads to rows below it, or cannot be decided."""
    if match.several:
        account.say(way, "ssc-merge-ambiguous", number=len(match.several), rows=_named(stand, match.several))
        return None
    if DROPPED in row:
        gone.update(() if match.at is None else (match.at,))
        return Deed.LEFT if match.at is None else Deed.DELETED
    if match.at is not None:
        return _merge_found(model, stand[match.at], row, way, account)
    if STUB in row:
        account.say(way, "ssc-parent-unknown", **row[STUB])
        return None
    _clean(row)
    stand.append(row)
    _count_below(model, row, way, account)
    return Deed.ADDED


def _count_below(model: type[Fact], row: Values, way: Way, account: Account) -> None:
    """The rows that come with a new one."""
    for field in fields_of(model).values():
        items = row.get(field.name)
        if issubclass(field.kind, Fact) and isinstance(items, list):
            for index, each in enumerate(items):
                step = way.into(field.name, index)
                if step.table is not None and isinstance(each, dict) and not account.in_column(each):
                    account.count(step, Deed.ADDED)
                    _count_below(field.kind, each, step, account)


def _merge_found(model: type[Fact], fact: Values, row: Values, way: Way, account: Account) -> Deed | None:
    leads = STUB in row
    changed = merge_fact(model, fact, {name: each for name, each in row.items() if name != STUB}, way, account)
    account.moved.append((row, fact))
    return None if leads and not changed else Deed.CHANGED if changed else Deed.LEFT


def _clean(row: Values) -> None:
    cleaned_of_marks(row, Account())


def cleaned_of_marks(fact: Values, account: Account, way: Way = _START) -> None:
    """Take the marks out of a new fact, which has nothing to delete; a row that only leads to others is a trouble."""
    for mark in (ERASED, DROPPED):
        fact.pop(mark, None)
    if (told := fact.pop(STUB, None)) is not None:
        account.say(way, "ssc-parent-unknown", **told)
    for name, value in fact.items():
        if isinstance(value, dict):
            cleaned_of_marks(value, account, way.into(name))
        elif isinstance(value, list):
            kept = [(index, each) for index, each in enumerate(value) if not _is_dropped(each)]
            for index, each in kept:
                if isinstance(each, dict):
                    cleaned_of_marks(each, account, way.into(name, index))
            fact[name] = [each for _, each in kept]


def _is_dropped(value: object) -> bool:
    return isinstance(value, dict) and DROPPED in value


def _named(stand: Sequence[Values], several: Sequence[int]) -> str:
    """The rows that may be meant, as a person can tell them apart."""
    said = [_words(stand[at], at) for at in several[:SHOWN]]
    return "; ".join([*said, *(["..."] if len(several) > SHOWN else [])])


def _words(fact: Values, at: int) -> str:
    key = key_of(fact)
    if fact.get("visibility") == "restricted":
        return key or str(at + 1)
    told = ", ".join(str(value) for name, value in fact.items() if name != "key" and isinstance(value, str))
    return f"{key or at + 1} ({told})" if told else key or str(at + 1)
