"""What an organisation says of itself in an IATI organisation file: its budgets, what it spent, its documents."""

from typing import Annotated

from ssc_iati.record.activity import DocumentLink
from ssc_iati.record.project import ReportingOrg
from ssc_iati.record.values import Amount, At, Code, CodeBy, Currency, Fact, FullDate, Identifier, Says, Texts


class BudgetLine(Fact):
    """A part of a budget, or of what was spent."""

    ref: Annotated[str | None, At("@ref"), Says("Reference of the line")] = None
    value: Annotated[Amount | None, At("value"), Says("Amount of the line")] = None
    currency: Annotated[str | None, At("value/@currency"), Currency(), Says("Currency of the amount")] = None
    value_date: Annotated[FullDate | None, At("value/@value-date"), Says("Date of the exchange rate")] = None
    text: Annotated[Texts, At("narrative"), Says("What the line is for")] = ()


class Recipient(Fact):
    """The organisation that a budget is for."""

    ref: Annotated[str | None, At("@ref"), Identifier(), Says("Identifier of the recipient")] = None
    names: Annotated[Texts, At("narrative"), Says("Name of the recipient")] = ()


class BudgetRegion(Fact):
    """The region that a budget is for."""

    vocabulary: Annotated[str | None, At("@vocabulary"), Code("RegionVocabulary"), Says("Vocabulary of the region")] = (
        None
    )
    vocabulary_uri: Annotated[str | None, At("@vocabulary-uri"), Says("Address of an own vocabulary")] = None
    code: Annotated[
        str | None, At("@code"), CodeBy("vocabulary", (("1", "Region"),), "1"), Says("Region that the budget is for")
    ] = None
    names: Annotated[Texts, At("narrative"), Says("Name or remark")] = ()


class BudgetCountry(Fact):
    """The country that a budget is for."""

    code: Annotated[str | None, At("@code"), Code("Country"), Says("Country that the budget is for")] = None
    names: Annotated[Texts, At("narrative"), Says("Name or remark")] = ()


Status = Annotated[str | None, At("@status"), Code("BudgetStatus"), Says("Indicative or committed")]
PeriodStart = Annotated[FullDate | None, At("period-start/@iso-date"), Says("First day")]
PeriodEnd = Annotated[FullDate | None, At("period-end/@iso-date"), Says("Last day")]
Value = Annotated[Amount | None, At("value"), Says("Amount")]
ValueCurrency = Annotated[str | None, At("value/@currency"), Currency(), Says("Currency of the amount")]
ValueDate = Annotated[FullDate | None, At("value/@value-date"), Says("Date of the exchange rate")]
Lines = Annotated[tuple[BudgetLine, ...], At("budget-line")]


class TotalBudget(Fact):
    """What the organisation plans to spend in all."""

    status: Status = None
    period_start: PeriodStart = None
    period_end: PeriodEnd = None
    value: Value = None
    currency: ValueCurrency = None
    value_date: ValueDate = None
    lines: Lines = ()


class RecipientOrgBudget(Fact):
    """What it plans to give to another organisation."""

    status: Status = None
    recipient: Annotated[Recipient | None, At("recipient-org")] = None
    period_start: PeriodStart = None
    period_end: PeriodEnd = None
    value: Value = None
    currency: ValueCurrency = None
    value_date: ValueDate = None
    lines: Lines = ()


class RecipientRegionBudget(Fact):
    """What it plans to spend for a region."""

    status: Status = None
    region: Annotated[BudgetRegion | None, At("recipient-region")] = None
    period_start: PeriodStart = None
    period_end: PeriodEnd = None
    value: Value = None
    currency: ValueCurrency = None
    value_date: ValueDate = None
    lines: Lines = ()


class RecipientCountryBudget(Fact):
    """What it plans to spend for a country."""

    status: Status = None
    country: Annotated[BudgetCountry | None, At("recipient-country")] = None
    period_start: PeriodStart = None
    period_end: PeriodEnd = None
    value: Value = None
    currency: ValueCurrency = None
    value_date: ValueDate = None
    lines: Lines = ()


class TotalExpenditure(Fact):
    """What the organisation spent in all."""

    period_start: PeriodStart = None
    period_end: PeriodEnd = None
    value: Value = None
    currency: ValueCurrency = None
    value_date: ValueDate = None
    lines: Annotated[tuple[BudgetLine, ...], At("expense-line")] = ()


class OrganisationDocument(DocumentLink):
    """A document about the organisation, or about what it does in some countries."""

    recipient_countries: Annotated[tuple[BudgetCountry, ...], At("recipient-country")] = ()


class OrganisationFile(Fact):
    """What an `iati-organisation` of IATI 2.03 holds, in the order of the schema."""

    last_updated_datetime: Annotated[str | None, At("@last-updated-datetime"), Says("When it last changed")] = None
    language: Annotated[
        str | None, At("@xml:lang"), Code("Language"), Says("Language of texts without one, ISO 639-1")
    ] = None
    default_currency: Annotated[
        str | None, At("@default-currency"), Currency(), Says("Currency of amounts without one")
    ] = None
    identifier: Annotated[str | None, At("organisation-identifier"), Identifier(), Says("Organisation identifier")] = (
        None
    )
    names: Annotated[Texts, At("name"), Says("Name of the organisation")] = ()
    reporting_org: Annotated[ReportingOrg | None, At("reporting-org")] = None
    total_budgets: Annotated[tuple[TotalBudget, ...], At("total-budget")] = ()
    recipient_org_budgets: Annotated[tuple[RecipientOrgBudget, ...], At("recipient-org-budget")] = ()
    recipient_region_budgets: Annotated[tuple[RecipientRegionBudget, ...], At("recipient-region-budget")] = ()
    recipient_country_budgets: Annotated[tuple[RecipientCountryBudget, ...], At("recipient-country-budget")] = ()
    total_expenditures: Annotated[tuple[TotalExpenditure, ...], At("total-expenditure")] = ()
    document_links: Annotated[tuple[OrganisationDocument, ...], At("document-link")] = ()
    imported_version: Annotated[
        str | None, Says("Version of the IATI file that it comes from; it is then published as it stands")
    ] = None
    namespaces: Annotated[dict[str, str] | None, Says("Namespaces of what is foreign to IATI, by prefix")] = None
