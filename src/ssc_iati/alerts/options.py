"""Who is told when something needs a person: `[alerts]` of the configuration. Secrets are named there, never stated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from ssc_iati.publish.registry.dataset import LOOPBACK, Frozen, SafeUrl
from ssc_iati.publish.secrets import SecretName

Address = Annotated[str, StringConstraints(pattern=r"^[!-?A-~]+@[!-?A-~]+$", max_length=254)]


class EmailOptions(Frozen):
    """A server that takes mail: `[alerts.email]`. `tls` speaks TLS from the first byte on, `starttls` before anything
    is told; without either mail goes to this machine only.
    """

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: Address
    to: Annotated[tuple[Address, ...], Field(min_length=1)]
    user: str | None = None
    password: SecretName | None = None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("mail goes to another machine over TLS only: security is starttls or tls")
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password stand together")
        return self


class WebhookOptions(Frozen):
    """An address that takes JSON by POST: `[alerts.webhook]`. Where the address is itself a secret (as chat services
    give them), `url_secret` names it; `token` names what is sent as a bearer token.
    """

    url: SafeUrl | None = None
    url_secret: SecretName | None = None
    token: SecretName | None = None

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.url is None) == (self.url_secret is None):
            raise ValueError("either url or url_secret says where to")
        return self


class AlertOptions(Frozen):
    """`[alerts]`: in which language, by which ways, where the secrets are, and how long a server may be silent (in
    seconds).
    """

    language: Literal["en", "es", "pt", "fr"] = "en"
    email: EmailOptions | None = None
    webhook: WebhookOptions | None = None
    secrets: Path | None = None
    timeout: float = Field(default=30, gt=0, le=600)
