"""Alerts: what needs a person is told when it begins and when it ends, by e-mail and to a web address; not again."""

from ssc_iati.alerts.options import AlertOptions
from ssc_iati.alerts.tell import Memory, Now, tell

__all__ = ["AlertOptions", "Memory", "Now", "tell"]
