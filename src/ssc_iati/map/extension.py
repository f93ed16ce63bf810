"""The `ssc` extension: the partnership that IATI cannot hold, and only that; joined to the core by `ssc:` attributes.

An organisation that stands in the core keeps its names and first identifier there; a contribution that became a
transaction keeps
its amount, currency and date there. Core and extension together give the record back.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ssc_iati.map.money import Derived
from ssc_iati.map.options import table
from ssc_iati.map.participants import identifier
from ssc_iati.map.roster import Values
from ssc_iati.record.activity import DocumentLink
from ssc_iati.record.organisations import Contribution, Organisation, Participation
from ssc_iati.record.project import Partnership, Project
from ssc_iati.record.values import Fact, altered, blank, shaped

EXTENSION_VERSION = "1"
Joined = Mapping[str | None, Values]


class Initiative(Partnership):
    """The block of the extension: the partnership, and the documents that have no address."""

    version: str | None = None
    document_links: tuple[DocumentLink, ...] = ()


# What a tag of the project's own vocabularies already says in the core.
SAID_BY_TAGS = {"modality", "framework_tossd"}
PARTNERSHIP = tuple(
    name for name in Partnership.model_fields if name not in Fact.model_fields and name not in SAID_BY_TAGS
)


def initiative(project: Project, joined: Joined, derived: Derived) -> Initiative | None:
    """What stands in the extension; None where there is nothing, then no block is written.

    `joined`: the values of the participating organisations of the core by the keys of the record's; `derived`: the
    contributions that the core states as money.
    """
    stated = project.__dict__
    values = blank(Initiative)
    for name in PARTNERSHIP:
        values[name] = stated[name]
    if stated["activity_status"] is None and only_term(stated["status"]):
        values["status"] = None
    links = stated["document_links"]
    documents = tuple([each for each in links if each.url is None]) if links else ()
    if not documents and not any(values.values()):
        return None
    organisations = sorted(stated["organisations"], key=_key)  # no layout has an order of its own
    values["organisations"] = tuple([_organisation(each, joined) for each in organisations])
    if derived:
        values["participations"] = tuple([_participation(each, derived) for each in stated["participations"]])
    values["version"] = EXTENSION_VERSION
    values["key"] = _own_key(stated)
    values["document_links"] = documents
    return shaped(Initiative, values)


def _key(organisation: Organisation) -> str:
    return organisation.__dict__["key"] or ""


@cache
def only_term(status: str | None) -> bool:
    """Whether the IATI status in the core gives the term back (pipeline may mean identification or negotiation)."""
    codes = table("classifications")["activity_status"]
    return status in codes and list(codes.values()).count(codes[status]) == 1


def _own_key(project: Values) -> str | None:
    """The record's key, where the identifier does not end in it."""
    reporter, key = project["reporting_org"], project["key"]
    derived = f"{reporter.ref}-{key}" if reporter else None
    return None if project["iati_identifier"] == derived else key


def _organisation(each: Organisation, joined: Joined) -> Organisation:
    """What the core says of an organisation is left out, if the core says it as the record does."""
    values = each.__dict__
    stands = joined.get(values["key"]) if values["key"] is not None else None
    if stands is None or stands["names"] != values["names"] or stands["ref"] != identifier(values):
        return each
    values = values.copy()
    values["names"], values["identifiers"] = (), values["identifiers"][1:]
    return shaped(Organisation, values)


def _participation(each: Participation, derived: Derived) -> Participation:
    if not any(id(given) in derived for given in each.contributions):
        return each
    return altered(each, contributions=tuple(_contribution(given, derived) for given in each.contributions))


def _contribution(each: Contribution, derived: Derived) -> Contribution:
    """A contribution without a key cannot be joined to its transaction: it keeps what it says."""
    if each.key is None or id(each) not in derived:
        return each
    return altered(each, **dict.fromkeys(derived[id(each)]))
