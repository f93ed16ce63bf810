"""A draft becomes what an organisation says of itself, or what is wrong with it is said."""

from __future__ import annotations

from pydantic import ValidationError

from ssc_iati.check.codes import faults
from ssc_iati.check.context import Context
from ssc_iati.check.places import Draft
from ssc_iati.check.project import say_fault, say_refused
from ssc_iati.record.organisation_file import OrganisationFile


def check_organisation_file(draft: Draft, _context: Context) -> OrganisationFile | None:
    """The organisation's record, if the draft can be read as one; whatever is wrong is added to the findings."""
    try:
        record = OrganisationFile.model_validate(draft.values)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            say_refused(draft, each)
        return None
    for found in faults(OrganisationFile, record):
        say_fault(draft, found, set())
    return record
