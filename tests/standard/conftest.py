"""A host of codelists, and a cache of the test's own."""

import pytest

from list_host import hosting
from ssc_iati.standard import codelists, editions, org_id


@pytest.fixture
def host():
    with hosting() as running:
        yield running


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of the test's own; before and after, this process has not chosen an edition."""
    monkeypatch.setenv(editions.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(editions, "_chosen", [])
    _forget()
    yield tmp_path / "cache" / "standard"
    monkeypatch.undo()
    _forget()


def _forget():
    for module in (codelists, org_id):
        for function in vars(module).values():
            if hasattr(function, "cache_clear"):
                function.cache_clear()
