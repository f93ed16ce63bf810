"""Sources for tests: the same tables as a folder of CSV, as a workbook, or records as JSON Lines."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import ssl
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

import builders
from database_server import postgres, postgres_server
from site_stand_in import Site

__all__ = ["postgres", "postgres_server"]

# The lists of every test, and of every program that a test starts, are those of the package.
os.environ["SSC_IATI_CACHE"] = str(Path(__file__).parent / "no-cache")

Build = Callable[[Any], Path]


@pytest.fixture
def csv_source(tmp_path: Path) -> Build:
    numbers = count()
    return lambda tables: builders.write_csv(tmp_path / f"source{next(numbers)}", tables)


@pytest.fixture
def workbook_source(tmp_path: Path) -> Build:
    numbers = count()
    return lambda tables: builders.write_workbook(tmp_path / f"source{next(numbers)}.xlsx", tables)


@pytest.fixture
def jsonl_source(tmp_path: Path) -> Build:
    numbers = count()
    return lambda records: builders.write_jsonl(tmp_path / f"source{next(numbers)}.jsonl", records)


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server on loopback, with nothing on it."""
    made = Site().start()
    yield made
    made.close()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server of this machine shows, for which nobody has vouched; and the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, both = tmp_path / "certificate.pem", tmp_path / "both.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    both.write_bytes(file.read_bytes() + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, file
