"""What was achieved, as IATI states it, and what was learned, which IATI has no place for."""

from typing import Annotated, ClassVar

from ssc_iati.record.activity import DocumentLink
from ssc_iati.record.values import At, Code, Fact, FullDate, PartialDate, Ref, Says, Term, Texts


class ResultReference(Fact):
    """The result in a results framework."""

    code: Annotated[str | None, At("@code"), Says("Code in the framework")] = None
    vocabulary: Annotated[str | None, At("@vocabulary"), Code("ResultVocabulary"), Says("Framework")] = None
    vocabulary_uri: Annotated[str | None, At("@vocabulary-uri"), Says("Address of an own framework")] = None


class IndicatorReference(Fact):
    """The indicator in a framework, e.g. the SDG indicators (9)."""

    vocabulary: Annotated[
        str | None, At("@vocabulary"), Code("IndicatorVocabulary"), Says("Framework; 9 is the SDG's")
    ] = None
    code: Annotated[str | None, At("@code"), Says("Code in the framework")] = None
    indicator_uri: Annotated[str | None, At("@indicator-uri"), Says("Address of the indicator")] = None


class ResultLocation(Fact):
    """A place that a figure is about."""

    ref: Annotated[str | None, At("@ref"), Says("Reference of one of the activity's locations")] = None


class Dimension(Fact):
    """What a figure is broken down by."""

    name: Annotated[str | None, At("@name"), Says("Dimension, e.g. sex")] = None
    value: Annotated[str | None, At("@value"), Says("Its value, e.g. female")] = None


class Baseline(Fact):
    """The figure before."""

    iso_date: Annotated[FullDate | None, At("@iso-date"), Says("Day of the baseline")] = None
    year: Annotated[str | None, At("@year"), Says("Year of the baseline")] = None
    value: Annotated[str | None, At("@value"), Says("Value of the baseline")] = None
    locations: Annotated[tuple[ResultLocation, ...], At("location")] = ()
    dimensions: Annotated[tuple[Dimension, ...], At("dimension")] = ()
    document_links: Annotated[tuple[DocumentLink, ...], At("document-link")] = ()
    comment: Annotated[Texts, At("comment"), Says("Remark on the baseline")] = ()


class Figure(Fact):
    """A target or an actual value."""

    REFUSES_ATTRIBUTES: ClassVar[bool] = True

    value: Annotated[str | None, At("@value"), Says("Value")] = None
    locations: Annotated[tuple[ResultLocation, ...], At("location")] = ()
    dimensions: Annotated[tuple[Dimension, ...], At("dimension")] = ()
    comment: Annotated[Texts, At("comment"), Says("Remark")] = ()
    document_links: Annotated[tuple[DocumentLink, ...], At("document-link")] = ()


class Period(Fact):
    """A time for which an indicator is measured. `qualifier` says whether the actual value is exact."""

    qualifier: Annotated[
        Annotated[str, Term("qualifier")] | None, At("@ssc:qualifier"), Says("Exact, at least, about")
    ] = None
    responsible: Annotated[
        str | None, At("@ssc:responsible"), Ref("organisations"), Says("Key of the organisation that measures")
    ] = None
    start: Annotated[FullDate | None, At("period-start/@iso-date"), Says("First day")] = None
    end: Annotated[FullDate | None, At("period-end/@iso-date"), Says("Last day")] = None
    targets: Annotated[tuple[Figure, ...], At("target")] = ()
    actuals: Annotated[tuple[Figure, ...], At("actual")] = ()


class Indicator(Fact):
    """What a result is measured by."""

    measure: Annotated[
        str | None, At("@measure"), Code("IndicatorMeasure"), Says("Unit, percentage, ..., qualitative")
    ] = None
    ascending: Annotated[bool | None, At("@ascending"), Says("Whether more is better")] = None
    aggregation_status: Annotated[bool | None, At("@aggregation-status"), Says("Whether it can be added up")] = None
    title: Annotated[Texts, At("title"), Says("Title of the indicator")] = ()
    description: Annotated[Texts, At("description"), Says("Description of the indicator")] = ()
    document_links: Annotated[tuple[DocumentLink, ...], At("document-link")] = ()
    references: Annotated[tuple[IndicatorReference, ...], At("reference")] = ()
    baselines: Annotated[tuple[Baseline, ...], At("baseline")] = ()
    periods: Annotated[tuple[Period, ...], At("period")] = ()


class Result(Fact):
    """Output (1), outcome (2), impact (3) or other (9)."""

    type: Annotated[str | None, At("@type"), Code("ResultType"), Says("Output, outcome, impact, other")] = None
    aggregation_status: Annotated[bool | None, At("@aggregation-status"), Says("Whether it can be added up")] = None
    title: Annotated[Texts, At("title"), Says("Title of the result")] = ()
    description: Annotated[Texts, At("description"), Says("Description of the result")] = ()
    document_links: Annotated[tuple[DocumentLink, ...], At("document-link")] = ()
    references: Annotated[tuple[ResultReference, ...], At("reference")] = ()
    indicators: Annotated[tuple[Indicator, ...], At("indicator")] = ()


class Lesson(Fact):
    """What was learned: why it worked or did not."""

    kind: Annotated[Annotated[str, Term("lesson_kind")] | None, Says("Kind of lesson")] = None
    phase: Annotated[Annotated[str, Term("phase")] | None, Says("Phase that it is about")] = None
    text: Annotated[Texts, Says("The lesson")] = ()
    authored_by: Annotated[str | None, Ref("organisations"), Says("Key of the organisation that says so")] = None
    applies_to: Annotated[Texts, Says("Where else it holds")] = ()
    evidence: Annotated[Texts, Says("What shows it")] = ()
    document: Annotated[str | None, Ref("document_links"), Says("Key of the document that states it")] = None
    as_of: Annotated[PartialDate | None, Says("Date of this statement")] = None
