"""The kinds of our own checks, by the names that `rules/own.toml` gives them."""

from __future__ import annotations

from ssc_iati.standard.validator.kinds import Kind
from ssc_iati.standard.validator.own import dates, emails, languages, links, overlaps, providers, references, regions

KINDS: dict[str, Kind] = {
    "all_in_order": dates.all_in_order,
    "known_languages": languages.known_languages,
    "later_ones_not_in_future": dates.later_ones_not_in_future,
    "no_overlap": overlaps.no_overlap,
    "no_person": emails.no_person,
    "not_of_receiver": providers.not_of_receiver,
    "of_known_register": references.of_known_register,
    "plausible_number": references.plausible_number,
    "states": regions.states,
    "steps_in_order": dates.steps_in_order,
    "uris_if_any": links.uris_if_any,
    "web_addresses": links.web_addresses,
    "web_addresses_if_any": links.web_addresses_if_any,
}
