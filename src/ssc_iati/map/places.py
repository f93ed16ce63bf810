"""Countries, regions, places. Shares that nobody knows are not invented: region 998, and each place as a location."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TypeAlias

from ssc_iati.map.options import MappingOptions
from ssc_iati.map.roster import Values
from ssc_iati.record import terms
from ssc_iati.record.activity import Administrative, Location, RecipientCountry, RecipientRegion
from ssc_iati.record.values import Text, altered, made
from ssc_iati.standard import codelists

WGS_84 = "http://www.opengis.net/def/crs/EPSG/0/4326"
UNSPECIFIED_REGION = "998"
SHARES_UNKNOWN = "country-shares-unknown"
ASSUMED = "equal-split-assumed"
DAC = "1"


Geography: TypeAlias = tuple[tuple[RecipientCountry, ...], tuple[RecipientRegion, ...], tuple[Location, ...]]
"""What IATI says of places: countries, regions, locations."""


def geography(project: Values, options: MappingOptions) -> Geography:
    """As stated; several places of which none has a share are treated as the publisher decides."""
    countries, regions, locations = project["recipient_countries"], project["recipient_regions"], project["locations"]
    if locations:
        locations = tuple([_with_system(each) for each in locations])
    if len(countries) + len(regions) < 2 or any(each.percentage is not None for each in (*countries, *regions)):
        return countries, regions, locations
    lists = Counter(each.vocabulary or DAC for each in regions)
    if len(countries) + max(lists.values(), default=0) < 2:
        return countries, regions, locations
    if options.country_shares == "equal" and len(lists) <= 1:
        return *_split(countries, regions), locations
    unspecified = made(RecipientRegion, code=UNSPECIFIED_REGION, vocabulary=DAC, derived=SHARES_UNKNOWN)
    named = [_country_as_location(each) for each in countries]
    named += [_region_as_location(each, project["language"]) for each in regions if each.code != UNSPECIFIED_REGION]
    return (), (unspecified,), (*locations, *named)


def _with_system(location: Location) -> Location:
    if location.pos is None or location.srs_name is not None:
        return location
    return altered(location, srs_name=WGS_84)


def _country_as_location(country: RecipientCountry) -> Location:
    division = made(Administrative, code=country.code, vocabulary="A4")
    return made(
        Location,
        derived=SHARES_UNKNOWN,
        names=country.names,
        administrative=(division,),
        certainty=country.certainty,
    )


def _region_as_location(region: RecipientRegion, language: str | None) -> Location:
    """IATI has no gazetteer of regions: the code is the reference, and the name tells it."""
    names = region.names
    if not names and region.code is not None and (region.vocabulary or DAC) == DAC:
        spoken = language if language in terms.LANGUAGES else "en"
        names = (made(Text, lang=spoken, text=codelists.name("Region", region.code, spoken)),)
    return made(Location, derived=SHARES_UNKNOWN, ref=region.code, names=names, certainty=region.certainty)


def _split(
    countries: tuple[RecipientCountry, ...], regions: tuple[RecipientRegion, ...]
) -> tuple[tuple[RecipientCountry, ...], tuple[RecipientRegion, ...]]:
    """Even shares to two decimals, the first taking what is left over, each marked as assumed."""
    number = len(countries) + len(regions)
    share = (Decimal(100) / number).quantize(Decimal("0.01"))
    shares = [Decimal(100) - share * (number - 1), *[share] * (number - 1)]
    return (
        tuple(altered(each, percentage=part, basis=ASSUMED) for each, part in zip(countries, shares, strict=False)),
        tuple(
            altered(each, percentage=part, derived=ASSUMED)
            for each, part in zip(regions, shares[len(countries) :], strict=True)
        ),
    )
