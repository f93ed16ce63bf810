"""One dataset at a time: look whether it stands as wanted, and write until it does, no oftener than it takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from ssc_iati.publish.registry import client as calls
from ssc_iati.publish.registry.client import Client
from ssc_iati.publish.registry.dataset import Dataset, Listed, Registered
from ssc_iati.publish.registry.outcome import Changes, Outcome, Step, leave, left
from ssc_iati.publish.registry.trouble import RegistryError

WRITES_AT_MOST = 2
"""How often one change is tried in one reconciliation."""


class _Work(NamedTuple):
    """A dataset to be settled: its file, what is wanted, and its id if it was registered before."""

    file: str
    wanted: Dataset
    id: UUID | None


def settle(
    client: Client,
    owner: UUID,
    wanted: Mapping[str, Dataset],
    known: Registered | None,
    *,
    dry: bool,
    delete: Collection[str],
) -> list[Outcome]:
    """Settle each wanted dataset, and delete what is to be deleted; nothing is written if `dry`.

    RegistryError where the organisation's datasets cannot be listed; what fails later fails for one dataset.
    """
    listed = calls.datasets(client, owner)
    ids = {each.file: each.id for each in known.datasets} if known is not None else {}
    works = [_Work(file, dataset, ids.get(file)) for file, dataset in wanted.items()]
    changing = {each.id for each in listed if each.metadata.get("short_name") in delete}
    changing |= {found.id for work in works if (found := _find(work, listed)) is not None}
    outcomes = [_settle_one(client, owner, work, listed, changing, dry=dry) for work in works]
    outcomes += [leave(each) for each in left(wanted, known)]
    taken = {each.short_name for each in wanted.values()}
    return outcomes + [_delete(client, name, listed, taken, dry=dry) for name in sorted(delete)]


def _settle_one(
    client: Client, owner: UUID, work: _Work, listed: Sequence[Listed], changing: Collection[UUID], *, dry: bool
) -> Outcome:
    """Write until the Registry says what is wanted, and no oftener than it takes.

    `changing` are the datasets whose own turn comes: what stands in them now does not count.
    """
    step, error = Step.NOTHING, None
    outcome = Outcome(work.file, work.wanted.short_name, step, done=False, wanted=work.wanted)
    try:
        for writes in range(WRITES_AT_MOST + 1):
            standing = _find(work, listed)
            changes = standing.differs(work.wanted) if standing else {}
            if standing is not None and not changes:
                return outcome._replace(step=step, done=True, id=standing.id)
            step = Step.UPDATE if standing else Step.CREATE
            outcome = outcome._replace(step=step, id=standing.id if standing else None, changes=changes)
            _refuse_a_second(f"{client.api}/reporting-orgs/{owner}/datasets", work, listed, changing)
            if dry or writes == WRITES_AT_MOST:
                break
            try:
                return outcome._replace(done=True, id=_write(client, owner, work.wanted, standing, changes).id)
            except RegistryError as refused:
                error = refused
                if not refused.trouble.look:
                    break
            listed = calls.datasets(client, owner)
            if not error.retry and _find(work, listed) == standing:
                break
    except RegistryError as refused:
        error = refused
    return outcome._replace(error=error)


def _find(work: _Work, listed: Sequence[Listed]) -> Listed | None:
    """The dataset that was registered for the file, else the one of its short name, which nobody else may bear."""
    by_id = next((each for each in listed if each.id == work.id), None)
    return by_id or next((each for each in listed if each.metadata.get("short_name") == work.wanted.short_name), None)


def _refuse_a_second(where: str, work: _Work, listed: Sequence[Listed], changing: Collection[UUID]) -> None:
    """One file under two datasets would be counted twice by everybody."""
    for each in listed:
        other = each.metadata.get("short_name")
        if each.metadata.get("url") == work.wanted.url and each.id not in changing and other != work.wanted.short_name:
            raise RegistryError("ssc-registry-url-doubled", where, url=work.wanted.url, other=other)


def _write(client: Client, owner: UUID, wanted: Dataset, standing: Listed | None, changes: Changes) -> Listed:
    """Create or update; RegistryError, too, where the Registry then holds something else than it was told."""
    if standing is None:
        made = calls.create(client, owner, wanted)
    else:
        made = calls.update(client, standing.id, wanted, visibility="visibility" in changes)
    for field, (stands, told) in made.differs(wanted).items():
        values = {"field": field, "told": told, "stands": stands or "-"}
        raise RegistryError("ssc-registry-altered", f"{client.api}/datasets/{made.id}", **values)
    return made


def _delete(client: Client, name: str, listed: Sequence[Listed], wanted: set[str], *, dry: bool) -> Outcome:
    found = next((each for each in listed if each.metadata.get("short_name") == name), None)
    outcome = Outcome(None, name, Step.DELETE, done=False, id=found.id if found else None)
    if name in wanted:
        return outcome._replace(error=RegistryError("ssc-registry-delete-wanted", client.api, name=name))
    try:
        if found is not None and not dry:
            calls.delete(client, found.id)
    except RegistryError as error:
        gone = error.finding.rule == "ssc-registry-missing"  # somebody, or an earlier try of ours, was quicker
        return outcome._replace(done=True) if gone else outcome._replace(error=error)
    return outcome._replace(done=found is None or not dry)
