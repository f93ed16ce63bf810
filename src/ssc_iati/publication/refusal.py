"""The one exception of a run that must not publish."""

from __future__ import annotations

from ssc_iati.findings import Finding
from ssc_iati.run import Report


class Unpublishable(Exception):  # noqa: N818 - the house's word for it
    """The guard refused, and what stands stays: raised in one place, with the findings that say why and the report of
    the run.
    """

    def __init__(self, refusals: list[Finding], report: Report) -> None:
        super().__init__(", ".join(each.rule for each in refusals))
        self.refusals = refusals
        self.report = report
