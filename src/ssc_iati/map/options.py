"""What a publisher may decide about the mapping, and the tables that decide the rest: reviewable data, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ssc_iati.record import terms

Table = Mapping[str, Any]
Role: TypeAlias = tuple[str, str]
Found = TypeVar("Found")


class Known(dict[Any, Found]):
    """What a function finds, by its arguments, each found once: for terms of the record only, of which there are few.
    A look-up costs half a call of what `functools.cache` makes.
    """

    def __init__(self, find: Callable[..., Found]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, arguments: tuple[Any, ...]) -> Found:
        found = self[arguments] = self._find(*arguments)
        return found


@cache
def table(name: str) -> Table:
    """One of the tables in `map/tables`."""
    return MappingProxyType(tomllib.loads(files(__package__).joinpath("tables", f"{name}.toml").read_text("utf-8")))


class RoleRow(BaseModel):
    """One row of the roles table: the IATI role of a function, or none."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    role: Literal["1", "2", "3", "4"] | None = None
    fit: Literal["exact", "near"] = "near"
    role_with_budget: Literal["1", "2", "3", "4"] | None = None
    fit_with_budget: Literal["exact", "near"] = "near"
    except_phases: tuple[str, ...] = ()


class MappingOptions(BaseModel):
    """The decisions of a publisher: `[mapping]` of its configuration.

    `unmapped = "nearest"` gives organisations without an IATI role the role 4; `country_shares = "equal"` splits
    unknown shares
    evenly and marks them so; `roles` replaces rows of the roles table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    unmapped: Literal["none", "nearest"] = "none"
    country_shares: Literal["region", "equal"] = "region"
    crs_channels: bool = True
    roles: dict[str, RoleRow] = Field(default_factory=dict)

    def role(self, function: str | None, phase: str | None, manages_budget: bool) -> Role | None:  # noqa: FBT001
        """The IATI role of a function in a phase, and how well it fits; None where IATI has no role for it."""
        row = self.roles.get(function or "")
        return standard_roles[function, phase, manages_budget] if row is None else _role(row, phase, manages_budget)


def _standard_role(function: str | None, phase: str | None, manages_budget: bool) -> Role | None:  # noqa: FBT001
    row = _roles().get(function or "")
    return None if row is None else _role(row, phase, manages_budget)


standard_roles = Known(_standard_role)
"""The role and its fit by function, phase and whether a budget is managed, if the publisher replaces no row."""


def _role(row: RoleRow, phase: str | None, manages_budget: bool) -> Role | None:  # noqa: FBT001
    if phase in row.except_phases:
        return None
    if manages_budget and row.role_with_budget is not None:
        return row.role_with_budget, row.fit_with_budget
    return None if row.role is None else (row.role, row.fit)


@cache
def _roles() -> dict[str, RoleRow]:
    return {function: RoleRow.model_validate(row) for function, row in table("roles").items()}


def sentence(name: str, language: str | None, **values: str) -> tuple[str, str]:
    """The language used, and the sentence: in the record's language where we speak it, else in English."""
    spoken = language if language in terms.LANGUAGES else "en"
    return spoken, table("sentences")[name][spoken].format(**values)
