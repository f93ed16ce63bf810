"""Who takes part: organisations, what they can do, in which phase, on which side, as what, with what, under which
mechanism.
"""

from typing import Annotated

from ssc_iati.record.values import (
    Amount,
    At,
    Code,
    Currency,
    Fact,
    Identifier,
    PartialDate,
    Percent,
    Ref,
    Says,
    Term,
    Texts,
)


class Capacity(Fact):
    """Something that an organisation can offer or needs (the inventory of capacities)."""

    topic: Annotated[str | None, Says("What it is about: a DAC sector code or a word")] = None
    topic_vocabulary: Annotated[
        str | None, Code("SectorVocabulary"), Says("Vocabulary of the topic, if it is a code")
    ] = None
    type: Annotated[Annotated[str, Term("capacity_type")] | None, Says("Kind of capacity")] = None
    description: Annotated[Texts, Says("What the organisation can do")] = ()
    countries_of_experience: Annotated[tuple[str, ...], Code("Country"), Says("Countries where it was used")] = ()
    evidence: Annotated[Texts, Says("What shows it")] = ()
    offered: Annotated[bool | None, Says("Whether the organisation offers it to others")] = None
    as_of: Annotated[PartialDate | None, Says("Date of this statement")] = None


class Organisation(Fact):
    """A partner. `named` is false for a group that the source does not name ("Haitian CSOs"): it never becomes a
    participating-org.
    """

    names: Annotated[Texts, Says("Name, in each language that the source gives")] = ()
    acronym: Annotated[str | None, Says("Short name")] = None
    identifiers: Annotated[
        tuple[str, ...], Identifier(), Says("Organisation identifiers, e.g. CO-RUE-860000000; the first goes to IATI")
    ] = ()
    actor_type: Annotated[Annotated[str, Term("actor_type")] | None, Says("Type of actor")] = None
    actor_type_label: Annotated[Texts, Says("The type in the source's own words")] = ()
    legal_form: Annotated[str | None, Says("Legal form, in the source's own words")] = None
    legal_nature: Annotated[Annotated[str, Term("legal_nature")] | None, Says("Public, private or mixed")] = None
    sphere: Annotated[
        Annotated[str, Term("sphere")] | None, Says("National, sub-national, regional, international")
    ] = None
    country: Annotated[str | None, Code("Country"), Says("Country of the organisation, ISO 3166-1 alpha-2")] = None
    founded: Annotated[PartialDate | None, Says("When it was founded")] = None
    parent: Annotated[str | None, Ref("organisations"), Says("Key of the organisation it belongs to")] = None
    named: Annotated[bool | None, Says("No for a group that the source does not name; blank means yes")] = None
    website: Annotated[str | None, Says("Web address")] = None
    capacities: tuple[Capacity, ...] = ()


class Contribution(Fact):
    """What a partner gives or receives in a participation: cash, people, knowledge, things. Kinds are never added
    up.
    """

    kind: Annotated[Annotated[str, Term("contribution_kind")] | None, Says("Kind of contribution")] = None
    description: Annotated[Texts, Says("What is contributed")] = ()
    direction: Annotated[Annotated[str, Term("contribution_direction")] | None, Says("Given (default) or received")] = (
        None
    )
    to_organisation: Annotated[str | None, Ref("organisations"), Says("Key of the organisation that receives it")] = (
        None
    )
    delivery: Annotated[
        Annotated[str, Term("delivery")] | None,
        Says("In kind: delivered by the provider itself or through a third party"),
    ] = None
    amount: Annotated[Amount | None, Says("Value in money; blank if it is not known or not valued")] = None
    currency: Annotated[str | None, Currency(), Says("Currency of the amount")] = None
    date: Annotated[PartialDate | None, Says("When it was paid, delivered, committed or is planned")] = None
    value_date: Annotated[PartialDate | None, Says("Date of the exchange rate")] = None
    amount_status: Annotated[Annotated[str, Term("amount_status")] | None, Says("Where the amount comes from")] = None
    stage_of_money: Annotated[
        Annotated[str, Term("stage_of_money")] | None, Says("Planned, pledged, committed, executed")
    ] = None
    quantity: Annotated[Amount | None, Says("How many units")] = None
    unit: Annotated[Annotated[str, Term("unit")] | None, Says("Unit of the quantity")] = None
    unit_rate: Annotated[Amount | None, Says("Value of one unit, in the currency")] = None
    valuation_method: Annotated[Annotated[str, Term("valuation_method")] | None, Says("How it was valued")] = None
    ppp_factor: Annotated[Amount | None, Says("Purchasing power factor used")] = None
    rate_source: Annotated[str | None, Says("Where the rate comes from")] = None
    share_percent: Annotated[Percent | None, Says("Share of the financing, 0-100")] = None
    share_basis: Annotated[Annotated[str, Term("share_basis")] | None, Says("Of what it is a share")] = None
    period_start: Annotated[PartialDate | None, Says("Start of the time it covers")] = None
    period_end: Annotated[PartialDate | None, Says("End of the time it covers")] = None
    tossd_modality: Annotated[Annotated[str, Term("tossd_modality")] | None, Says("TOSSD modality")] = None
    origin_of_funds: Annotated[
        Annotated[str, Term("origin_of_funds")] | None, Says("Where the partner has it from")
    ] = None
    transaction: Annotated[
        str | None, Ref("transactions"), Says("Key of the transaction that already states this money")
    ] = None


class Participation(Fact):
    """One organisation in one phase, on one side, in one function: the core row of the record."""

    organisation: Annotated[str | None, Ref("organisations"), Says("Key of the organisation")] = None
    phase: Annotated[Annotated[str, Term("phase")] | None, Says("Phase of the cooperation cycle")] = None
    stage: Annotated[str | None, Ref("stages"), Says("Key of the project's own stage")] = None
    side: Annotated[Annotated[str, Term("side")] | None, Says("Side on which it stands")] = None
    segib_role: Annotated[Annotated[str, Term("segib_role")] | None, Says("Role as SEGIB records it")] = None
    function: Annotated[Annotated[str, Term("function")] | None, Says("What it does")] = None
    function_label: Annotated[Texts, Says("The function in the source's own words")] = ()
    mechanism: Annotated[str | None, Ref("mechanisms"), Says("Key of the institutional mechanism")] = None
    start: Annotated[PartialDate | None, Says("Start of the participation")] = None
    end: Annotated[PartialDate | None, Says("End of the participation")] = None
    decision_power: Annotated[Annotated[str, Term("decision_power")] | None, Says("Say in decisions")] = None
    manages_budget: Annotated[bool | None, Says("Whether it manages a budget in this function")] = None
    activity_id: Annotated[str | None, Says("IATI identifier of the partner's own activity")] = None
    note: Annotated[Texts, Says("Remark")] = ()
    contributions: tuple[Contribution, ...] = ()


class Mechanism(Fact):
    """The institutional arrangement under which partners work: agreement, fund, committee, contract."""

    type: Annotated[Annotated[str, Term("mechanism_type")] | None, Says("Type of mechanism")] = None
    names: Annotated[Texts, Says("Name of the mechanism")] = ()
    legal_instrument: Annotated[str | None, Says("Agreement, law or decree that founds it")] = None
    instrument_date: Annotated[PartialDate | None, Says("Date of the instrument")] = None
    parties: Annotated[
        tuple[str, ...], Ref("organisations"), Says("Keys of the organisations that are party to it")
    ] = ()
    lead_organisation: Annotated[str | None, Ref("organisations"), Says("Key of the organisation that leads it")] = None
    governance: Annotated[Texts, Says("How it is governed")] = ()
    fund_manager: Annotated[
        str | None, Ref("organisations"), Says("Key of the organisation that manages its funds")
    ] = None
    rules_of_access: Annotated[Annotated[str, Term("rules_of_access")] | None, Says("How partners get in")] = None
    oversight_organisation: Annotated[
        str | None, Ref("organisations"), Says("Key of the organisation that oversees it")
    ] = None
    document: Annotated[str | None, Ref("document_links"), Says("Key of the document that states it")] = None


class Relationship(Fact):
    """How two partners stand to each other."""

    from_organisation: Annotated[str | None, Ref("organisations"), Says("Key of the organisation that acts")] = None
    to_organisation: Annotated[str | None, Ref("organisations"), Says("Key of the organisation it acts upon")] = None
    type: Annotated[Annotated[str, Term("relationship_type")] | None, Says("Kind of relationship")] = None
    phase: Annotated[Annotated[str, Term("phase")] | None, Says("Phase in which it holds")] = None
    mechanism: Annotated[str | None, Ref("mechanisms"), Says("Key of the mechanism behind it")] = None
    note: Annotated[Texts, Says("Remark")] = ()


class ParticipatingOrg(Fact):
    """A participating organisation as IATI knows it; `organisation` joins it to the record's own organisation."""

    ref: Annotated[str | None, At("@ref"), Identifier(), Says("Organisation identifier")] = None
    type: Annotated[str | None, At("@type"), Code("OrganisationType"), Says("Organisation type")] = None
    role: Annotated[str | None, At("@role"), Code("OrganisationRole"), Says("Organisation role, 1 to 4")] = None
    activity_id: Annotated[str | None, At("@activity-id"), Says("IATI identifier of its own activity")] = None
    crs_channel_code: Annotated[
        str | None, At("@crs-channel-code"), Code("CRSChannelCode"), Says("CRS channel code")
    ] = None
    organisation: Annotated[str | None, At("@ssc:org"), Ref("organisations"), Says("Key of the organisation")] = None
    fit: Annotated[str | None, At("@ssc:fit"), Says("How well the IATI role fits: exact or near")] = None
    names: Annotated[Texts, At("narrative"), Says("Name of the organisation")] = ()
