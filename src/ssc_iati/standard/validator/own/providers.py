"""The provider's activity that by its identifier belongs to the receiver: money that would come from where it goes."""

from __future__ import annotations

from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import NONE, Fault, Faults, Spot, Test, Wants
from ssc_iati.standard.validator.paths import text
from ssc_iati.text import fold

_ACTIVITY = "provider-activity-id"
_INCOMING = frozenset({"1", "11", "13"})  # funds, commitment, pledge that the reporter receives
_REPORTER, _OWN = "iati-activity/reporting-org", "iati-activity/iati-identifier"


def not_of_receiver(wants: Wants) -> Test:
    """The provider's activity does not begin with the receiver's reference, nor is it the very activity of a reporter
    that receives.

    Nothing is wrong where provider and receiver are one organisation, by reference or name, or where the identifier
    begins with the provider's reference; and nothing is known of a provider that has neither reference nor name.
    """
    rule = wants.rule
    wants.paths |= {_REPORTER, _OWN}

    def test(provider: Element, found: Found, _now: int) -> Faults:
        activity = provider.get(_ACTIVITY, "").strip()
        if not activity:
            return NONE
        reference, names = _reference(provider), _names(provider)
        if (not reference and not names) or (reference and activity.startswith(f"{reference}-")):
            return NONE
        receiver = _receiver(provider, found, activity)
        if receiver is None or reference == _reference(receiver) or (not reference and names & _names(receiver)):
            return NONE
        said = {"value": activity, "receiver": _reference(receiver)}
        return (Fault(rule, (Spot(provider, _ACTIVITY),), said),)

    return test


def _receiver(provider: Element, found: Found, activity: str) -> Element | None:
    """The receiver to whom the activity belongs, if it does."""
    parent = provider.getparent()
    stated = None if parent is None else next(parent.iterchildren("receiver-org"), None)
    reporter = next(iter(found[_REPORTER]), None)
    is_incoming = parent is not None and _type(parent) in _INCOMING
    receiver = reporter if is_incoming and (stated is None or not _reference(stated)) else stated
    reference = "" if receiver is None else _reference(receiver)
    if not reference:
        return None
    is_reporters = reporter is not None and reference == _reference(reporter)
    is_own = is_reporters and any(text(each).strip() == activity for each in found[_OWN])
    return receiver if is_own or activity.startswith(f"{reference}-") else None


def _type(transaction: Element) -> str:
    child = next(transaction.iterchildren("transaction-type"), None)
    return "" if child is None else child.get("code", "")


def _reference(organisation: Element) -> str:
    return organisation.get("ref", "").strip()


def _names(organisation: Element) -> set[str]:
    return {fold(text(each)) for each in organisation.iterchildren("narrative")} - {""}
