"""What a check must know beside the record: who publishes, with which defaults, and what day it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, NamedTuple, Self

from ssc_iati.findings import Severity
from ssc_iati.record.project import Publisher

Values = dict[str, Any]
_DAY = timedelta(days=1)
_LAST = date.max
_LAST_INSTANT = int(datetime(_LAST.year, _LAST.month, _LAST.day, tzinfo=UTC).timestamp() * 1000)


class Today(date):
    """The day that counts as today, which remembers the next day on which a comparison with it comes out otherwise.

    So a run over what did not change knows whether there is anything to look at again. What is reckoned from it (a
    year ago, say) may come out otherwise tomorrow.
    """

    awaited: ClassVar[date | None] = None

    @classmethod
    def of(cls, day: date) -> Today:
        """The day, as one that remembers."""
        return cls(day.year, day.month, day.day)

    @classmethod
    def review(cls) -> date | None:
        """The day that has been waited for since this was last asked, if any."""
        awaited, Today.awaited = Today.awaited, None
        return awaited

    def _await(self, other: object) -> None:
        if type(other) is date and other.toordinal() < self.toordinal():
            return  # what is past does not come again: nearly every comparison ends here
        if isinstance(other, date):
            day = date(other.year, other.month, other.day)
            for turn in (day, min(day, _LAST - _DAY) + _DAY):  # equal to it, then beyond it
                if turn > date(self.year, self.month, self.day):
                    Today.awaited = turn if Today.awaited is None else min(turn, Today.awaited)
                    return

    def __lt__(self, other: date, /) -> bool:
        self._await(other)
        return super().__lt__(other)

    def __le__(self, other: date, /) -> bool:
        self._await(other)
        return super().__le__(other)

    def __gt__(self, other: date, /) -> bool:
        self._await(other)
        return super().__gt__(other)

    def __ge__(self, other: date, /) -> bool:
        self._await(other)
        return super().__ge__(other)

    def __eq__(self, other: object, /) -> bool:
        self._await(other)
        return super().__eq__(other)

    def __ne__(self, other: object, /) -> bool:
        self._await(other)
        return super().__ne__(other)

    __hash__ = date.__hash__

    def __add__(self, other: timedelta, /) -> Self:
        self._await(self)
        return super().__add__(other)

    def __sub__(self, other: Any, /) -> Any:  # noqa: ANN401 - a day or a span, as `date` has it
        self._await(self)
        return super().__sub__(other)

    def __rsub__(self, other: date, /) -> timedelta:
        self._await(self)
        return timedelta(other.toordinal() - self.toordinal())


class LastInstant(int):
    """The last instant of such a day, in milliseconds since 1970, which remembers as the day does: for who compares
    instants.
    """

    def _await(self, other: int) -> None:
        if int(self) < other <= _LAST_INSTANT:  # IATI admits years of five digits, for which nobody waits
            turn = datetime.fromtimestamp(other / 1000, UTC).date()
            Today.awaited = turn if Today.awaited is None else min(turn, Today.awaited)

    def __lt__(self, other: int, /) -> bool:
        self._await(other)
        return int(self) < other

    def __le__(self, other: int, /) -> bool:
        self._await(other)
        return int(self) <= other

    def __gt__(self, other: int, /) -> bool:
        self._await(other)
        return int(self) > other

    def __ge__(self, other: int, /) -> bool:
        self._await(other)
        return int(self) >= other


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
