"""What an IATI activity says of itself: texts, dates, places, classifications, documents and links, in IATI's own
nouns.
"""

from typing import Annotated, ClassVar

from ssc_iati.record.values import (
    At,
    Code,
    CodeBy,
    Fact,
    Identifier,
    PartialDate,
    Percent,
    Says,
    Term,
    Texts,
)

Vocabulary = tuple[tuple[str, str], ...]

SECTOR_LISTS: Vocabulary = (("1", "Sector"), ("2", "SectorCategory"), ("7", "UNSDG-Goals"), ("8", "UNSDG-Targets"))
TAG_LISTS: Vocabulary = (("2", "UNSDG-Goals"), ("3", "UNSDG-Targets"))
AID_TYPE_LISTS: Vocabulary = (("1", "AidType"), ("2", "EarmarkingCategory"), ("4", "CashandVoucherModalities"))


class Description(Fact):
    """A description: general (1), objectives (2), target groups (3), other (4)."""

    type: Annotated[str | None, At("@type"), Code("DescriptionType"), Says("Kind of description")] = None
    derived: Annotated[bool | None, At("@ssc:derived"), Says("Whether the mapping wrote it")] = None
    text: Annotated[Texts, At("narrative"), Says("The text")] = ()


class OwnerOrg(Fact):
    """Who gave an identifier."""

    ref: Annotated[str | None, At("@ref"), Identifier(), Says("Organisation identifier")] = None
    names: Annotated[Texts, At("narrative"), Says("Name")] = ()


class OtherIdentifier(Fact):
    """Another identifier of the same activity: of an earlier publisher, or in another system (SIDICSS, a national
    register).
    """

    ref: Annotated[str | None, At("@ref"), Says("The identifier")] = None
    type: Annotated[str | None, At("@type"), Code("OtherIdentifierType"), Says("Kind of identifier")] = None
    owner: Annotated[OwnerOrg | None, At("owner-org")] = None


class ActivityDate(Fact):
    """A start or an end, planned or actual."""

    type: Annotated[str | None, At("@type"), Code("ActivityDateType"), Says("1 planned start ... 4 actual end")] = None
    date: Annotated[PartialDate | None, At("@iso-date"), Says("The date, as precise as it is known")] = None
    note: Annotated[Texts, At("narrative"), Says("Remark")] = ()


class MailingAddress(Fact):
    """A further postal address."""

    text: Annotated[Texts, At("narrative"), Says("Postal address")] = ()


class ContactInfo(Fact):
    """Whom to ask. Restricted unless its `visibility` says public."""

    type: Annotated[str | None, At("@type"), Code("ContactType"), Says("Kind of contact")] = None
    organisation: Annotated[Texts, At("organisation"), Says("Organisation")] = ()
    department: Annotated[Texts, At("department"), Says("Department")] = ()
    person_name: Annotated[Texts, At("person-name"), Says("Person")] = ()
    job_title: Annotated[Texts, At("job-title"), Says("Job title")] = ()
    telephones: Annotated[tuple[str, ...], At("telephone"), Says("Telephone numbers")] = ()
    emails: Annotated[tuple[str, ...], At("email"), Says("E-mail addresses")] = ()
    websites: Annotated[tuple[str, ...], At("website"), Says("Web addresses")] = ()
    mailing_address: Annotated[Texts, At("mailing-address"), Says("Postal address")] = ()
    other_addresses: Annotated[tuple[MailingAddress, ...], At("mailing-address")] = ()


class RecipientCountry(Fact):
    """A country that benefits."""

    code: Annotated[str | None, At("@code"), Code("Country"), Says("Country, ISO 3166-1 alpha-2")] = None
    percentage: Annotated[Percent | None, At("@percentage"), Says("Share of the activity, 0-100")] = None
    basis: Annotated[
        Annotated[str, Term("country_share_basis")] | None, At("@ssc:basis"), Says("Where the share comes from")
    ] = None
    names: Annotated[Texts, At("narrative"), Says("Name or remark")] = ()


class RecipientRegion(Fact):
    """A region that benefits."""

    code: Annotated[
        str | None, At("@code"), CodeBy("vocabulary", (("1", "Region"),), "1"), Says("Region code; DAC unless said")
    ] = None
    vocabulary: Annotated[str | None, At("@vocabulary"), Code("RegionVocabulary"), Says("Vocabulary of the code")] = (
        None
    )
    vocabulary_uri: Annotated[str | None, At("@vocabulary-uri"), Says("Address of an own vocabulary")] = None
    percentage: Annotated[Percent | None, At("@percentage"), Says("Share of the activity, 0-100")] = None
    derived: Annotated[str | None, At("@ssc:derived"), Says("From what the mapping derived it")] = None
    names: Annotated[Texts, At("narrative"), Says("Name or remark")] = ()


class LocationId(Fact):
    """A code of the place in a gazetteer."""

    code: Annotated[str | None, At("@code"), Says("Code of the place")] = None
    vocabulary: Annotated[str | None, At("@vocabulary"), Code("GeographicVocabulary"), Says("Gazetteer")] = None


class Administrative(Fact):
    """An administrative division, or (vocabulary A4) a country."""

    code: Annotated[
        str | None, At("@code"), CodeBy("vocabulary", (("A4", "Country"),)), Says("Code of the division")
    ] = None
    vocabulary: Annotated[str | None, At("@vocabulary"), Code("GeographicVocabulary"), Says("Its vocabulary")] = None
    level: Annotated[str | None, At("@level"), Says("Level in its country")] = None


class Location(Fact):
    """A place: of those who benefit, or of those who host (the peasants visited Mexico, the recipient was Haiti)."""

    ref: Annotated[str | None, At("@ref"), Says("Reference of the place")] = None
    role: Annotated[
        Annotated[str, Term("location_role")] | None, At("@ssc:role"), Says("Benefit site or host site")
    ] = None
    reach: Annotated[str | None, At("location-reach/@code"), Code("GeographicLocationReach"), Says("Reach")] = None
    ids: Annotated[tuple[LocationId, ...], At("location-id")] = ()
    names: Annotated[Texts, At("name"), Says("Name of the place")] = ()
    description: Annotated[Texts, At("description"), Says("About the place")] = ()
    activity_description: Annotated[Texts, At("activity-description"), Says("What is done there")] = ()
    derived: Annotated[str | None, At("@ssc:derived"), Says("From what the mapping derived it")] = None
    administrative: Annotated[tuple[Administrative, ...], At("administrative")] = ()
    srs_name: Annotated[str | None, At("point/@srsName"), Says("Coordinate system; WGS 84 unless said")] = None
    pos: Annotated[str | None, At("point/pos"), Says("Latitude and longitude, with a space between")] = None
    exactness: Annotated[str | None, At("exactness/@code"), Code("GeographicExactness"), Says("Exactness")] = None
    location_class: Annotated[
        str | None, At("location-class/@code"), Code("GeographicLocationClass"), Says("Class of place")
    ] = None
    feature_designation: Annotated[
        str | None, At("feature-designation/@code"), Code("LocationType"), Says("Type of place")
    ] = None


class Sector(Fact):
    """What the activity is about, in a vocabulary; DAC 5-digit unless another is named."""

    vocabulary: Annotated[
        str | None, At("@vocabulary"), Code("SectorVocabulary"), Says("Vocabulary; DAC 5-digit unless said")
    ] = None
    vocabulary_uri: Annotated[str | None, At("@vocabulary-uri"), Says("Address of an own vocabulary")] = None
    code: Annotated[str | None, At("@code"), CodeBy("vocabulary", SECTOR_LISTS, "1"), Says("Sector code")] = None
    percentage: Annotated[Percent | None, At("@percentage"), Says("Share of the activity, 0-100")] = None
    names: Annotated[Texts, At("narrative"), Says("Name or remark")] = ()


class Tag(Fact):
    """A classification without shares: SDG goals (2) and targets (3), own lists (99)."""

    code: Annotated[str | None, At("@code"), CodeBy("vocabulary", TAG_LISTS), Says("Code of the tag")] = None
    vocabulary: Annotated[str | None, At("@vocabulary"), Code("TagVocabulary"), Says("Vocabulary of the tag")] = None
    vocabulary_uri: Annotated[str | None, At("@vocabulary-uri"), Says("Address of an own vocabulary")] = None
    names: Annotated[Texts, At("narrative"), Says("Name of the tag")] = ()


class BudgetItem(Fact):
    """A line of the recipient's budget."""

    code: Annotated[str | None, At("@code"), Says("Budget item code")] = None
    percentage: Annotated[Percent | None, At("@percentage"), Says("Share, 0-100")] = None
    description: Annotated[Texts, At("description"), Says("Description")] = ()


class CountryBudgetItems(Fact):
    """How the activity stands in the recipient's budget."""

    vocabulary: Annotated[str | None, At("@vocabulary"), Code("BudgetIdentifierVocabulary"), Says("Vocabulary")] = None
    items: Annotated[tuple[BudgetItem, ...], At("budget-item")] = ()


class HumanitarianScope(Fact):
    """The emergency or appeal that the activity answers."""

    type: Annotated[str | None, At("@type"), Code("HumanitarianScopeType"), Says("Emergency or appeal")] = None
    vocabulary: Annotated[str | None, At("@vocabulary"), Code("HumanitarianScopeVocabulary"), Says("Vocabulary")] = None
    vocabulary_uri: Annotated[str | None, At("@vocabulary-uri"), Says("Address of an own vocabulary")] = None
    code: Annotated[str | None, At("@code"), Says("Code")] = None
    names: Annotated[Texts, At("narrative"), Says("Name")] = ()


class PolicyMarker(Fact):
    """A policy that the activity serves (gender equality, environment...), and how much."""

    vocabulary: Annotated[
        str | None, At("@vocabulary"), Code("PolicyMarkerVocabulary"), Says("Vocabulary; DAC unless said")
    ] = None
    vocabulary_uri: Annotated[str | None, At("@vocabulary-uri"), Says("Address of an own vocabulary")] = None
    code: Annotated[
        str | None, At("@code"), CodeBy("vocabulary", (("1", "PolicyMarker"),), "1"), Says("Policy marker")
    ] = None
    significance: Annotated[
        str | None, At("@significance"), Code("PolicySignificance"), Says("Significance, 0 to 4")
    ] = None
    names: Annotated[Texts, At("narrative"), Says("Name or remark")] = ()


class AidType(Fact):
    """A type of aid, in a vocabulary."""

    code: Annotated[str | None, At("@code"), CodeBy("vocabulary", AID_TYPE_LISTS, "1"), Says("Aid type")] = None
    vocabulary: Annotated[
        str | None, At("@vocabulary"), Code("AidTypeVocabulary"), Says("Vocabulary; DAC unless said")
    ] = None


class DocumentLink(Fact):
    """A document. Without a web address it cannot stand in IATI: the extension keeps its citation."""

    url: Annotated[str | None, At("@url"), Says("Web address")] = None
    format: Annotated[str | None, At("@format"), Code("FileFormat"), Says("MIME type, e.g. application/pdf")] = None
    title: Annotated[Texts, At("title"), Says("Title")] = ()
    description: Annotated[Texts, At("description"), Says("What it holds")] = ()
    categories: Annotated[
        tuple[str, ...], At("category/@code"), Code("DocumentCategory"), Says("Document categories")
    ] = ()
    languages: Annotated[tuple[str, ...], At("language/@code"), Code("Language"), Says("Languages, ISO 639-1")] = ()
    document_date: Annotated[PartialDate | None, At("document-date/@iso-date"), Says("Date of the document")] = None
    citation: Annotated[str | None, Says("Citation, for a document without an address")] = None


class RelatedActivity(Fact):
    """Another activity: parent (1), child (2), sibling (3), co-funded (4), of a third party (5)."""

    REFUSES_ATTRIBUTES: ClassVar[bool] = True

    ref: Annotated[str | None, At("@ref"), Says("IATI identifier of the other activity")] = None
    type: Annotated[str | None, At("@type"), Code("RelatedActivityType"), Says("Kind of relation")] = None


class LegacyData(Fact):
    """A value as another system names it."""

    REFUSES_ATTRIBUTES: ClassVar[bool] = True

    name: Annotated[str | None, At("@name"), Says("Name of the field in the other system")] = None
    value: Annotated[str | None, At("@value"), Says("Its value there")] = None
    iati_equivalent: Annotated[str | None, At("@iati-equivalent"), Says("IATI element that it corresponds to")] = None


class Condition(Fact):
    """A condition that is attached to the activity."""

    REFUSES_ATTRIBUTES: ClassVar[bool] = True

    type: Annotated[str | None, At("@type"), Code("ConditionType"), Says("Kind of condition")] = None
    text: Annotated[Texts, At("narrative"), Says("The condition")] = ()


class Conditions(Fact):
    """Whether conditions are attached, and which."""

    attached: Annotated[bool | None, At("@attached"), Says("Whether conditions are attached")] = None
    conditions: Annotated[tuple[Condition, ...], At("condition")] = ()
