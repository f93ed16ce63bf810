"""What donors that report to the OECD add for its systems: the Creditor Reporting System and the Forward Spending
Survey.
"""

from typing import Annotated

from ssc_iati.record.values import Amount, At, Code, Currency, Fact, FullDate, Says


class OtherFlag(Fact):
    """A flag of the CRS: free-standing technical cooperation, programme-based, investment, associated financing."""

    code: Annotated[str | None, At("@code"), Code("CRSAddOtherFlags"), Says("Flag of the CRS")] = None
    significance: Annotated[bool | None, At("@significance"), Says("Whether the flag holds")] = None


class LoanTerms(Fact):
    """On what terms a loan is repaid."""

    rate_1: Annotated[Amount | None, At("@rate-1"), Says("Interest rate")] = None
    rate_2: Annotated[Amount | None, At("@rate-2"), Says("Second interest rate")] = None
    repayment_type: Annotated[
        str | None, At("repayment-type/@code"), Code("LoanRepaymentType"), Says("Type of repayment")
    ] = None
    repayment_plan: Annotated[
        str | None, At("repayment-plan/@code"), Code("LoanRepaymentPeriod"), Says("Number of repayments a year")
    ] = None
    commitment_date: Annotated[FullDate | None, At("commitment-date/@iso-date"), Says("Day of the commitment")] = None
    repayment_first_date: Annotated[
        FullDate | None, At("repayment-first-date/@iso-date"), Says("Day of the first repayment")
    ] = None
    repayment_final_date: Annotated[
        FullDate | None, At("repayment-final-date/@iso-date"), Says("Day of the last repayment")
    ] = None


class LoanStatus(Fact):
    """How a loan stands in a year."""

    year: Annotated[Amount | None, At("@year"), Says("Year")] = None
    currency: Annotated[str | None, At("@currency"), Currency(), Says("Currency of the amounts")] = None
    value_date: Annotated[FullDate | None, At("@value-date"), Says("Date of the exchange rate")] = None
    interest_received: Annotated[Amount | None, At("interest-received"), Says("Interest received")] = None
    principal_outstanding: Annotated[Amount | None, At("principal-outstanding"), Says("Principal outstanding")] = None
    principal_arrears: Annotated[Amount | None, At("principal-arrears"), Says("Arrears of principal")] = None
    interest_arrears: Annotated[Amount | None, At("interest-arrears"), Says("Arrears of interest")] = None


class CrsAdd(Fact):
    """What the CRS asks beyond IATI."""

    other_flags: Annotated[tuple[OtherFlag, ...], At("other-flags")] = ()
    loan_terms: Annotated[LoanTerms | None, At("loan-terms")] = None
    loan_status: Annotated[LoanStatus | None, At("loan-status")] = None
    channel_code: Annotated[
        str | None, At("channel-code"), Code("CRSChannelCode"), Says("CRS channel code of the activity")
    ] = None


class Forecast(Fact):
    """What is planned to be spent in a year to come."""

    year: Annotated[Amount | None, At("@year"), Says("Year of the forecast")] = None
    currency: Annotated[str | None, At("@currency"), Currency(), Says("Currency of the amount")] = None
    value_date: Annotated[FullDate | None, At("@value-date"), Says("Date of the exchange rate")] = None
    value: Annotated[Amount | None, At("."), Says("Amount")] = None


class Fss(Fact):
    """What the Forward Spending Survey asks."""

    extraction_date: Annotated[FullDate | None, At("@extraction-date"), Says("Day on which the data was taken")] = None
    priority: Annotated[bool | None, At("@priority"), Says("Whether the partner country has priority")] = None
    phaseout_year: Annotated[Amount | None, At("@phaseout-year"), Says("Year in which cooperation ends")] = None
    forecasts: Annotated[tuple[Forecast, ...], At("forecast")] = ()
