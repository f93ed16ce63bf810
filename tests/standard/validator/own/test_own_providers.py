"""The provider's activity that belongs to the receiver, and the many cases where it rightly seems so."""

import pytest

import iati_files as iati

RULE = "ssc-iati-provider-activity-of-receiver"
OWN = "XM-DAC-41119-1"


def money(sort, provider, receiver=None):
    def organisation(name, reference, activity, said):
        stated = (("ref", reference), (f"{name}-activity-id", activity))
        attributes = "".join(f' {key}="{value}"' for key, value in stated if value)
        return f"<{name}-org{attributes}><narrative>{said}</narrative></{name}-org>"

    inner = organisation("provider", *provider) + (organisation("receiver", *receiver) if receiver else "")
    return (
        f'<transaction><transaction-type code="{sort}"/><transaction-date iso-date="2025-01-01"/>'
        f'<value value-date="2025-01-01">1</value>{inner}</transaction>'
    )


@pytest.mark.parametrize(
    "item",
    [
        money(3, (iati.REPORTER, "CL-RUT-1-9", "Agency"), ("CL-RUT-1", "", "AGCID")),
        money(3, ("", "CL-RUT-1-9", "Agency"), ("CL-RUT-1", "", "AGCID")),
        money(1, ("CL-RUT-1", OWN, "AGCID"), (iati.REPORTER, "", "Agency")),
        money(1, ("CL-RUT-1", OWN, "AGCID")),
        money(11, ("CL-RUT-1", f"{iati.REPORTER}-77", "AGCID")),
    ],
    ids=["receiver's", "provider without reference", "incoming, own", "incoming, no receiver", "incoming, other"],
)
def test_an_activity_of_the_receiver_is_told(item):
    (found,) = iati.findings(RULE, iati.activity(item))

    assert found.where.path.endswith("/provider-org/@provider-activity-id")
    assert found.values["value"] in item
    assert found.values["receiver"] in {"CL-RUT-1", iati.REPORTER}


@pytest.mark.parametrize(
    "item",
    [
        money(3, (iati.REPORTER, OWN, "Agency"), ("CL-RUT-1", "CL-RUT-1-9", "AGCID")),
        money(3, ("", OWN, "Agency"), ("CL-RUT-1", "", "AGCID")),
        money(1, ("CL-RUT-1", "CL-RUT-1-9", "AGCID"), (iati.REPORTER, OWN, "Agency")),
        money(1, (iati.REPORTER, f"{iati.REPORTER}-2", "Agency"), (iati.REPORTER, OWN, "Agency")),
        money(1, (iati.REPORTER, OWN, "Agency")),
        money(1, ("", f"{iati.REPORTER}-2", "Agency"), (iati.REPORTER, "", "AGENCY")),
        money(1, ("", f"{iati.REPORTER}-2", ""), (iati.REPORTER, "", "Agency")),
        money(3, ("XM-DAC-5-7", "XM-DAC-5-7-1", "Office"), ("XM-DAC-5", "", "Ministry")),
        money(3, (iati.REPORTER, "CL-RUT-12-9", "Agency"), ("CL-RUT-1", "", "AGCID")),
        money(3, (iati.REPORTER, "", "Agency"), ("CL-RUT-1", "", "AGCID")),
        money(3, (iati.REPORTER, "CL-RUT-1-9", "Agency")),
    ],
    ids=[
        "own, outgoing",
        "own, provider without reference",
        "the provider's",
        "both the reporter",
        "no receiver, the reporter's",
        "one organisation by name",
        "nothing is known of the provider",
        "an office within the receiver",
        "another number that begins alike",
        "none",
        "no receiver, outgoing",
    ],
)
def test_an_activity_of_the_provider_and_one_within_an_organisation_are_well(item):
    assert not iati.findings(RULE, iati.activity(item))


def test_planned_disbursements_are_looked_at_too():
    planned = """<planned-disbursement><period-start iso-date="2026-01-01"/><value value-date="2026-01-01">1</value>
      <provider-org ref="XM-DAC-41119" provider-activity-id="CL-RUT-1-9"/><receiver-org ref="CL-RUT-1"/>
      </planned-disbursement>"""

    assert iati.findings(RULE, iati.activity(planned))
