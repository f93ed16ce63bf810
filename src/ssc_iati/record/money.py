"""Budgets, planned disbursements and transactions, as IATI states them; a link to the record's organisations beside."""

from typing import Annotated

from ssc_iati.record.activity import SECTOR_LISTS, AidType
from ssc_iati.record.values import (
    Amount,
    At,
    Code,
    CodeBy,
    Currency,
    Fact,
    FullDate,
    Identifier,
    PartialDate,
    Ref,
    Says,
    Term,
    Texts,
)


class ProviderOrg(Fact):
    """Where money comes from: an organisation of the record by its key, or as IATI names it."""

    organisation: Annotated[
        str | None, At("@ssc:org"), Ref("organisations"), Says("Key of the providing organisation")
    ] = None
    ref: Annotated[str | None, At("@ref"), Identifier(), Says("Identifier of the provider")] = None
    activity_id: Annotated[
        str | None, At("@provider-activity-id"), Says("IATI identifier of the provider's own activity")
    ] = None
    type: Annotated[str | None, At("@type"), Code("OrganisationType"), Says("Organisation type of the provider")] = None
    names: Annotated[Texts, At("narrative"), Says("Name of the provider")] = ()


class ReceiverOrg(Fact):
    """Where money goes to: an organisation of the record by its key, or as IATI names it."""

    organisation: Annotated[
        str | None, At("@ssc:org"), Ref("organisations"), Says("Key of the receiving organisation")
    ] = None
    ref: Annotated[str | None, At("@ref"), Identifier(), Says("Identifier of the receiver")] = None
    activity_id: Annotated[
        str | None, At("@receiver-activity-id"), Says("IATI identifier of the receiver's own activity")
    ] = None
    type: Annotated[str | None, At("@type"), Code("OrganisationType"), Says("Organisation type of the receiver")] = None
    names: Annotated[Texts, At("narrative"), Says("Name of the receiver")] = ()


class Budget(Fact):
    """A budget for at most one year."""

    type: Annotated[str | None, At("@type"), Code("BudgetType"), Says("Original or revised")] = None
    status: Annotated[str | None, At("@status"), Code("BudgetStatus"), Says("Indicative or committed")] = None
    includes_in_kind: Annotated[
        bool | None, At("@ssc:includes-in-kind"), Says("Whether in-kind contributions are in it")
    ] = None
    period_start: Annotated[FullDate | None, At("period-start/@iso-date"), Says("First day")] = None
    period_end: Annotated[FullDate | None, At("period-end/@iso-date"), Says("Last day")] = None
    value: Annotated[Amount | None, At("value"), Says("Amount")] = None
    currency: Annotated[str | None, At("value/@currency"), Currency(), Says("Currency of the amount")] = None
    value_date: Annotated[
        FullDate | None, At("value/@value-date"), Says("Date of the exchange rate; the first day unless said")
    ] = None
    value_date_basis: Annotated[str | None, At("value/@ssc:basis")] = None


class BudgetTotal(Fact):
    """The whole budget as the source states it; where it spans more than a year, IATI has no place for it."""

    amount: Annotated[Amount | None, Says("Amount")] = None
    currency: Annotated[str | None, Currency(), Says("Currency of the amount")] = None
    amount_status: Annotated[Annotated[str, Term("amount_status")] | None, Says("Where the amount comes from")] = None
    includes_in_kind: Annotated[bool | None, Says("Whether in-kind contributions are in it")] = None


class PlannedDisbursement(Fact):
    """Money that is planned to be paid to a partner."""

    type: Annotated[str | None, At("@type"), Code("BudgetType"), Says("Original or revised")] = None
    contribution: Annotated[str | None, At("@ssc:contribution"), Says("Key of the contribution it states")] = None
    period_start: Annotated[PartialDate | None, At("period-start/@iso-date"), Says("First day")] = None
    period_end: Annotated[FullDate | None, At("period-end/@iso-date"), Says("Last day")] = None
    value: Annotated[Amount | None, At("value"), Says("Amount")] = None
    currency: Annotated[str | None, At("value/@currency"), Currency(), Says("Currency of the amount")] = None
    value_date: Annotated[
        FullDate | None, At("value/@value-date"), Says("Date of the exchange rate; the first day unless said")
    ] = None
    value_date_basis: Annotated[str | None, At("value/@ssc:basis")] = None
    provider: Annotated[ProviderOrg | None, At("provider-org")] = None
    receiver: Annotated[ReceiverOrg | None, At("receiver-org")] = None


class TransactionSector(Fact):
    """What a transaction is about."""

    vocabulary: Annotated[
        str | None, At("@vocabulary"), Code("SectorVocabulary"), Says("Vocabulary; DAC 5-digit unless said")
    ] = None
    vocabulary_uri: Annotated[str | None, At("@vocabulary-uri"), Says("Address of an own vocabulary")] = None
    code: Annotated[str | None, At("@code"), CodeBy("vocabulary", SECTOR_LISTS, "1"), Says("Sector code")] = None
    names: Annotated[Texts, At("narrative"), Says("Name or remark")] = ()


class TransactionCountry(Fact):
    """The country that a transaction benefits."""

    code: Annotated[str | None, At("@code"), Code("Country"), Says("Country that the transaction benefits")] = None
    names: Annotated[Texts, At("narrative"), Says("Name or remark")] = ()


class TransactionRegion(Fact):
    """The region that a transaction benefits."""

    code: Annotated[
        str | None,
        At("@code"),
        CodeBy("vocabulary", (("1", "Region"),), "1"),
        Says("Region that the transaction benefits"),
    ] = None
    vocabulary: Annotated[str | None, At("@vocabulary"), Code("RegionVocabulary"), Says("Vocabulary of the region")] = (
        None
    )
    vocabulary_uri: Annotated[str | None, At("@vocabulary-uri"), Says("Address of an own vocabulary")] = None
    names: Annotated[Texts, At("narrative"), Says("Name or remark")] = ()


class Transaction(Fact):
    """Money, or things valued in money, that was committed or changed hands."""

    ref: Annotated[str | None, At("@ref"), Says("Reference in the books")] = None
    humanitarian: Annotated[bool | None, At("@humanitarian"), Says("Whether it is humanitarian")] = None
    contribution: Annotated[str | None, At("@ssc:contribution"), Says("Key of the contribution it states")] = None
    type: Annotated[str | None, At("transaction-type/@code"), Code("TransactionType"), Says("Transaction type")] = None
    date: Annotated[PartialDate | None, At("transaction-date/@iso-date"), Says("Date of the transaction")] = None
    value: Annotated[Amount | None, At("value"), Says("Amount")] = None
    currency: Annotated[str | None, At("value/@currency"), Currency(), Says("Currency of the amount")] = None
    value_date: Annotated[
        FullDate | None, At("value/@value-date"), Says("Date of the exchange rate; the transaction's date unless said")
    ] = None
    value_date_basis: Annotated[str | None, At("value/@ssc:basis")] = None
    description: Annotated[Texts, At("description"), Says("Description")] = ()
    provider: Annotated[ProviderOrg | None, At("provider-org")] = None
    receiver: Annotated[ReceiverOrg | None, At("receiver-org")] = None
    disbursement_channel: Annotated[
        str | None,
        At("disbursement-channel/@code"),
        Code("DisbursementChannel"),
        Says("Disbursement channel; 3 and 4 are in kind"),
    ] = None
    sectors: Annotated[tuple[TransactionSector, ...], At("sector")] = ()
    recipient_country: Annotated[TransactionCountry | None, At("recipient-country")] = None
    recipient_region: Annotated[TransactionRegion | None, At("recipient-region")] = None
    flow_type: Annotated[str | None, At("flow-type/@code"), Code("FlowType"), Says("Flow type")] = None
    finance_type: Annotated[str | None, At("finance-type/@code"), Code("FinanceType"), Says("Finance type")] = None
    aid_types: Annotated[tuple[AidType, ...], At("aid-type")] = ()
    tied_status: Annotated[str | None, At("tied-status/@code"), Code("TiedStatus"), Says("Tied status")] = None
