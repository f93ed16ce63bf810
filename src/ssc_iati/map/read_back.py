"""An activity with the `ssc` extension -> the record that it was made from: core and extension together give it back.

What the mapping derives from the partnership is recognised and taken out, so that it is not said twice. The test is the
mapping itself: only a record that gives the same activity again is believed. Where none does, somebody changed the one
or the other; then IATI's own elements stand as they are, with what the extension says beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from itertools import product
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

from lxml import etree
from pydantic import ValidationError

from ssc_iati.map.activity import aid_types, dated, mapped, render
from ssc_iati.map.equality import said
from ssc_iati.map.extension import PARTNERSHIP, SAID_BY_TAGS, Initiative, only_term
from ssc_iati.map.options import MappingOptions, sentence, table
from ssc_iati.map.places import SHARES_UNKNOWN, UNSPECIFIED_REGION, WGS_84
from ssc_iati.map.writer import attribute_name, element_name, kebab
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.places import joins
from ssc_iati.record.project import Activity, Project
from ssc_iati.record.values import SSC_NAMESPACE, At, Dated, Fact, Text, precision
from ssc_iati.record.visibility import public
from ssc_iati.standard import codelists

Values: TypeAlias = dict[str, Any]

BLOCK = f"{{{SSC_NAMESPACE}}}initiative"
_COMMON = ("key", "certainty", "visibility", "sources", "unknown")


class ReadBack(NamedTuple):
    """A record, and the fields in which IATI's elements say other than the extension."""

    values: Values
    disagree: tuple[str, ...] = ()


def read_back(values: Values, element: Any) -> ReadBack | None:  # noqa: ANN401
    """The record of an activity: `values` as its core alone gives them, `element` as it stood; None if the extension
    cannot be read, and then it is foreign XML like any other.
    """
    blocks = element.findall(BLOCK)
    core = deepcopy(values)
    if len(blocks) > 1 or not _join(Project, core):
        return None
    block = _facts(Initiative)(blocks[0]) if blocks else {}
    _drop_block(core)
    try:
        stated = Project.model_validate(core)
        candidates = [_undone(core, block, strip=strip) for strip in (True, False)]
        wanted = said(element)
        for candidate, options in product(candidates, _options(core)):
            if _gives(candidate, options, wanted):
                return ReadBack(candidate)
        other = mapped(public(Project.model_validate(candidates[0])), MappingOptions())[0]
    except ValidationError:
        return None
    if not blocks:
        return None
    return ReadBack(_beside(values, candidates[1], block), _differing(stated, other))


def _gives(candidate: Values, options: MappingOptions, wanted: Any) -> bool:  # noqa: ANN401
    """Whether the record gives the activity again."""
    made = render(public(Project.model_validate(candidate)), options)
    xml = dated(made.xml, made.updated).replace(
        b"<iati-activity", f'<iati-activity xmlns:ssc="{SSC_NAMESPACE}"'.encode(), 1
    )
    return bool(said(etree.fromstring(xml)) == wanted)


def _options(core: Values) -> Iterator[MappingOptions]:
    """The decisions of a publisher that the activity may have been mapped with."""
    nearest = any(each.get("fit") == "nearest" for each in core.get("participating_orgs", ()))
    for channels in (True, False):
        yield MappingOptions(unmapped="nearest" if nearest else "none", crs_channels=channels)


def _differing(stated: Project, other: Activity) -> tuple[str, ...]:
    names = [each.name for each in describe(Activity) if each.mark(At) is not None]
    return tuple(name for name in names if getattr(stated, name) != getattr(other, name))


def _beside(values: Values, candidate: Values, block: Values) -> Values:
    """The core as it stands, and the partnership that the extension tells."""
    found = deepcopy(values)
    _drop_block(found)
    told = [name for name in PARTNERSHIP if name in block] + sorted(SAID_BY_TAGS)
    more = {name: candidate[name] for name in ("key", *told) if name in candidate}
    documents = [each for each in candidate.get("document_links", ()) if "url" not in each]
    if documents:
        more["document_links"] = [*found.get("document_links", ()), *documents]
    return {**found, **more}


def _drop_block(values: Values) -> None:
    """Take the block out of what is kept of other XML; it has been read from the element."""
    kept = values.get("other_xml", {})
    for place, xml in list(kept.items()):
        if place == "*" and "<ssc:initiative" in xml:
            start, end = xml.index("<ssc:initiative"), xml.find("</ssc:initiative>")
            end = end + len("</ssc:initiative>") if end >= 0 else xml.index("/>", start) + 2
            kept[place] = xml[:start] + xml[end:]
            if not kept[place]:
                del kept[place]
    if "other_xml" in values and not kept:
        del values["other_xml"]


# --- The extension's own elements -------------------------------------------------------------------------------------

ReadFact: TypeAlias = Callable[[Any], Values]


@cache
def _facts(model: type[Fact]) -> ReadFact:
    """What reads a fact of the extension; the counterpart of the writer's partner models."""
    fields = [each for each in describe(model) if each.name not in Fact.model_fields]
    attributes = {
        attribute_name(each.name): each for each in fields if not each.many and not issubclass(each.kind, Fact)
    }
    children: dict[str, Described] = {}
    for each in fields:
        if issubclass(each.kind, Fact):
            children[f"{{{SSC_NAMESPACE}}}{element_name(each.kind)}"] = each
        elif each.many:
            children[f"{{{SSC_NAMESPACE}}}{kebab(each.name)}"] = each

    def read(element: Any) -> Values:  # noqa: ANN401
        values: Values = {}
        for name, value in element.attrib.items():
            if name in _COMMON:
                _put_common(values, name, value)
            elif name in attributes:
                values[attributes[name].name] = _simple(attributes[name], value)
        for child in element:
            field = children.get(child.tag)
            if field is not None:
                _put_child(values, field, child)
        return values

    return read


def _put_common(values: Values, name: str, value: str) -> None:
    values[name] = [unquote(each) for each in value.split()] if name in {"sources", "unknown"} else value


def _put_child(values: Values, field: Described, child: Any) -> None:  # noqa: ANN401
    if issubclass(field.kind, Fact):
        made: Any = _facts(field.kind)(child)
    elif field.kind is Text:
        language = child.get("{http://www.w3.org/XML/1998/namespace}lang")
        made = {"text": child.text or ""} if language is None else {"lang": language, "text": child.text or ""}
    else:
        made = child.text or ""
    if field.many:
        values.setdefault(field.name, []).append(made)
    else:
        values[field.name] = made


def _simple(field: Described, value: str) -> Any:  # noqa: ANN401
    return value.strip() in {"1", "true"} if field.kind is bool else value


# --- Attributes of the extension on IATI's elements -------------------------------------------------------------------


def _join(model: type[Fact], values: Values) -> bool:
    """Put the attributes of the extension into their fields, through all facts; False if one is not known."""
    kept = values.get("other_xml", {})
    if not all(_put_attribute(model, values, place) for place in [place for place in kept if "@ssc:" in place]):
        return False
    if "other_xml" in values and not kept:
        del values["other_xml"]
    below = [
        (each, values[each.name]) for each in describe(model) if issubclass(each.kind, Fact) and each.name in values
    ]
    return all(_join(each.kind, fact) for each, facts in below for fact in (facts if each.many else (facts,)))


def _put_attribute(model: type[Fact], values: Values, place: str) -> bool:
    """Put one attribute where it belongs; False if no field is known for it."""
    kept = values["other_xml"]
    way, _, name = place.partition("@ssc:")
    known = joins(model).get(f"{way}{name}")
    if not way and name in _COMMON:
        _put_common(values, name, kept.pop(place))
    elif known is not None:
        values[known.name] = _simple(known, kept.pop(place))
    elif name == "precision":
        return _put_precision(model, values, way, kept)
    return known is not None or name in {*_COMMON, "precision", "range"}


def _put_precision(model: type[Fact], values: Values, way: str, kept: dict[str, str]) -> bool:
    """The date again as the record knows it: a month, a year, a range."""
    known = kept.pop(f"{way}@ssc:precision")
    whole = kept.pop(f"{way}@ssc:range", None)
    for each in describe(model):
        mark = each.mark(At)
        is_date = each.mark(Dated) is not None and each.name in values
        if mark is not None and is_date and mark.path.startswith(f"{way}@"):
            day = values[each.name]
            values[each.name] = {"range": whole or day, "year": day[:4], "month": day[:7]}.get(known, day)
            return True
    return False


# --- What the mapping derived -----------------------------------------------------------------------------------------


def _undone(core: Values, block: Values, *, strip: bool) -> Values:
    """The record without what the mapping adds; `strip` also takes from the core what organisations say already."""
    record = deepcopy(core)
    block = deepcopy(block)
    documents = block.pop("document_links", [])
    key = block.pop("key", None)
    record |= {name: value for name, value in block.items() if name in PARTNERSHIP}
    reporter = record.get("reporting_org", {}).get("ref")
    identifier = record.get("iati_identifier", "")
    record["key"] = key or (identifier.removeprefix(f"{reporter}-") if reporter else identifier) or core.get("key")
    record.pop("imported_version", None)
    if documents:
        record["document_links"] = [*record.get("document_links", ()), *documents]
    for undo in (_organisations, _texts, _places, _tags, _money, _classifications):
        undo(record)
    if strip:
        _sides(record)
    return {name: value for name, value in record.items() if value not in ([], None)}


def _organisations(record: Values) -> None:
    """Names and identifiers from the participating organisations that the core has; those with a fit are derived."""
    stated = record.get("participating_orgs", [])
    joined = {each["organisation"]: each for each in stated if "organisation" in each}
    for each in record.get("organisations", ()):
        stands = joined.get(each.get("key"))
        if stands is not None and "names" not in each:
            each["names"] = deepcopy(stands.get("names", []))
            if "ref" in stands:
                each["identifiers"] = [stands["ref"], *each.get("identifiers", ())]
    record["participating_orgs"] = [each for each in stated if "fit" not in each]


def _texts(record: Values) -> None:
    record["descriptions"] = [each for each in record.get("descriptions", ()) if not each.get("derived")]
    for each in record.get("activity_dates", ()):
        date, notes = each.get("date"), each.get("note", [])
        if date is not None and len(date) != len("2024-01-31") and notes:
            spoken, words = sentence(precision(date), record.get("language"), date=date)
            if notes[-1] == {"lang": spoken, "text": words}:
                del notes[-1]
                each.pop("spellings", None)
                if not notes:
                    del each["note"]


def _places(record: Values) -> None:
    """Countries and regions whose shares are unknown stand as locations; the region 998 stands for them."""
    locations, countries, regions = [], record.get("recipient_countries", []), record.get("recipient_regions", [])
    unspecified = [each for each in regions if each.get("derived") == SHARES_UNKNOWN]
    regions = [each for each in regions if each.get("derived") != SHARES_UNKNOWN]
    for each in record.get("locations", ()):
        if each.get("srs_name") == WGS_84:
            del each["srs_name"]
        if each.get("derived") != SHARES_UNKNOWN or not unspecified:
            locations.append(each)
        elif each.get("administrative"):
            countries.append(_without(each, code=each["administrative"][0].get("code")))
        else:
            regions.append(_without(each, code=each.get("ref")))
    for each in regions:
        named = _named_region(each, record.get("language"))
        if unspecified and each.get("names") == named:
            del each["names"]
    if unspecified and len(countries) + len(regions) == 1:  # one place alone has no share to be unknown
        regions.insert(0, {"code": UNSPECIFIED_REGION})
    record |= {"locations": locations, "recipient_countries": countries, "recipient_regions": regions}


def _without(location: Values, **more: Any) -> Values:  # noqa: ANN401
    return more | {name: value for name, value in location.items() if name in {"names", "certainty"}}


def _named_region(region: Values, language: str | None) -> list[Values] | None:
    spoken = language if language in {"en", "es", "pt", "fr"} else "en"
    code = region.get("code")
    if code is None or not codelists.has("Region", code):
        return None
    return [{"lang": spoken, "text": codelists.name("Region", code, str(spoken))}]


def _tags(record: Values) -> None:
    """The tags of our own vocabularies say the modality, the framework, and the types of mechanisms."""
    meant = {uri: name for name, uri in table("classifications")["tag"].items()}
    kept = []
    for each in record.get("tags", ()):
        name = meant.get(each.get("vocabulary_uri"))
        if name in SAID_BY_TAGS and name not in record:
            record[name] = each.get("code")
        elif name is None or name in SAID_BY_TAGS:
            kept.append(each)
    record["tags"] = kept


def _money(record: Values) -> None:
    """Contributions have their amounts in the transactions that state them; dates of rates may be derived."""
    given = {
        each["key"]: each
        for participation in record.get("participations", ())
        for each in participation.get("contributions", ())
        if "key" in each
    }
    for name in ("budgets", "planned_disbursements", "transactions"):
        stays = []
        for each in record.get(name, ()):
            contribution = given.get(each.get("contribution"))
            if contribution is not None and "amount" not in contribution:
                _give_back(contribution, each, planned=name == "planned_disbursements")
                continue
            if each.pop("value_date_basis", None) is not None:
                each.pop("value_date", None)
            stays.append(each)
        record[name] = stays


def _give_back(contribution: Values, stated: Values, *, planned: bool) -> None:
    contribution |= {"amount": stated.get("value"), "currency": stated.get("currency")}
    if "value_date_basis" not in stated:
        contribution.setdefault("value_date", stated.get("value_date"))
    if not planned:
        contribution.setdefault("date", stated.get("date"))
    elif "period_start" not in contribution:
        start, end = stated.get("period_start", ""), contribution.get("period_end", "")
        ends = "period_end" in stated or end[:10] >= start[: len(end[:10])] > "" or "date" in contribution
        contribution["period_start" if ends else "date"] = stated.get("period_start")
        if "period_end" in stated:
            contribution.setdefault("period_end", stated["period_end"])
    for name in [name for name, value in contribution.items() if value is None]:
        del contribution[name]


def _classifications(record: Values) -> None:
    """The codes that follow from the record's own terms."""
    classes = table("classifications")
    by_code = [term for term, code in classes["activity_status"].items() if code == record.get("activity_status")]
    if "status" in record:
        derived = classes["activity_status"].get(record["status"]) == record.get("activity_status")
        if derived and not only_term(record["status"]):  # else it would not stand in the extension: IATI's was stated
            record.pop("activity_status", None)
    elif len(by_code) == 1:
        record["status"] = by_code[0]
        del record["activity_status"]
    if classes["collaboration_type"].get(record.get("modality")) == record.get("collaboration_type"):
        record.pop("collaboration_type", None)
    aid = [{"code": each.code} for each in aid_types(Project.model_validate({**record, "default_aid_types": []}))]
    if record.get("default_aid_types") == aid:
        record["default_aid_types"] = []


def _sides(record: Values) -> None:
    """What a provider or receiver says as its organisation does is said there."""
    organisations = {each.get("key"): each for each in record.get("organisations", ())}
    for money in (*record.get("transactions", ()), *record.get("planned_disbursements", ())):
        for name in ("provider", "receiver"):
            side = money.get(name, {})
            organisation = organisations.get(side.get("organisation"))
            if organisation is None:
                continue
            if side.get("ref") == next(iter(organisation.get("identifiers", ())), None):
                side.pop("ref", None)
            if side.get("names") == organisation.get("names"):
                side.pop("names", None)
            side.pop("type", None)
