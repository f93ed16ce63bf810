"""Countries, regions and places; shares that nobody knows are not invented."""

from decimal import Decimal

import official_rules
import pytest

import builders

SSC = "{urn:ssc-iati:extension:1}"
DAC_CARIBBEAN, DAC_SOUTH_AMERICA = "1031", "489"


def countries(*codes, **more):
    return [{"code": code, **more} for code in codes]


def places(element):
    return [each.get("code") for each in element if each.tag in {"recipient-country", "recipient-region"}]


def test_a_single_country_stands_as_it_is(activity):
    made = activity(recipient_countries=countries("HN"))

    assert places(made) == ["HN"]
    assert made.find("location") is None


def test_stated_shares_stand_as_they_are(activity):
    made = activity(recipient_countries=[{"code": "HN", "percentage": "33.3"}, {"code": "BT", "percentage": "66.7"}])

    assert [each.get("percentage") for each in made.iter("recipient-country")] == ["33.3", "66.7"]


def test_countries_of_unknown_shares_are_places_in_an_unspecified_region(activity):
    made = activity(recipient_countries=countries("CR", "BJ", "BT"))

    region = made.find("recipient-region")
    assert places(made) == ["998"]
    assert (region.get("vocabulary"), region.get("percentage"), region.get(f"{SSC}derived")) == (
        "1",
        None,
        "country-shares-unknown",
    )
    assert [each.get("code") for each in made.iterfind("location/administrative[@vocabulary='A4']")] == [
        "CR",
        "BJ",
        "BT",
    ]


def test_places_of_the_record_stand_before_those_that_the_mapping_adds(activity):
    made = activity(recipient_countries=countries("CR", "BJ"), locations=[{"ref": "own", "pos": "1 2"}])

    assert [each.get("ref") for each in made.iter("location")] == ["own", None, None]


@pytest.mark.parametrize("number", [2, 3, 6, 7, 9, 11])
def test_a_publisher_may_split_evenly_and_every_share_says_so(activity, number):
    codes = ("CR", "BJ", "BT", "HN", "HT", "MX", "CO", "BR", "CL", "PE", "EC")[:number]

    made = activity({"country_shares": "equal"}, recipient_countries=countries(*codes))

    found = made.findall("recipient-country")
    assert sum(Decimal(each.get("percentage")) for each in found) == 100
    assert {each.get(f"{SSC}basis") for each in found} == {"equal-split-assumed"}
    assert {Decimal(each.get("percentage")) for each in found[1:]} == {round(Decimal(100) / number, 2)}


def test_stated_shares_are_never_split_anew(activity):
    stated = [{"code": "HN", "percentage": "90"}, {"code": "BT", "percentage": "10"}]

    made = activity({"country_shares": "equal"}, recipient_countries=stated)

    assert [each.get("percentage") for each in made.iter("recipient-country")] == ["90", "10"]
    assert all(each.get(f"{SSC}basis") is None for each in made.iter("recipient-country"))


@pytest.mark.parametrize("vocabulary", [{}, {"vocabulary": "1"}])
@pytest.mark.parametrize("codes", [(DAC_CARIBBEAN, DAC_SOUTH_AMERICA), (DAC_CARIBBEAN, "998")])
@pytest.mark.parametrize("country", [(), ("HN",), ("HN", "BT")])
def test_regions_of_unknown_shares_are_named_as_places_too(activity, country, codes, vocabulary):
    made = activity(recipient_countries=countries(*country), recipient_regions=countries(*codes, **vocabulary))

    named = {each.get("ref"): each.findtext("name/narrative") for each in made.iterfind("location[name]")}
    assert places(made) == ["998"]
    assert list(named) == [code for code in codes if code != "998"]
    assert all(name and not name.isdecimal() for name in named.values())
    assert official_rules.broken(made, builders.TODAY) == []


def test_regions_can_be_split_evenly_with_countries(activity):
    made = activity(
        {"country_shares": "equal"},
        recipient_countries=countries("HN"),
        recipient_regions=countries(DAC_CARIBBEAN, DAC_SOUTH_AMERICA),
    )

    assert [each.get("percentage") for each in made if each.tag.startswith("recipient-")] == ["33.34", "33.33", "33.33"]
    assert {each.get(f"{SSC}derived") for each in made.iter("recipient-region")} == {"equal-split-assumed"}


def test_one_region_in_two_vocabularies_is_not_two_places(activity):
    regions = [{"code": DAC_CARIBBEAN, "vocabulary": "1"}, {"code": "x", "vocabulary": "99"}]

    made = activity(recipient_countries=[], recipient_regions=regions)

    assert places(made) == [DAC_CARIBBEAN, "x"]


def test_a_point_without_a_system_is_in_that_of_the_world(activity):
    made = activity(locations=[{"pos": "1 2"}, {"pos": "3 4", "srs_name": "urn:x"}, {"ref": "none"}])

    systems = [each.get("srsName") for each in made.iter("point")]
    assert systems == ["http://www.opengis.net/def/crs/EPSG/0/4326", "urn:x"]
