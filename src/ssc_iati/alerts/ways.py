"""The ways by which an alert goes out: e-mail, and JSON to a web address. Nothing that is raised shows a secret."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import requests

from ssc_iati.alerts.message import Message
from ssc_iati.alerts.options import AlertOptions, EmailOptions, WebhookOptions
from ssc_iati.publish.secrets import Secrets
from ssc_iati.wire import Ask, Limits, exchange, session

Way = Callable[[Message], None]


class UntoldError(OSError):
    """An alert could not be sent; the words hold nothing of what was sent."""


def ways(options: AlertOptions) -> Mapping[str, Way]:
    """The ways that the configuration names. Each raises OSError where it fails."""
    secrets = Secrets(os.environ, options.secrets)
    found: dict[str, Way] = {}
    email, webhook = options.email, options.webhook
    if email is not None:
        found["email"] = lambda message: _mail(email, options, secrets, message)
    if webhook is not None:
        found["webhook"] = lambda message: _post(webhook, options, secrets, message)
    return found


def _mail(email: EmailOptions, options: AlertOptions, secrets: Secrets, message: Message) -> None:
    password = secrets.get(email.password).get_secret_value() if email.password is not None else None
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = message.subject(options.language), email.sender, ", ".join(email.to)
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = make_msgid(domain=email.sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text(options.language))
    with _sending():
        server = _connected(email, options.timeout)
        try:
            if email.user is not None and password is not None:
                server.login(email.user, password)
            refused = server.send_message(mail)
        finally:
            server.close()
    if refused:
        raise UntoldError(f"the server refused {len(refused)} of {len(email.to)} addresses")


def _connected(email: EmailOptions, timeout: float) -> smtplib.SMTP:
    if email.security == "tls":
        return smtplib.SMTP_SSL(email.host, email.port, timeout=timeout, context=ssl.create_default_context())
    server = smtplib.SMTP(email.host, email.port, timeout=timeout)
    if email.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


@contextmanager
def _sending() -> Iterator[None]:
    """What goes wrong with mail, in words that hold nothing of what was sent."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        problem = f"the server answers {error.smtp_code} ({type(error).__name__})"
    except smtplib.SMTPException as error:
        problem = type(error).__name__
    except ssl.SSLCertVerificationError as error:
        problem = f"the server's certificate cannot be trusted ({error.verify_message})"
    except OSError as error:
        problem = error.strerror or type(error).__name__
    else:
        return
    raise UntoldError(problem)


def _post(webhook: WebhookOptions, options: AlertOptions, secrets: Secrets, message: Message) -> None:
    url = webhook.url or secrets.get(webhook.url_secret or "").get_secret_value()
    token = secrets.get(webhook.token).get_secret_value() if webhook.token is not None else None

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    limits = Limits(connect=options.timeout, silence=options.timeout, whole=options.timeout, size=1 << 20)
    with session() as on:
        answer = exchange(on, Ask("POST", url, body=message.data(options.language), sign=sign), limits)
    if not 200 <= answer.status < 300:
        raise UntoldError(f"HTTP {answer.status}")
