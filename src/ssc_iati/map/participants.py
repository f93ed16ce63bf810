"""Participations -> participating organisations: one for each organisation and IATI role, never a role that it has
not.
"""

from __future__ import annotations

from typing import TypeAlias

from ssc_iati.map.options import Known, MappingOptions, standard_roles, table
from ssc_iati.map.roster import Roster, Values
from ssc_iati.record.organisations import ParticipatingOrg
from ssc_iati.record.values import Text, Texts, altered, blank, shaped

Parts: TypeAlias = tuple[tuple[Values, tuple[Values, ...]], ...]
"""Organisations, each with its participations."""


Participants: TypeAlias = tuple[tuple[ParticipatingOrg, ...], Parts, Parts]
"""The participating organisations, those that have a name but no IATI role, and the groups that nobody names."""

_Roles: TypeAlias = dict[tuple[str, str], tuple[str, Values]]
"""By IATI role and key of the organisation: how well the role fits, and the participation that gives it."""


def participants(project: Values, partners: Roster, options: MappingOptions) -> Participants:
    """Order: as the record states IATI's own, then by role and key. Table 3.6 of the mapping
    (`map/tables/roles.toml`).
    """
    organisations = partners.organisations
    own_roles = bool(options.roles)
    roles: _Roles = {}
    seen: dict[str, list[Values]] = {}
    for each in partners.participations:
        key = each["organisation"]
        if key not in organisations:
            continue
        seen.setdefault(key, []).append(each)
        asked = each["function"], each["phase"], each["manages_budget"] is True
        found = options.role(*asked) if own_roles else standard_roles[asked]
        if found is not None and organisations[key]["named"] is not False:
            role, fit = found
            known = roles.get((role, key))
            if known is None or (known[0] == "near" and fit == "exact"):
                roles[role, key] = fit, each
    if options.unmapped == "nearest":
        _give_nearest(roles, seen, organisations)
    stated: tuple[ParticipatingOrg, ...] = project["participating_orgs"]
    derived = _derived(stated, roles, organisations, with_channel=options.crs_channels)
    taking_part = _filled(stated, organisations) + derived if stated else derived
    with_role = {key for _, key in roles}
    if len(with_role) == len(seen):
        return taking_part, (), ()
    without = [(organisations[key], tuple(parts)) for key, parts in seen.items() if key not in with_role]
    unmapped = tuple([each for each in without if each[0]["named"] is not False])
    return taking_part, unmapped, tuple([each for each in without if each[0]["named"] is False])


def _give_nearest(roles: _Roles, seen: dict[str, list[Values]], organisations: dict[str | None, Values]) -> None:
    """The publisher's own choice: who has no IATI role counts as implementing."""
    with_role = {key for _, key in roles}
    for key, parts in seen.items():
        if key not in with_role and organisations[key]["named"] is not False:
            roles["4", key] = "nearest", parts[0]


def _filled(
    stated: tuple[ParticipatingOrg, ...], organisations: dict[str | None, Values]
) -> tuple[ParticipatingOrg, ...]:
    """What the record says in IATI's own terms stands as it is; a link to an organisation fills what is left blank."""
    return tuple([_one_filled(each, organisations.get(each.organisation)) for each in stated])


def _one_filled(each: ParticipatingOrg, organisation: Values | None) -> ParticipatingOrg:
    if organisation is None:
        return each
    return altered(
        each,
        ref=each.ref or identifier(organisation),
        type=each.type or organisation_type(organisation, None),
        names=each.names or organisation["names"],
    )


def _derived(
    stated: tuple[ParticipatingOrg, ...],
    roles: _Roles,
    organisations: dict[str | None, Values],
    *,
    with_channel: bool,
) -> tuple[ParticipatingOrg, ...]:
    places = sorted(roles)
    if stated:
        said = {(each.role, each.organisation) for each in stated if each.organisation}
        said |= {(each.role, each.ref) for each in stated if each.ref}
        places = [
            (role, key)
            for role, key in places
            if (role, key) not in said and (role, identifier(organisations[key])) not in said
        ]
    return tuple([_participating(organisations[at[1]], at[0], roles[at], with_channel) for at in places])


def _participating(
    organisation: Values,
    role: str,
    given: tuple[str, Values],
    with_channel: bool,  # noqa: FBT001 - called often, and by nobody else
) -> ParticipatingOrg:
    fit, part = given
    side = part["side"]
    values = blank(ParticipatingOrg)
    values["ref"] = identifier(organisation)
    values["type"] = organisation_type(organisation, side)
    values["role"] = role
    values["activity_id"] = part["activity_id"]
    values["crs_channel_code"] = channel(organisation, side) if with_channel else None
    values["organisation"] = organisation["key"]
    values["fit"] = fit
    values["names"] = organisation["names"]
    return shaped(ParticipatingOrg, values)


def identifier(organisation: Values) -> str | None:
    """The identifier that IATI gets: the first."""
    identifiers: tuple[str, ...] = organisation["identifiers"]
    return identifiers[0] if identifiers else None


def organisation_type(organisation: Values, side: str | None) -> str | None:
    """The IATI organisation type of an actor on a side of the initiative; None where its type is not stated."""
    return _types[organisation["actor_type"], organisation["sphere"], side]


def _type(actor_type: str | None, sphere: str | None, side: str | None) -> str | None:
    row = table("organisation_types").get(actor_type or "")
    if row is None:
        return None
    code: str = row.get(sphere) or row.get(side) or row["code"]
    return code


_types = Known(_type)


def channel(organisation: Values, side: str | None) -> str | None:
    """The CRS channel that says the type more closely, where there is one for this side."""
    return _channels[organisation["actor_type"], organisation["sphere"], side]


def _channel(actor_type: str | None, sphere: str | None, side: str | None) -> str | None:
    row = table("organisation_types").get(actor_type or "", {})
    if sphere in {"regional", "international"} and sphere in row:
        return row["channel"].get("any") if "channel" in row else None
    channels = row.get("channel", {})
    code: str | None = channels.get(side) or channels.get("any")
    return code


_channels = Known(_channel)


def display_name(organisation: Values, language: str | None) -> str:
    """The name in this language, else the first that there is, else the key."""
    return text_in(organisation["names"], language) or organisation["acronym"] or organisation["key"] or "?"


def text_in(texts: Texts, language: str | None) -> str | None:
    """The text in this language, else the one that names none, else the first."""
    found: Text | None = next((each for each in texts if each.lang == language), None)
    found = found or next((each for each in texts if each.lang is None), None)
    return found.text if found else (texts[0].text if texts else None)
