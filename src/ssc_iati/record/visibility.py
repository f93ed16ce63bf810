"""The public view of a project: without what the record restricts. Nothing else ever reaches XML, companions, pages
or logs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import cache, partial
from typing import TypeVar

from ssc_iati.record.activity import ContactInfo, CountryBudgetItems
from ssc_iati.record.fields import describe
from ssc_iati.record.flat import Scope, flat, when_called
from ssc_iati.record.project import Project
from ssc_iati.record.results import Result
from ssc_iati.record.values import Fact, Ref, altered

SomeFact = TypeVar("SomeFact", bound=Fact)
Hidden = Mapping[str, AbstractSet[str | None]]

CONFIDENTIAL = ("amount", "unit_rate", "share_percent")
"""The fields of a contribution or budget whose amount is confidential that would tell it."""


def is_public(fact: Fact) -> bool:
    """Whether the fact may be published: contacts only when they say so, all else unless it says not."""
    if isinstance(fact, ContactInfo):
        return fact.visibility == "public"
    return fact.visibility != "restricted"


def public(project: Project) -> Project:
    """The project without restricted facts, and without the amounts that are confidential.

    What was imported from IATI was public: a contact in it is not restricted unless it says so.
    """
    if project.imported_version is not None:
        project = _with_public_contacts(project)
    return _view(project, _hidden(project)) if _has_secrets(project) else project


def _with_public_contacts(project: Project) -> Project:
    stated = tuple(altered(each, visibility="public") if each.visibility is None else each for each in project.contacts)
    return altered(project, contacts=stated) if stated else project


def _hidden(project: Project) -> Hidden:
    """The keys of the facts that are not shown, by collection; confidential money is so wherever it is stated."""
    hidden = {
        name: {each.key for each in getattr(project, name) if each.key and not is_public(each)}
        for name, many in _below(Project)
        if many
    }
    for participation in project.participations:
        secret = (each.transaction for each in participation.contributions if _is_confidential(each))
        hidden["transactions"] |= {key for key in secret if key}
    return hidden


def _is_confidential(fact: Fact) -> bool:
    return fact.__dict__.get("amount_status") == "confidential"


@cache
def _below(model: type[Fact]) -> tuple[tuple[str, bool], ...]:
    return tuple((field.name, field.many) for field in describe(model) if issubclass(field.kind, Fact))


def _has_secrets(project: Project) -> bool:
    return _secrecy(Project)(project)


@cache
def _secrecy(model: type[Fact]) -> Callable[[Fact], bool]:
    """Whether a fact of this model, or any below it, has something to hide: nearly none has, which is told quickly."""
    if model is ContactInfo:
        return lambda _: True
    scope: Scope = {}
    kinds = {field.name: field.kind for field in describe(model)}
    lines = ["def secret(fact):", "    d = fact.__dict__", f"    if {_own_secret(model, 'd')}: return True"]
    for name, many in _below(model):
        kind = kinds[name]
        if kind is ContactInfo or _below(kind):
            when_called(f"hides_{name}", partial(_secrecy, kind), scope)
            look = f"if hides_{name}(v): return True"
        else:  # a call would cost more than the look itself
            look = f"v = v.__dict__\n            if {_own_secret(kind, 'v')}: return True"
        lines += [
            f"    v = d[{name!r}]",
            "    if v:",
            f"        for v in {'v' if many else '(v,)'}:",
            f"            {look}",
        ]
    lines.append("    return False")
    secret: Callable[[Fact], bool] = flat("secret", f"secrets of {model.__name__}", lines, scope)
    return secret


def _own_secret(model: type[Fact], values: str) -> str:
    """The condition under which a fact of this model itself has something to hide."""
    restricted = f'{values}["visibility"] is not None'
    confidential = f'{values}["amount_status"] == "confidential"'
    return f"{restricted} or {confidential}" if "amount_status" in model.model_fields else restricted


def _view(fact: SomeFact, hidden: Hidden) -> SomeFact:
    """The fact with only the public of what is below it; references to what is hidden are blanked."""
    update: dict[str, object] = {}
    for name, many in _below(type(fact)):
        value = getattr(fact, name)
        keys = hidden.get(name, set()) if isinstance(fact, Project) else set()
        if many:
            update[name] = tuple(_view(each, hidden) for each in value if _stays(each, hidden) and each.key not in keys)
        elif value is not None:
            update[name] = _view(value, hidden) if _stays(value, hidden) else None
    update.update(_blanked(fact, hidden))
    return fact.model_copy(update=update)


def _stays(fact: Fact, hidden: Hidden) -> bool:
    """A fact that is about a hidden organisation is hidden with it."""
    about = getattr(fact, "organisation", None)
    return is_public(fact) and about not in hidden["organisations"] and not _emptied(fact, hidden)


# What is nothing without at least one of these: it is hidden when they all are.
_NEEDED: dict[type[Fact], str] = {Result: "indicators", CountryBudgetItems: "items"}


def _emptied(fact: Fact, hidden: Hidden) -> bool:
    name = _NEEDED.get(type(fact))
    below = getattr(fact, name) if name is not None else ()
    return bool(below) and not any(_stays(each, hidden) for each in below)


@cache
def _references(model: type[Fact]) -> tuple[tuple[str, bool, str], ...]:
    marked = ((field, field.mark(Ref)) for field in describe(model))
    return tuple((field.name, field.many, mark.collection) for field, mark in marked if mark is not None)


def _blanked(fact: Fact, hidden: Hidden) -> dict[str, object]:
    blank: dict[str, object] = {}
    for name, many, collection in _references(type(fact)):
        value, keys = getattr(fact, name), hidden[collection]
        blank[name] = tuple(key for key in value if key not in keys) if many else (None if value in keys else value)
    if _is_confidential(fact):
        blank |= {name: None for name in CONFIDENTIAL if name in type(fact).model_fields}
        blank["spellings"] = {name: text for name, text in fact.spellings.items() if name not in CONFIDENTIAL}
    return blank
