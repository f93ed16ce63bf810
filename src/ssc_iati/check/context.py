"""What a check must know beside the record: who publishes, with which defaults, and what day it is."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from ssc_iati.findings import Severity
from ssc_iati.record.project import Publisher

Values = dict[str, Any]


class Context(NamedTuple):
    """The publisher, the day that counts as today, and from which severity on a record is set aside."""

    publisher: Publisher
    today: date
    reject: Severity = Severity.ERROR


def with_defaults(values: Values, publisher: Publisher) -> Values:
    """The record's values with what the publisher says once for all: reporter, language, currency; and the derived
    identifier.

    The identifier of a record that states none is the reporter's identifier, a hyphen and the record's key (IATI's
    own rule). What was imported from IATI stands as it is.
    """
    if "imported_version" in values:
        return values
    filled = dict(values)
    if publisher.reporting_org is not None:
        filled.setdefault("reporting_org", publisher.reporting_org)
    for name, value in (("language", publisher.language), ("default_currency", publisher.default_currency)):
        if value is not None:
            filled.setdefault(name, value)
    reporter, key = filled.get("reporting_org"), values.get("key")
    ref = reporter.get("ref") if isinstance(reporter, dict) else getattr(reporter, "ref", None)
    if "iati_identifier" not in filled and isinstance(ref, str) and isinstance(key, str):
        filled["iati_identifier"] = f"{ref}-{key}"
    return filled


def merged(config: Publisher | None, source: Publisher | None) -> Publisher:
    """The publisher of a run: what its configuration says, and what the source says where the configuration is
    silent.
    """
    said = [each for each in (source, config) if each is not None]
    values = {
        name: getattr(each, name) for each in said for name in each.model_fields_set if getattr(each, name) is not None
    }
    return Publisher.model_construct(**{**dict(Publisher()), **values})
