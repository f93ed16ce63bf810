"""The kinds of checks that `rulesets.toml` names: each makes, of what a check asks for, the test that finds its
faults.

A test is told an element of the context, what was gathered of the activity, and the instant that counts as now; it
gives the faults, mostly none. What each kind tests, and where it is lenient, follows the official validator.
"""

from __future__ import annotations

from ssc_iati.standard.validator.kinds import dates, presence, shares, texts
from ssc_iati.standard.validator.kinds.base import (
    NONE,
    Fault,
    Faults,
    Kind,
    Made,
    Spot,
    Test,
    TextCheck,
    Wants,
    made,
)

__all__ = ["KINDS", "NONE", "Fault", "Faults", "Kind", "Made", "Spot", "Test", "TextCheck", "Wants", "made"]

KINDS: dict[str, Kind] = {
    "all_different": texts.all_different,
    "any_of": presence.any_of,
    "as_many_narratives": presence.as_many_narratives,
    "at_most_a_year": dates.at_most_a_year,
    "at_most_one": shares.at_most_one,
    "begins_with": texts.begins_with,
    "default_or_each": presence.default_or_each,
    "each_has_share": shares.each_has_share,
    "here_or_in_each": presence.here_or_in_each,
    "in_order": dates.in_order,
    "in_range": shares.in_range,
    "is_number": shares.is_number,
    "no_spaces": texts.no_spaces,
    "no_symbols": texts.no_symbols,
    "none_of": presence.none_of,
    "not_both": presence.not_both,
    "not_here_and_above": presence.not_here_and_above,
    "not_in_future": dates.not_in_future,
    "one_of_them": presence.one_of_them,
    "only_share_is_100": shares.only_share_is_100,
    "registered": texts.registered,
    "shares_sum_to_100": shares.shares_sum_to_100,
    "some_share": shares.some_share,
    "within": dates.within,
}
