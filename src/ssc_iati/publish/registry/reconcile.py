"""Bring the Registry to say what we publish: look, compare, and write only what differs.

Nothing is asked of anybody while what is wanted is what was last registered. A write whose outcome is not known, since
no answer came, is looked for before it is done again.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from ssc_iati.publish.registry import client as calls
from ssc_iati.publish.registry.client import Client
from ssc_iati.publish.registry.dataset import Dataset, Known, Registered, differences
from ssc_iati.publish.registry.options import RegistryOptions
from ssc_iati.publish.registry.outcome import Outcome, Reconciled, Step, findings, leave, left
from ssc_iati.publish.registry.settle import settle
from ssc_iati.publish.registry.trouble import RegistryError


def reconcile(
    options: RegistryOptions,
    urls: Mapping[str, str],
    registered: Registered | None = None,
    *,
    reporter: str | None = None,
    environment: Mapping[str, str] | None = None,
    dry: bool = False,
    delete: Collection[str] = (),
) -> Reconciled:
    """Register the published files, each under its public URL, as far as they are not.

    `registered` is what the last reconciliation gave; `reporter` the IATI identifier of the organisation, which must be
    the Registry's own where it is asked; `dry` only looks; `delete` names datasets, by short name, to take out of the
    Registry: nothing else is ever deleted. Without a token source in the configuration, a person is told what to do.

    SourceError where the configuration does not say what can be registered; RegistryError where nothing could be done
    at all. What fails for one dataset is in its outcome, and the others go on.
    """
    wanted = options.wanted(urls)
    former = registered if registered is not None and _holds(registered, options) else None
    if former is not None and not delete and not dry and _stands(former, wanted):
        return _result(former, _unchanged(former, wanted), asked=False)
    if options.token is None:
        outcomes = _for_a_person(wanted, former, delete)
        told = former if dry else _told(options, wanted, former)
        return _result(told, outcomes, asked=False, by_hand=True)
    with calls.opened(options, options.token, os.environ if environment is None else environment) as client:
        owner = find_organisation(client, options, reporter).id
        outcomes = settle(client, owner, wanted, former, dry=dry, delete=delete)
    kept = registered if dry else _registered(options, owner, wanted, former, outcomes)
    result = _result(kept, outcomes, asked=True)
    return result._replace(findings=(*client.wallet.findings, *result.findings))


def _result(
    registered: Registered | None, outcomes: Sequence[Outcome], *, asked: bool, by_hand: bool = False
) -> Reconciled:
    return Reconciled(registered, tuple(outcomes), findings(outcomes, by_hand=by_hand), asked)


def find_organisation(client: Client, options: RegistryOptions, reporter: str | None) -> calls.Organisation:
    """The organisation that owns the datasets: the one that the configuration names, else the one of this identifier.

    RegistryError where there is none, or where the Registry knows it under another identifier.
    """
    if options.organisation is not None:
        found = calls.organisation(client, options.organisation)
        if reporter is not None and found.identifier != reporter:
            where, values = f"{client.api}/reporting-orgs/{found.id}", {"found": found.identifier or "-"}
            raise RegistryError("ssc-registry-organisation-differs", where, reporter=reporter, **values)
        return found
    mine = [each for each in calls.organisations(client) if each.identifier == reporter and reporter is not None]
    if len(mine) != 1:
        where = f"{client.api}/reporting-orgs"
        raise RegistryError("ssc-registry-organisation-unknown", where, reporter=reporter or "-")
    return mine[0]


def is_registered(options: RegistryOptions, urls: Mapping[str, str], registered: Registered | None) -> bool:
    """Whether all this was registered just so, and nobody need be asked; SourceError as above."""
    wanted = options.wanted(urls)
    return registered is not None and _holds(registered, options) and _stands(registered, wanted)


def _holds(registered: Registered, options: RegistryOptions) -> bool:
    """Whether what was registered was so in this Registry and for this organisation. What a person was told is no
    knowledge of what stands, where one can look.
    """
    here = registered.api == options.api and options.organisation in {None, registered.organisation}
    return here and not (registered.by_hand and options.token is not None)


def _stands(registered: Registered, wanted: Mapping[str, Dataset]) -> bool:
    """Whether each wanted dataset was registered just so."""
    known = {file: registered.of(file) for file in wanted}
    return all(each is not None and not differences(each.metadata, wanted[file]) for file, each in known.items())


def _unchanged(registered: Registered, wanted: Mapping[str, Dataset]) -> list[Outcome]:
    stand = [each for each in registered.datasets if each.file in wanted]
    outcomes = [Outcome(each.file, each.metadata["short_name"], Step.NOTHING, done=True, id=each.id) for each in stand]
    return outcomes + [leave(each) for each in left(wanted, registered)]


# --- What is remembered -----------------------------------------------------------------------------------------------


def _registered(
    options: RegistryOptions,
    owner: UUID,
    wanted: Mapping[str, Dataset],
    known: Registered | None,
    outcomes: Sequence[Outcome],
) -> Registered:
    """What is known to stand now. A dataset whose change failed is not known any more, and is asked about next time."""
    made = [
        Known(file=each.file, id=each.id, metadata=each.wanted.model_dump())
        for each in outcomes
        if each.file is not None and each.wanted is not None and each.done
    ]
    deleted = {each.id for each in outcomes if each.step is Step.DELETE and each.done}
    stay = [each for each in left(wanted, known) if each.id not in deleted]
    datasets = tuple(sorted([*made, *stay], key=lambda each: each.file))
    return Registered(api=options.api, organisation=owner, by_hand=False, datasets=datasets)


def _for_a_person(wanted: Mapping[str, Dataset], former: Registered | None, delete: Collection[str]) -> list[Outcome]:
    """What a person must enter; `by_hand` puts it into words."""
    outcomes = []
    for file, dataset in wanted.items():
        known = former.of(file) if former is not None else None
        changes = differences(known.metadata, dataset) if known is not None else {}
        step = Step.CREATE if known is None else Step.UPDATE if changes else Step.NOTHING
        key, done = known.id if known else None, step is Step.NOTHING
        outcomes.append(Outcome(file, dataset.short_name, step, done, key, dataset, changes))
    outcomes += [leave(each) for each in left(wanted, former)]
    return outcomes + [Outcome(None, name, Step.DELETE, done=False) for name in sorted(delete)]


def _told(options: RegistryOptions, wanted: Mapping[str, Dataset], former: Registered | None) -> Registered:
    """What a person was told to enter, so that it is not told again."""
    told = [Known(file=file, id=None, metadata=dataset.model_dump()) for file, dataset in wanted.items()]
    datasets = tuple(sorted([*told, *left(wanted, former)], key=lambda each: each.file))
    return Registered(api=options.api, organisation=options.organisation, by_hand=True, datasets=datasets)
