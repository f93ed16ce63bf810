"""The stand-in for the Registry, and a publisher's configuration that leads to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from stand_in import StandIn

from ssc_iati.publish.registry.options import RegistryOptions


@pytest.fixture
def registry() -> Iterator[StandIn]:
    made = StandIn()
    yield made
    made.close()


@pytest.fixture
def options(registry: StandIn) -> Callable[..., RegistryOptions]:
    """A configuration; what is said replaces what every test has."""

    def made(token: dict[str, Any] | None = None, **said: Any) -> RegistryOptions:
        by_client = {"source": "client_credentials", "client_id": "our-client", "client_secret": "CLIENT_SECRET"}
        whole = {
            "api": registry.api,
            "short_name": "agency",
            "name": "The Agency",
            "licence": "cc-by",
            "timeout": 0.3,
        }
        whole["token"] = {"url": registry.tokens_url, **(token or by_client)}
        return RegistryOptions.model_validate(whole | said)

    return made
