"""What became of each dataset in a reconciliation, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.publish.registry.dataset import NAME_COMFORTABLE, Dataset, Known, Registered
from ssc_iati.publish.registry.trouble import RegistryError

Changes = Mapping[str, tuple[str | None, str]]
_NO_CHANGES: Changes = MappingProxyType({})


class Step(StrEnum):
    """What is to be done with a dataset."""

    NOTHING = "unchanged"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LEAVE = "leave"


class Outcome(NamedTuple):
    """What became of a dataset: the step, whether it is done, and what stood otherwise than wanted.

    A step that is not done was only planned, is a person's to do, or failed with `error`. `file` is the published file;
    None for a dataset that is of none any more.
    """

    file: str | None
    short_name: str
    step: Step
    done: bool
    id: UUID | None = None
    wanted: Dataset | None = None
    changes: Changes = _NO_CHANGES
    error: RegistryError | None = None


class Reconciled(NamedTuple):
    """What a reconciliation came to. `registered` is for the ledger to keep, and to be given back next time.

    `asked` says whether the Registry was asked at all.
    """

    registered: Registered | None
    outcomes: tuple[Outcome, ...]
    findings: tuple[Finding, ...]
    asked: bool

    @property
    def failed(self) -> bool:
        """Whether something that should be done could not be."""
        return any(each.error for each in self.outcomes)

    @property
    def retry(self) -> bool:
        """Whether all that failed may succeed later, with nobody doing anything."""
        errors = [each.error for each in self.outcomes if each.error]
        return bool(errors) and all(each.retry for each in errors)


def left(wanted: Mapping[str, Dataset], known: Registered | None) -> tuple[Known, ...]:
    """What was registered of files that are published no more, and is no other file's now."""
    names = {each.short_name for each in wanted.values()}
    gone = (each for each in (known.datasets if known else ()) if each.file not in wanted)
    return tuple(each for each in gone if each.metadata["short_name"] not in names)


def leave(each: Known) -> Outcome:
    """Nothing is deleted because it is published no more."""
    return Outcome(each.file, each.metadata["short_name"], Step.LEAVE, done=True, id=each.id)


def findings(outcomes: Sequence[Outcome], *, by_hand: bool = False) -> tuple[Finding, ...]:
    """What is to be said about the outcomes; `by_hand` says that what is not done is a person's to do."""
    return tuple(item for each in outcomes for item in _about(each, by_hand=by_hand))


def _about(outcome: Outcome, *, by_hand: bool) -> Iterator[Finding]:
    where, name = Place(outcome.file or outcome.short_name), outcome.short_name
    if outcome.error is not None:
        yield outcome.error.finding
    if outcome.step is Step.LEAVE:
        yield finding("ssc-registry-left", where, name=name)
    if outcome.step is Step.DELETE and outcome.done and outcome.id is None:
        yield finding("ssc-registry-delete-unknown", where, name=name)
    if outcome.step is Step.CREATE and len(name) > NAME_COMFORTABLE:
        yield finding("ssc-registry-name-long", where, name=name, limit=NAME_COMFORTABLE)
    if by_hand and not outcome.done:
        yield finding("ssc-registry-by-hand", where, name=name)
