"""A draft becomes what an organisation says of itself, or what is wrong with it is said."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from ssc_iati.check.codes import faults
from ssc_iati.check.context import Context
from ssc_iati.check.places import Draft
from ssc_iati.check.project import say_fault, say_refused
from ssc_iati.record.organisation_file import OrganisationFile


def check_organisation_files(drafts: Sequence[Draft], _: Context) -> list[OrganisationFile | None]:
    """Each organisation's record, if its draft can be read as one; whatever is wrong is added to the findings."""
    return [_checked(draft) for draft in drafts]


def _checked(draft: Draft) -> OrganisationFile | None:
    if draft.broken:
        return None
    try:
        record = OrganisationFile.model_validate(draft.values)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            say_refused(draft, each)
        return None
    for found in faults(OrganisationFile, record):
        say_fault(draft, found)
    return record
