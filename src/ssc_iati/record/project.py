"""The project record: what an IATI activity can say, in IATI's order, and the partnership that IATI cannot."""

from typing import Annotated

from ssc_iati.record.activity import (
    ActivityDate,
    AidType,
    Conditions,
    ContactInfo,
    CountryBudgetItems,
    Description,
    DocumentLink,
    HumanitarianScope,
    LegacyData,
    Location,
    OtherIdentifier,
    PolicyMarker,
    RecipientCountry,
    RecipientRegion,
    RelatedActivity,
    Sector,
    Tag,
)
from ssc_iati.record.crs import CrsAdd, Fss
from ssc_iati.record.money import Budget, BudgetTotal, PlannedDisbursement, Transaction
from ssc_iati.record.organisations import Mechanism, Organisation, ParticipatingOrg, Participation, Relationship
from ssc_iati.record.results import Lesson, Result
from ssc_iati.record.values import At, Code, Currency, Fact, Identifier, PartialDate, Percent, Says, Term, Texts

RECORD_VERSION = "1"


class ReportingOrg(Fact):
    """Who reports."""

    ref: Annotated[str | None, At("@ref"), Identifier(), Says("Organisation identifier of who reports")] = None
    type: Annotated[str | None, At("@type"), Code("OrganisationType"), Says("Organisation type of who reports")] = None
    secondary_reporter: Annotated[
        bool | None, At("@secondary-reporter"), Says("Yes if it reproduces what others do")
    ] = None
    names: Annotated[Texts, At("narrative"), Says("Name of who reports")] = ()


class Activity(Fact):
    """What an `iati-activity` of IATI 2.03 holds, in the order of the schema."""

    last_updated_datetime: Annotated[str | None, At("@last-updated-datetime"), Says("When the record last changed")] = (
        None
    )
    language: Annotated[
        str | None, At("@xml:lang"), Code("Language"), Says("Language of texts without one, ISO 639-1")
    ] = None
    default_currency: Annotated[
        str | None, At("@default-currency"), Currency(), Says("Currency of amounts without one")
    ] = None
    humanitarian: Annotated[bool | None, At("@humanitarian"), Says("Whether it is humanitarian")] = None
    hierarchy: Annotated[str | None, At("@hierarchy"), Says("Level: 1 for a programme, 2 for its projects")] = None
    linked_data_uri: Annotated[str | None, At("@linked-data-uri"), Says("Address of the activity as linked data")] = (
        None
    )
    budget_not_provided: Annotated[
        str | None, At("@budget-not-provided"), Code("BudgetNotProvided"), Says("Why no budget is given")
    ] = None
    iati_identifier: Annotated[
        str | None, At("iati-identifier"), Says("IATI identifier; the reporter's identifier and the key unless said")
    ] = None
    reporting_org: Annotated[ReportingOrg | None, At("reporting-org")] = None
    title: Annotated[Texts, At("title"), Says("Title")] = ()
    descriptions: Annotated[tuple[Description, ...], At("description")] = ()
    participating_orgs: Annotated[tuple[ParticipatingOrg, ...], At("participating-org")] = ()
    other_identifiers: Annotated[tuple[OtherIdentifier, ...], At("other-identifier")] = ()
    activity_status: Annotated[
        str | None,
        At("activity-status/@code"),
        Code("ActivityStatus"),
        Says("Activity status, if `status` is not given"),
    ] = None
    activity_dates: Annotated[tuple[ActivityDate, ...], At("activity-date")] = ()
    contacts: Annotated[tuple[ContactInfo, ...], At("contact-info")] = ()
    activity_scope: Annotated[
        str | None, At("activity-scope/@code"), Code("ActivityScope"), Says("Geographic scope")
    ] = None
    recipient_countries: Annotated[tuple[RecipientCountry, ...], At("recipient-country")] = ()
    recipient_regions: Annotated[tuple[RecipientRegion, ...], At("recipient-region")] = ()
    locations: Annotated[tuple[Location, ...], At("location")] = ()
    sectors: Annotated[tuple[Sector, ...], At("sector")] = ()
    tags: Annotated[tuple[Tag, ...], At("tag")] = ()
    country_budget_items: Annotated[CountryBudgetItems | None, At("country-budget-items")] = None
    humanitarian_scopes: Annotated[tuple[HumanitarianScope, ...], At("humanitarian-scope")] = ()
    policy_markers: Annotated[tuple[PolicyMarker, ...], At("policy-marker")] = ()
    collaboration_type: Annotated[
        str | None,
        At("collaboration-type/@code"),
        Code("CollaborationType"),
        Says("Collaboration type, if the modality does not give it"),
    ] = None
    default_flow_type: Annotated[str | None, At("default-flow-type/@code"), Code("FlowType"), Says("Flow type")] = None
    default_finance_type: Annotated[
        str | None, At("default-finance-type/@code"), Code("FinanceType"), Says("Finance type")
    ] = None
    default_aid_types: Annotated[tuple[AidType, ...], At("default-aid-type")] = ()
    default_tied_status: Annotated[
        str | None, At("default-tied-status/@code"), Code("TiedStatus"), Says("Tied status")
    ] = None
    budgets: Annotated[tuple[Budget, ...], At("budget")] = ()
    planned_disbursements: Annotated[tuple[PlannedDisbursement, ...], At("planned-disbursement")] = ()
    capital_spend: Annotated[
        Percent | None, At("capital-spend/@percentage"), Says("Share of capital spending, 0-100")
    ] = None
    transactions: Annotated[tuple[Transaction, ...], At("transaction")] = ()
    document_links: Annotated[tuple[DocumentLink, ...], At("document-link")] = ()
    related_activities: Annotated[tuple[RelatedActivity, ...], At("related-activity")] = ()
    legacy_data: Annotated[tuple[LegacyData, ...], At("legacy-data")] = ()
    conditions: Annotated[Conditions | None, At("conditions")] = None
    results: Annotated[tuple[Result, ...], At("result")] = ()
    crs_add: Annotated[CrsAdd | None, At("crs-add")] = None
    fss: Annotated[Fss | None, At("fss")] = None


class ProviderCountry(Fact):
    """A country that provides, and its role as SEGIB records it."""

    code: Annotated[str | None, Code("Country"), Says("Country, ISO 3166-1 alpha-2")] = None
    segib_role: Annotated[Annotated[str, Term("segib_role")] | None, Says("Role as SEGIB records it")] = None


class Stage(Fact):
    """A stage of the project's own plan, not to be confused with the phases of the cooperation cycle."""

    number: Annotated[str | None, Says("Number of the stage")] = None
    label: Annotated[Texts, Says("Name of the stage")] = ()
    start: Annotated[PartialDate | None, Says("Start")] = None
    end: Annotated[PartialDate | None, Says("End")] = None


class Source(Fact):
    """Where a fact was found."""

    citation: Annotated[str | None, Says("Citation")] = None
    page: Annotated[str | None, Says("Page")] = None
    url: Annotated[str | None, Says("Web address")] = None


class Partnership(Fact):
    """What IATI has no place for: who takes part in which phase as what, with what, under which mechanism; what was
    learned.
    """

    instrument: Annotated[Annotated[str, Term("instrument")] | None, Says("Project, action or programme")] = None
    modality: Annotated[Annotated[str, Term("modality")] | None, Says("Modality of the cooperation")] = None
    direction: Annotated[Annotated[str, Term("direction")] | None, Says("One way or two ways")] = None
    status: Annotated[Annotated[str, Term("project_status")] | None, Says("How far the project is")] = None
    status_as_of: Annotated[PartialDate | None, Says("Date of the status")] = None
    framework_tossd: Annotated[
        Annotated[str, Term("framework_tossd")] | None, Says("TOSSD framework of collaboration")
    ] = None
    budget_total: BudgetTotal | None = None
    provider_countries: tuple[ProviderCountry, ...] = ()
    stages: tuple[Stage, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    mechanisms: tuple[Mechanism, ...] = ()
    participations: tuple[Participation, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    citations: tuple[Source, ...] = ()


class Project(Activity, Partnership):
    """A South-South or triangular cooperation project, programme or action (an Initiative, in the field's words).

    One that was imported from IATI is published as it stands, in the same version; nothing is derived.
    `namespaces` gives the prefixes that its `other_xml` uses.
    """

    imported_version: Annotated[
        str | None, Says("Version of the IATI file that it comes from; it is then published as it stands")
    ] = None
    namespaces: Annotated[dict[str, str] | None, Says("Namespaces of what is foreign to IATI, by prefix")] = None


class Publisher(Fact):
    """Who publishes, and the defaults of its records; a source may carry it, or the publisher's configuration."""

    reporting_org: ReportingOrg | None = None
    language: Annotated[str | None, Code("Language"), Says("Language of texts without one, ISO 639-1")] = None
    default_currency: Annotated[str | None, Currency(), Says("Currency of amounts without one")] = None
    decimal_mark: Annotated[str | None, Says("Decimal mark of the numbers in this source: . or ,")] = None
    date_order: Annotated[str | None, Says("Order of numeric dates in this source: dmy, mdy or ymd")] = None
    generated_datetime: Annotated[str | None, Says("When the source was made")] = None
    iati_version: Annotated[str | None, Says("Version of the IATI file that the source comes from")] = None
    iati_file: Annotated[str | None, Says("What that file holds: activities or organisations")] = None
    linked_data_default: Annotated[str | None, Says("Address that the file gives for its linked data")] = None
    namespaces: Annotated[dict[str, str] | None, Says("Namespaces of what is foreign to IATI, by prefix")] = None
