"""Participations -> participating organisations: one for each organisation and IATI role, never a role that it has
not.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ssc_iati.map.options import MappingOptions, table
from ssc_iati.record.organisations import Organisation, ParticipatingOrg, Participation
from ssc_iati.record.project import Project
from ssc_iati.record.values import Text, Texts, altered, made


class Participants(NamedTuple):
    """The participating organisations, those that have a name but no IATI role, and the groups that nobody names."""

    mapped: tuple[ParticipatingOrg, ...]
    unmapped: tuple[tuple[Organisation, tuple[Participation, ...]], ...]
    groups: tuple[tuple[Organisation, tuple[Participation, ...]], ...]


class _Part(NamedTuple):
    fit: str
    participation: Participation


def participants(project: Project, options: MappingOptions) -> Participants:
    """Order: as the record states IATI's own, then by role and key. Table 3.6 of the mapping
    (`map/tables/roles.toml`).
    """
    organisations: dict[str | None, Organisation] = {each.key: each for each in project.organisations if each.key}
    roles: dict[tuple[str, str], _Part] = {}
    seen: dict[str, list[Participation]] = {}
    for each in project.participations:
        if each.organisation is None or each.organisation not in organisations:
            continue
        seen.setdefault(each.organisation, []).append(each)
        role = options.role(each.function, each.phase, manages_budget=each.manages_budget is True)
        if role is not None and organisations[each.organisation].named is not False:
            _note(roles, (role[0], each.organisation), _Part(role[1], each))
    if options.unmapped == "nearest":
        _give_nearest(roles, seen, organisations)
    with_role = {key for _, key in roles}
    without = tuple((organisations[key], tuple(parts)) for key, parts in seen.items() if key not in with_role)
    return Participants(
        _stated(project, organisations) + _derived(project, roles, organisations, options),
        tuple(each for each in without if each[0].named is not False),
        tuple(each for each in without if each[0].named is False),
    )


def _note(roles: dict[tuple[str, str], _Part], place: tuple[str, str], part: _Part) -> None:
    known = roles.get(place)
    if known is None or (known.fit == "near" and part.fit == "exact"):
        roles[place] = part


def _give_nearest(
    roles: dict[tuple[str, str], _Part],
    seen: dict[str, list[Participation]],
    organisations: dict[str | None, Organisation],
) -> None:
    """The publisher's own choice: who has no IATI role counts as implementing."""
    with_role = {key for _, key in roles}
    for key, parts in seen.items():
        if key not in with_role and organisations[key].named is not False:
            roles["4", key] = _Part("nearest", parts[0])


def _stated(project: Project, organisations: dict[str | None, Organisation]) -> tuple[ParticipatingOrg, ...]:
    """What the record says in IATI's own terms stands as it is; a link to an organisation fills what is left blank."""
    return tuple(_filled(each, organisations.get(each.organisation)) for each in project.participating_orgs)


def _filled(each: ParticipatingOrg, organisation: Organisation | None) -> ParticipatingOrg:
    if organisation is None:
        return each
    update = {
        "ref": each.ref or identifier(organisation),
        "type": each.type or organisation_type(organisation, None),
        "names": each.names or organisation.names,
    }
    return altered(each, **update)


def _derived(
    project: Project,
    roles: dict[tuple[str, str], _Part],
    organisations: dict[str | None, Organisation],
    options: MappingOptions,
) -> tuple[ParticipatingOrg, ...]:
    stated = {(each.role, each.organisation) for each in project.participating_orgs if each.organisation}
    stated |= {(each.role, each.ref) for each in project.participating_orgs if each.ref}
    return tuple(
        _participating(organisations[key], role, roles[role, key], options)
        for role, key in sorted(roles)
        if (role, key) not in stated and (role, identifier(organisations[key])) not in stated
    )


def _participating(organisation: Organisation, role: str, part: _Part, options: MappingOptions) -> ParticipatingOrg:
    side = part.participation.side
    return made(
        ParticipatingOrg,
        ref=identifier(organisation),
        type=organisation_type(organisation, side),
        role=role,
        activity_id=part.participation.activity_id,
        crs_channel_code=channel(organisation, side) if options.crs_channels else None,
        organisation=organisation.key,
        fit=part.fit,
        names=organisation.names,
    )


def identifier(organisation: Organisation) -> str | None:
    """The identifier that IATI gets: the first."""
    return organisation.identifiers[0] if organisation.identifiers else None


def organisation_type(organisation: Organisation, side: str | None) -> str | None:
    """The IATI organisation type of an actor on a side of the initiative; None where its type is not stated."""
    return _type(organisation.actor_type or "", organisation.sphere or "", side or "")


@cache
def _type(actor_type: str, sphere: str, side: str) -> str | None:
    row = table("organisation_types").get(actor_type)
    if row is None:
        return None
    code: str = row.get(sphere) or row.get(side) or row["code"]
    return code


def channel(organisation: Organisation, side: str | None) -> str | None:
    """The CRS channel that says the type more closely, where there is one for this side."""
    return _channel(organisation.actor_type or "", organisation.sphere or "", side or "")


@cache
def _channel(actor_type: str, sphere: str, side: str) -> str | None:
    row = table("organisation_types").get(actor_type, {})
    if sphere in {"regional", "international"} and sphere in row:
        return row["channel"].get("any") if "channel" in row else None
    channels = row.get("channel", {})
    code: str | None = channels.get(side) or channels.get("any")
    return code


def display_name(organisation: Organisation, language: str | None) -> str:
    """The name in this language, else the first that there is, else the key."""
    return text_in(organisation.names, language) or organisation.acronym or organisation.key or "?"


def text_in(texts: Texts, language: str | None) -> str | None:
    """The text in this language, else the one that names none, else the first."""
    found: Text | None = next((each for each in texts if each.lang == language), None)
    found = found or next((each for each in texts if each.lang is None), None)
    return found.text if found else (texts[0].text if texts else None)
