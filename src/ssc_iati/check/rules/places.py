"""Where a project is and what it is about: places, sectors, classifications, with shares that add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ssc_iati.check.context import Context
from ssc_iati.check.faults import Fault, fault, has_text
from ssc_iati.check.places import Loc
from ssc_iati.record.project import Project

HUNDRED = Decimal(100)


def geography(project: Project, _: Context) -> Iterator[Fault]:
    """A country or a region, and shares that add up; shares that nobody knows are the mapping's business."""
    record = project.__dict__
    countries, regions = record["recipient_countries"], record["recipient_regions"]
    for name in ("recipient_countries", "recipient_regions"):
        for index, each in enumerate(record[name]):
            if not each.__dict__["code"]:
                yield fault("ssc-code-missing", (name, index, "code"))
    if (
        not countries
        and not regions
        and not any(each.recipient_country or each.recipient_region for each in project.transactions)
    ):
        yield fault("ssc-geography-missing", ("recipient_countries",))
    own = [each.__dict__["percentage"] for each in countries]
    if not regions:
        yield from _shares(own, ("recipient_countries", 0, "percentage"))
    for vocabulary in sorted({each.vocabulary or "1" for each in regions}):
        shares = own + [each.percentage for each in regions if (each.vocabulary or "1") == vocabulary]
        name = "recipient_countries" if countries else "recipient_regions"
        yield from _shares(shares, (name, 0, "percentage"))


def _shares(shares: list[Decimal | None], loc: Loc) -> Sequence[Fault]:
    """The shares of places: all or none, and together a hundred; told at the first of them."""
    stated = [share for share in shares if share is not None]
    if not stated:
        return ()
    if len(stated) < len(shares):
        return (fault("3.1.1", loc),)
    if len(shares) > 1 and sum(stated) != HUNDRED:
        return (fault("3.1.2", loc, total=sum(stated)),)
    if len(shares) == 1 and stated[0] != HUNDRED:
        return (fault("3.1.4", loc, value=stated[0]),)
    return ()


def levels(project: Project, _: Context) -> Iterator[Fault]:
    """Countries and regions stand on the activity, or on every transaction, not on both."""
    placed = []
    for each in project.__dict__["transactions"]:
        stated = each.__dict__
        placed.append(bool(stated["recipient_country"] or stated["recipient_region"]))
    if True not in placed:
        return
    if project.recipient_countries or project.recipient_regions:
        yield fault("3.6.2", ("transactions", placed.index(True), "recipient_country"))
    elif not all(placed):
        yield fault("3.7.2", ("transactions", placed.index(False), "recipient_country"))


def sectors(project: Project, _: Context) -> Iterator[Fault]:
    """A sector; shares of each vocabulary that add up; not on both levels."""
    record = project.__dict__
    own = record["sectors"]
    on_transactions = [bool(each.__dict__["sectors"]) for each in record["transactions"]]
    if not own and True not in on_transactions:
        yield fault("6.2.2", ("sectors",))
    elif own and True in on_transactions:
        yield fault("6.6.2", ("sectors",))
    elif not own and False in on_transactions:
        yield fault("6.7.2", ("transactions", on_transactions.index(False)))
    by_vocabulary = defaultdict(list)
    for index, each in enumerate(own):
        stated = each.__dict__
        code, vocabulary = stated["code"], stated["vocabulary"]
        if not code:
            yield fault("ssc-code-missing", ("sectors", index, "code"))
        if vocabulary in {"98", "99"} and not has_text(stated["names"]):
            yield fault("2.2.1", ("sectors", index, "names"), value=code)
        by_vocabulary[vocabulary or "1"].append((index, stated["percentage"]))
    for vocabulary, shares in by_vocabulary.items():
        yield from _sector_shares(vocabulary, shares)


def _sector_shares(vocabulary: str, shares: list[tuple[int, Decimal | None]]) -> Iterator[Fault]:
    stated = [share for _, share in shares if share is not None]
    loc: Loc = ("sectors", shares[0][0], "percentage")
    if len(shares) == 1:
        if stated and stated[0] != HUNDRED:
            yield fault("2.1.4", loc, value=stated[0], vocabulary=vocabulary)
    elif len(stated) < len(shares):
        missing = next(index for index, share in shares if share is None)
        yield fault("2.1.1", ("sectors", missing, "percentage"), vocabulary=vocabulary)
    elif sum(stated) != HUNDRED:
        yield fault("2.1.2", loc, total=sum(stated), vocabulary=vocabulary)


def classifications(project: Project, _: Context) -> Iterator[Fault]:
    """Markers with their significance, tags with their vocabulary, one aid type in each vocabulary."""
    record = project.__dict__
    for index, marker in enumerate(record["policy_markers"]):
        if not marker.code:
            yield fault("ssc-code-missing", ("policy_markers", index, "code"))
        if marker.vocabulary in {None, "1"} and marker.significance is None:
            yield fault("6.14.1", ("policy_markers", index, "significance"), value=marker.code)
        if marker.vocabulary == "99" and not has_text(marker.names):
            yield fault("6.13.1", ("policy_markers", index, "names"), value=marker.code)
    for index, tag in enumerate(record["tags"]):
        if not tag.code:
            yield fault("ssc-code-missing", ("tags", index, "code"))
        elif not tag.vocabulary:
            yield fault("ssc-vocabulary-missing", ("tags", index, "vocabulary"), value=tag.code)
    aid_types = record["default_aid_types"]
    if aid_types and len({each.vocabulary or "1" for each in aid_types}) < len(aid_types):
        yield fault("107.1.2", ("default_aid_types",))
