"""Identifiers that last: an activity keeps the one under which it was published, whatever becomes of its publisher.

IATI: an identifier never changes. Where the reporting organisation's own has changed, the former one is stated as
`other-identifier` of type B1; where an activity's had to, the former one as A3. Their owner is the reporting
organisation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ssc_iati.check.context import with_defaults
from ssc_iati.check.places import Draft, Values
from ssc_iati.record.project import Publisher, ReportingOrg

FORMER_REPORTER, FORMER_ACTIVITY = "B1", "A3"


class Lasting(NamedTuple):
    """What was decided: the former identifiers of who reports; of each activity that was renamed the former one, by
    the new.
    """

    former: tuple[str, ...] = ()
    renamed: Mapping[str, str] = {}

    def reporters(self, publisher: Publisher) -> frozenset[str]:
        """The identifiers of who publishes, now and before."""
        own = publisher.reporting_org.ref if publisher.reporting_org is not None else None
        return frozenset(filter(None, (own, *self.former)))


LASTING = Lasting()
"""Nothing ever changed."""


def settle_identifiers(
    drafts: Iterable[Draft], lasting: Lasting, published: Mapping[str, str], publisher: Publisher
) -> None:
    """Give each record the identifier under which its key was published, and state the former ones."""
    if not (published or lasting.former or lasting.renamed):
        return
    for draft in drafts:
        values = draft.values
        known = published.get(draft.key or "")
        if known is not None and not values.get("iati_identifier") and "imported_version" not in values:
            values["iati_identifier"] = known
        _state_former(values, lasting, publisher)


def _state_former(values: Values, lasting: Lasting, publisher: Publisher) -> None:
    whole = with_defaults(values, publisher)
    identifier, owner = whole.get("iati_identifier"), _owner(whole.get("reporting_org"))
    if not isinstance(identifier, str) or owner is None:
        return
    if identifier in lasting.renamed:
        _state(values, FORMER_ACTIVITY, lasting.renamed[identifier], owner)
    for each in lasting.former:
        if each != owner["ref"] and identifier.startswith(f"{each}-"):
            _state(values, FORMER_REPORTER, each, owner)


def _owner(reporter: Any) -> Values | None:  # noqa: ANN401 - a model of the configuration, or values
    said = reporter.model_dump(exclude_defaults=True) if isinstance(reporter, ReportingOrg) else reporter
    if not isinstance(said, dict) or not said.get("ref"):
        return None
    names = [dict(each) for each in said.get("names", ()) if isinstance(each, dict)]
    return {"ref": said["ref"], **({"names": names} if names else {})}


def _state(values: Values, kind: str, ref: str, owner: Values) -> None:
    stated = values.get("other_identifiers") or []
    if not isinstance(stated, list):
        return
    if not any(isinstance(each, dict) and (each.get("type"), each.get("ref")) == (kind, ref) for each in stated):
        values["other_identifiers"] = [*stated, {"ref": ref, "type": kind, "owner": owner}]
