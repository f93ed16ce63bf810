"""The record as tables: one model for the workbook and the folder of CSV, derived from the record's own declaration.

A child row names its project (`project`) and, where it is a grandchild, its parent row. `results` is in long form:
one row for
each period, the result and the indicator named in each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

from ssc_iati.record import activity, crs, money, organisation_file, organisations, project, results
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.values import Fact, Ref, Says, Text, Within

WORKBOOK_VERSION = "1"

Owner = Literal["publisher", "projects", "organisations", "organisation_files"]
KEPT = "kept"
"""The column of every table that holds what no other column of a row can: foreign XML, odd spellings, as JSON."""
ORDER = ":order"
"""Behind the name of a field in `kept`: the places of its texts, where columns cannot have them in their order."""
CONTINUED = re.compile(r"\[continued: (#c\d+)\]\Z")
"""How a cell ends whose text goes on in the table of continuations, in the rows of this key."""
DETAIL = "detail"
POSITION = "#"
"""A key that begins so names a row only within its tables; it is no part of the record."""


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


class Detail(NamedTuple):
    """A list below a fact of the long form: a row whose `detail` is its name adds one item to it.

    `owners` are the columns of keys whose last one that a row fills names the fact; `own` is that of the item itself,
    if anything stands below it.
    """

    name: str
    collection: str
    owners: tuple[str, ...]
    columns: tuple[Column, ...]
    own: str | None = None


class Table(NamedTuple):
    """One sheet, or one CSV file.

    `owner` is what its rows belong to; `path` leads from there to the list that they fill; `parent` is the column
    that names the row one level up, for grandchildren, which may stand in one of several lists (`parents`); without
    it the step before the last is one fact of the owner. `levels` is set for a table in long form, `details` for what
    its rows can add to.
    """

    name: str
    owner: Owner
    model: type[Fact]
    path: tuple[str, ...]
    columns: tuple[Column, ...]
    parent: str | None = None
    levels: tuple[Level, ...] = ()
    details: tuple[Detail, ...] = ()
    parents: tuple[str, ...] = ()
    whole: bool = False
    """Whether it goes on where the rows above have no more room: only what holds all of IATI needs it."""

    @property
    def owner_column(self) -> str | None:
        """The column that names the project (or organisation) a row belongs to; None for rows that stand for
        themselves.
        """
        if not self.path:
            return None
        owners = {"projects": "project", "organisations": "organisation", "organisation_files": "organisation"}
        return owners.get(self.owner)

    def links(self) -> tuple[str, ...]:
        """The columns of keys that lead to other rows, and the one that says what a row of a long form adds."""
        keys = [self.owner_column, self.parent, *(level.key for level in self.levels)]
        if self.details:
            keys += [*dict.fromkeys(each for detail in self.details for each in detail.owners), DETAIL]
        return tuple(dict.fromkeys(name for name in keys if name))

    def header(self) -> tuple[str, ...]:
        """Every column's name, in order, the reference columns first."""
        return self.links() + tuple(column.name for column in self.columns) + (KEPT,)


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
    "conditions": "condition",
    "dimensions": "dimension",
}
# A nested fact's chief field takes the column's bare name: `provider` is the key, `provider_ref` its identifier.
CHIEF = {"organisation", "code"}
# Fields that speak for the whole fact and would only be noise in every table.
SILENT = {"spellings", "unknown", "fit", "value_date_basis", "pos", "derived", "other_xml", "namespaces"}
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
    tables = {"provider_countries", "organisations", "sectors"}
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
    details = _details(levels)
    groups = [each.columns for each in levels] + [each.columns for each in details]
    shared = {column.name: column for each in groups for column in each}
    return Table(
        "results", "projects", results.Result, ("results",), tuple(shared.values()), levels=levels, details=details
    )


_RESULT, _INDICATOR, _PERIOD = ("result",), ("result", "indicator"), ("result", "indicator", "period_key")
_FIGURES = (*_PERIOD, "baseline_key", "target_key", "actual_key")


def _details(levels: tuple[Level, ...]) -> tuple[Detail, ...]:
    """What a result, an indicator, a baseline, a target or an actual value may have more than one of."""
    documents = tuple(
        column._replace(
            name=f"document_{column.name.removeprefix('document_')}", path=("document_links[]", *column.path)
        )
        for column in columns(activity.DocumentLink, frozenset({*Fact.model_fields, "citation"}))
    )
    places = tuple(_shared("location", "locations[]", results.ResultLocation))
    dimensions = tuple(_shared("dimension", "dimensions[]", results.Dimension))
    by_list = {
        column.path[0]: tuple(each for each in level.columns if each.path[0] == column.path[0])
        for level in levels
        for column in level.columns
        if column.path[0].endswith("[]")
    }
    result_references = tuple(each for each in levels[0].columns if each.path[0] == "references[]")
    return (
        Detail("reference", "references", _RESULT, result_references),
        Detail("indicator-reference", "references", _INDICATOR, by_list["references[]"]),
        Detail("baseline", "baselines", _INDICATOR, by_list["baselines[]"], "baseline_key"),
        Detail("target", "targets", _PERIOD, by_list["targets[]"], "target_key"),
        Detail("actual", "actuals", _PERIOD, by_list["actuals[]"], "actual_key"),
        Detail("location", "locations", _FIGURES, places),
        Detail("dimension", "dimensions", _FIGURES, dimensions),
        Detail("document", "document_links", _FIGURES, documents),
    )


def _shared(prefix: str, step: str, model: type[Fact]) -> Iterator[Column]:
    for column in columns(model, frozenset(Fact.model_fields)):
        yield column._replace(name=f"{prefix}_{column.name}", path=(step, *column.path))


def _below(name: str, path: tuple[str, str], model: type[Fact], parent: str | None = None) -> Table:
    """A table of what there may be several of below a row, or below a fact that a project has one of."""
    return Table(name, "projects", model, path, columns(model), parent=parent, parents=path[:1], whole=True)


def _of_organisation_file(name: str, collection: str, model: type[Fact]) -> Table:
    return Table(name, "organisation_files", model, (collection,), columns(model), whole=True)


_BUDGETS: dict[str, type[Fact]] = {
    "total_budgets": organisation_file.TotalBudget,
    "recipient_org_budgets": organisation_file.RecipientOrgBudget,
    "recipient_region_budgets": organisation_file.RecipientRegionBudget,
    "recipient_country_budgets": organisation_file.RecipientCountryBudget,
    "total_expenditures": organisation_file.TotalExpenditure,
}


def _organisation_file_tables() -> tuple[Table, ...]:
    budgets = tuple(_of_organisation_file(name, name, model) for name, model in _BUDGETS.items())
    lines = Table(
        "budget_lines",
        "organisation_files",
        organisation_file.BudgetLine,
        ("total_budgets", "lines"),
        columns(organisation_file.BudgetLine),
        parent="budget",
        parents=tuple(_BUDGETS),
        whole=True,
    )
    countries = Table(
        "document_countries",
        "organisation_files",
        organisation_file.BudgetCountry,
        ("document_links", "recipient_countries"),
        columns(organisation_file.BudgetCountry),
        parent="document",
        parents=("document_links",),
        whole=True,
    )
    model = organisation_file.OrganisationFile
    return (
        Table("organisation_files", "organisation_files", model, (), columns(model), whole=True),
        *budgets,
        lines,
        _of_organisation_file("organisation_documents", "document_links", organisation_file.OrganisationDocument),
        countries,
    )


class Continuation(Fact):
    """A further part of a text that is too long for one cell, which ends in `[continued: KEY]`."""

    text: Annotated[str | None, Says("The part, in the order of the rows")] = None


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
            parents=("participations",),
        ),
        _of_project("mechanisms", "mechanisms", organisations.Mechanism),
        _of_project("relationships", "relationships", organisations.Relationship),
        _of_project("stages", "stages", project.Stage),
        _of_project("provider_countries", "provider_countries", project.ProviderCountry),
        _of_project("recipient_countries", "recipient_countries", activity.RecipientCountry),
        _of_project("recipient_regions", "recipient_regions", activity.RecipientRegion),
        _locations(),
        _below("location_ids", ("locations", "ids"), activity.LocationId, "location"),
        _below("location_divisions", ("locations", "administrative"), activity.Administrative, "location"),
        _of_project("sectors", "sectors", activity.Sector),
        _of_project("tags", "tags", activity.Tag),
        _of_project("policy_markers", "policy_markers", activity.PolicyMarker),
        _of_project("default_aid_types", "default_aid_types", activity.AidType)._replace(whole=True),
        _below("budget_items", ("country_budget_items", "items"), activity.BudgetItem),
        _of_project("humanitarian_scopes", "humanitarian_scopes", activity.HumanitarianScope),
        _of_project("participating_orgs", "participating_orgs", organisations.ParticipatingOrg),
        _of_project("budgets", "budgets", money.Budget),
        _of_project("planned_disbursements", "planned_disbursements", money.PlannedDisbursement),
        _of_project("transactions", "transactions", money.Transaction),
        _below("transaction_sectors", ("transactions", "sectors"), money.TransactionSector, "transaction"),
        _below("transaction_aid_types", ("transactions", "aid_types"), activity.AidType, "transaction"),
        _results(),
        _of_project("lessons", "lessons", results.Lesson),
        _of_project("documents", "document_links", activity.DocumentLink),
        _of_project("related_activities", "related_activities", activity.RelatedActivity),
        _of_project("other_identifiers", "other_identifiers", activity.OtherIdentifier),
        _of_project("contacts", "contacts", activity.ContactInfo),
        _below("contact_addresses", ("contacts", "other_addresses"), activity.MailingAddress, "contact"),
        _of_project("descriptions", "descriptions", activity.Description),
        _of_project("activity_dates", "activity_dates", activity.ActivityDate),
        _of_project("sources", "citations", project.Source),
        _of_project("legacy_data", "legacy_data", activity.LegacyData),
        _below("conditions", ("conditions", "conditions"), activity.Condition),
        _below("crs_flags", ("crs_add", "other_flags"), crs.OtherFlag),
        _below("forecasts", ("fss", "forecasts"), crs.Forecast),
        *_organisation_file_tables(),
        Table("continuations", "projects", Continuation, ("continuations",), columns(Continuation), whole=True),
    )


@cache
def table(name: str) -> Table:
    """The table of this name; KeyError if there is none."""
    return {each.name: each for each in tables()}[name]


def references(model: type[Fact]) -> tuple[tuple[str, str], ...]:
    """The fields of a model that hold keys, each with the collection that it refers to."""
    return tuple((field.name, mark.collection) for field in describe(model) if (mark := field.mark(Ref)))
