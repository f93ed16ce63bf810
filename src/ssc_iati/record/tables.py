"""The record as tables: one model for the workbook and the folder of CSV, derived from the record's own declaration.

A child row names its project (`project`) and, where it is a grandchild, its parent row. `results` is in long form:
one row for
each period, the result and the indicator named in each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from ssc_iati.record import activity, money, organisations, project, results
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.values import Fact, Ref, Says, Text, Within

WORKBOOK_VERSION = "1"

Owner = Literal["publisher", "projects", "organisations"]


class Column(NamedTuple):
    """One column: its name, the field that takes its value, and the way there from the row's own fact.

    `path` holds field names; a step of `field[]` opens the first item of a list; `wrap` is what a shorthand adds
    beside the value.
    """

    name: str
    path: tuple[str, ...]
    field: Described
    wrap: Mapping[str, str] = MappingProxyType({})

    @property
    def speaks(self) -> bool:
        """Whether the column holds text and so may name a language (`title:es`)."""
        return self.field.kind is Text

    @property
    def says(self) -> str:
        """What the column holds, in one line."""
        return self.field.says


class Level(NamedTuple):
    """One level of a table in long form: the list it fills, the column with its key, its columns."""

    collection: str
    key: str | None
    columns: tuple[Column, ...]


class Table(NamedTuple):
    """One sheet, or one CSV file.

    `owner` is what its rows belong to; `path` leads from there to the list that they fill; `parent` is the column
    that names the
    row one level up, for grandchildren; `levels` is set for a table in long form.
    """

    name: str
    owner: Owner
    model: type[Fact]
    path: tuple[str, ...]
    columns: tuple[Column, ...]
    parent: str | None = None
    levels: tuple[Level, ...] = ()

    @property
    def owner_column(self) -> str | None:
        """The column that names the project (or organisation) a row belongs to; None for rows that stand for
        themselves.
        """
        if not self.path:
            return None
        return {"projects": "project", "organisations": "organisation"}.get(self.owner)

    def header(self) -> tuple[str, ...]:
        """Every column's name, in order, the reference columns first."""
        links = tuple(name for name in (self.owner_column, self.parent, *(level.key for level in self.levels)) if name)
        return links + tuple(column.name for column in self.columns)


# Lists of which a table has room for one item, in columns of the parent's row; further ones come by JSON.
INLINE = {
    "default_aid_types": "default_aid_type",
    "aid_types": "aid_type",
    "sectors": "sector",
    "administrative": "administrative",
    "ids": "gazetteer",
    "baselines": "baseline",
    "targets": "target",
    "actuals": "actual",
    "references": "reference",
    "items": "budget_item",
    "conditions": "condition",
    "dimensions": "dimension",
}
# A nested fact's chief field takes the column's bare name: `provider` is the key, `provider_ref` its identifier.
CHIEF = {"organisation", "code"}
# Fields that speak for the whole fact and would only be noise in every table.
SILENT = {"spellings", "unknown", "fit", "value_date_basis", "pos", "derived"}
SINGULAR = {"names": "name"}


def _columns_of(field: Described, prefix: str = "", path: tuple[str, ...] = ()) -> Iterator[Column]:
    nested = issubclass(field.kind, Fact)
    if field.name in SILENT or (nested and field.many and field.name not in INLINE):
        return
    bare = bool(prefix) and field.name in CHIEF
    own = INLINE.get(field.name) if nested and field.many else SINGULAR.get(field.name, field.name)
    name = prefix if bare else f"{prefix}_{own}".lstrip("_")
    if not nested:
        yield Column(name, (*path, field.name), field)
        return
    step = f"{field.name}[]" if field.many else field.name
    for inner in describe(field.kind):
        if inner.name not in Fact.model_fields:
            yield from _columns_of(inner, name, (*path, step))


def columns(model: type[Fact], leave_out: frozenset[str] = frozenset()) -> tuple[Column, ...]:
    """The columns of a model's own table."""
    fields = [field for field in describe(model) if field.name not in leave_out]
    own = [field for field in fields if field.name not in Fact.model_fields]
    common = [field for field in fields if field.name in Fact.model_fields]
    order = (
        [field for field in common if field.name == "key"] + own + [field for field in common if field.name != "key"]
    )
    return tuple(column for field in order for column in _columns_of(field))


def _field(model: type[Fact], name: str) -> Described:
    return next(field for field in describe(model) if field.name == name)


def _shorthand(name: str, collection: str, model: type[Fact], into: str, wrap: dict[str, str]) -> Column:
    return Column(name, (f"{collection}+", into), _field(model, into), MappingProxyType(wrap))


DESCRIPTIONS = {"description": "1", "objectives": "2", "target_groups": "3", "other_description": "4"}
DATES = {"planned_start": "1", "actual_start": "2", "planned_end": "3", "actual_end": "4"}


FIRST = ("key", "iati_identifier", "title", "instrument", "modality", "direction", "status", "status_as_of")


def _project_columns() -> tuple[Column, ...]:
    tables = {"provider_countries", "organisations", "sectors", "country_budget_items"}
    every = {column.name: column for column in columns(project.Project, frozenset(tables))}
    own = tuple(every.pop(name) for name in FIRST) + tuple(every.values())
    place = FIRST.index("title") + 1
    texts = tuple(
        _shorthand(name, "descriptions", activity.Description, "text", {"type": code})
        for name, code in DESCRIPTIONS.items()
    )
    dates = tuple(
        _shorthand(name, "activity_dates", activity.ActivityDate, "date", {"type": code})
        for name, code in DATES.items()
    )
    goals = _shorthand("sdg_goals", "tags", activity.Tag, "code", {"vocabulary": "2"})
    targets = _shorthand("sdg_targets", "tags", activity.Tag, "code", {"vocabulary": "3"})
    return own[:place] + texts + dates + own[place:] + (goals, targets)


def _of_project(name: str, collection: str, model: type[Fact]) -> Table:
    return Table(name, "projects", model, (collection,), columns(model))


def _locations() -> Table:
    def degrees(name: str, bound: int) -> Column:
        says = Says(f"{name.capitalize()} in degrees, WGS 84, with a decimal point")
        return Column(name, (name,), Described(name, Decimal, False, (Within(-bound, bound), says)))

    own = columns(activity.Location)
    point = (degrees("latitude", 90), degrees("longitude", 180))
    place = next(number for number, column in enumerate(own) if column.name == "srs_name")
    return Table("locations", "projects", activity.Location, ("locations",), own[:place] + point + own[place:])


def _level(collection: str, model: type[Fact], prefix: str) -> tuple[Column, ...]:
    """The columns of one level of the results; what already names itself (`target_value`) needs no prefix."""
    own = columns(model, frozenset(Fact.model_fields))
    plain = {"baseline", "target", "actual"} | ({"reference"} if collection == "indicators" else set())
    return tuple(
        column if column.name.split("_")[0] in plain else column._replace(name=f"{prefix}_{column.name}")
        for column in own
    )


def _results() -> Table:
    levels = (
        Level("results", "result", _level("results", results.Result, "result")),
        Level("indicators", "indicator", _level("indicators", results.Indicator, "indicator")),
        Level("periods", None, _level("periods", results.Period, "period")),
    )
    every = tuple(column for each in levels for column in each.columns)
    return Table("results", "projects", results.Result, ("results",), every, levels=levels)


@cache
def tables() -> tuple[Table, ...]:
    """Every table of the workbook and of the CSV folder, in order."""
    return (
        Table("publisher", "publisher", project.Publisher, (), columns(project.Publisher)),
        Table("projects", "projects", project.Project, (), _project_columns()),
        Table("organisations", "organisations", organisations.Organisation, (), columns(organisations.Organisation)),
        Table("capacities", "organisations", organisations.Capacity, ("capacities",), columns(organisations.Capacity)),
        _of_project("participations", "participations", organisations.Participation),
        Table(
            "contributions",
            "projects",
            organisations.Contribution,
            ("participations", "contributions"),
            columns(organisations.Contribution),
            parent="participation",
        ),
        _of_project("mechanisms", "mechanisms", organisations.Mechanism),
        _of_project("relationships", "relationships", organisations.Relationship),
        _of_project("stages", "stages", project.Stage),
        _of_project("provider_countries", "provider_countries", project.ProviderCountry),
        _of_project("recipient_countries", "recipient_countries", activity.RecipientCountry),
        _of_project("recipient_regions", "recipient_regions", activity.RecipientRegion),
        _locations(),
        _of_project("sectors", "sectors", activity.Sector),
        _of_project("tags", "tags", activity.Tag),
        _of_project("policy_markers", "policy_markers", activity.PolicyMarker),
        _of_project("humanitarian_scopes", "humanitarian_scopes", activity.HumanitarianScope),
        _of_project("participating_orgs", "participating_orgs", organisations.ParticipatingOrg),
        _of_project("budgets", "budgets", money.Budget),
        _of_project("planned_disbursements", "planned_disbursements", money.PlannedDisbursement),
        _of_project("transactions", "transactions", money.Transaction),
        _results(),
        _of_project("lessons", "lessons", results.Lesson),
        _of_project("documents", "document_links", activity.DocumentLink),
        _of_project("related_activities", "related_activities", activity.RelatedActivity),
        _of_project("other_identifiers", "other_identifiers", activity.OtherIdentifier),
        _of_project("contacts", "contacts", activity.ContactInfo),
        _of_project("descriptions", "descriptions", activity.Description),
        _of_project("activity_dates", "activity_dates", activity.ActivityDate),
        _of_project("sources", "citations", project.Source),
        _of_project("legacy_data", "legacy_data", activity.LegacyData),
    )


@cache
def table(name: str) -> Table:
    """The table of this name; KeyError if there is none."""
    return {each.name: each for each in tables()}[name]


def references(model: type[Fact]) -> tuple[tuple[str, str], ...]:
    """The fields of a model that hold keys, each with the collection that it refers to."""
    return tuple((field.name, mark.collection) for field in describe(model) if (mark := field.mark(Ref)))
