"""Who takes part in a project, read once for every step of the mapping.

The mapping reads most facts by their values (`fact.__dict__`): an attribute of a pydantic model costs nine times as
much as an entry of a dictionary, and a project is mapped in some hundreds of readings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from ssc_iati.record.organisations import Contribution, Participation

Values: TypeAlias = dict[str, Any]
"""What a fact states, by field; never changed."""


@dataclass(slots=True)
class Roster:
    """The values of the organisations by key, and those of the participations in order; by key also the side on which
    an organisation first stands and the first activity that it publishes of its own; and every contribution.
    """

    organisations: dict[str | None, Values]
    participations: list[Values]
    sides: dict[str | None, str | None]
    activities: dict[str | None, str]
    contributions: list[tuple[Participation, Contribution]]


def roster(project: Values) -> Roster:
    """The roster of a project; organisations without a key are not on it, since nothing can refer to them."""
    organisations: dict[str | None, Values] = {}
    for organisation in project["organisations"]:
        values = organisation.__dict__
        if values["key"]:
            organisations[values["key"]] = values
    participations: list[Values] = []
    sides: dict[str | None, str | None] = {}
    activities: dict[str | None, str] = {}
    contributions: list[tuple[Participation, Contribution]] = []
    for participation in project["participations"]:
        values = participation.__dict__
        participations.append(values)
        key = values["organisation"]
        if key not in sides:
            sides[key] = values["side"]
        if values["activity_id"] is not None:
            activities.setdefault(key, values["activity_id"])
        if values["contributions"]:
            contributions += [(participation, each) for each in values["contributions"]]
    return Roster(organisations, participations, sides, activities, contributions)
