"""Stores to try: a folder, and real servers of S3 and SFTP on loopback, behind a connection that can be cut."""

from __future__ import annotations

import getpass
import importlib.util
import os
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ssc_iati.publish.options import StoreOptions

SSHD = shutil.which("sshd") or next((path for path in ("/usr/sbin/sshd",) if Path(path).exists()), None)


class Place(NamedTuple):
    """A store as a configuration names it, the way there, and how a reader gets a file from it."""

    options: StoreOptions
    way: Way
    folder: Path

    def read(self, name: str) -> bytes | None:
        """What a reader gets, who does not come by the way that may be cut."""
        return _read(self, name)


class Way(socketserver.ThreadingTCPServer):
    """The way to a server: it carries everything, until it is told to be cut after so many bytes, or to be slow."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int) -> None:
        self.target = port
        self.left: int | None = None
        self.pause = 0.0
        self.carried = 0
        super().__init__(("127.0.0.1", 0), _Carrier)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def cut_after(self, number: int | None) -> None:
        """Be cut for good after so many more bytes to the server; whole again for None."""
        self.left, self.carried = number, 0

    def handle_error(self, *_: Any) -> None:
        """A cut connection is what was asked for."""


class _Carrier(socketserver.BaseRequestHandler):
    server: Way

    def handle(self) -> None:
        if self.server.left is not None and self.server.left <= 0:
            return
        with socket.create_connection(("127.0.0.1", self.server.target)) as there:
            back = threading.Thread(target=self._answer, args=(there,), daemon=True)
            back.start()
            self._ask(there)
            for each in (there, self.request):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            back.join()

    def _ask(self, there: socket.socket) -> None:
        way = self.server
        try:
            while block := self.request.recv(8192):
                time.sleep(way.pause)
                if way.left is not None:
                    block = block[: max(way.left, 0)]
                    way.left -= len(block)
                there.sendall(block)
                way.carried += len(block)
                if way.left is not None and way.left <= 0:
                    return
        except OSError:
            return

    def _answer(self, there: socket.socket) -> None:
        try:
            while block := there.recv(65536):
                self.request.sendall(block)
        except OSError:
            pass
        finally:  # a server that is gone hangs up: else who asked would wait for as long as it waits for a slow one
            with suppress(OSError):
                self.request.shutdown(socket.SHUT_RDWR)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server does not answer")


# --- S3 ---------------------------------------------------------------------------------------------------------------


class S3Server:
    """An S3 server, a process of its own, which holds everything in memory."""

    def __init__(self) -> None:
        for package in ("moto", "flask", "flask_cors", "s3fs"):
            if importlib.util.find_spec(package) is None:
                pytest.skip(f"needs the package {package}")
        self.port = _free_port()
        self.start()

    def start(self) -> None:
        """Start, or start anew, empty."""
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_for(self.port, self.process)

    def make(self, bucket: str) -> None:
        """Make a bucket."""
        import boto3

        told = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=f"http://127.0.0.1:{self.port}", **told).create_bucket(Bucket=bucket)

    def kill(self) -> None:
        """Die, without a word."""
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A server for all tests that do not kill it."""
    server = S3Server()
    yield server
    server.kill()


@pytest.fixture
def own_s3_server() -> Iterator[S3Server]:
    """A server that a test may kill."""
    server = S3Server()
    yield server
    server.kill()


@pytest.fixture
def s3(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A bucket of its own."""
    import s3fs

    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)  # a way that is cut here is not mended by waiting
    monkeypatch.setenv("SSC_IATI_STORE_KEY", "who")
    monkeypatch.setenv("SSC_IATI_STORE_SECRET", "SECRET-OF-THE-STORE")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    bucket = f"b{abs(hash(tmp_path)):x}"
    s3_server.make(bucket)
    way = Way(s3_server.port)
    client = {"endpoint_url": f"http://127.0.0.1:{way.port}", "region_name": "us-east-1"}
    options = StoreOptions(
        url=f"s3://{bucket}/iati",
        options={"client_kwargs": client, "config_kwargs": {"connect_timeout": 5, "retries": {"max_attempts": 0}}},
        public="https://data.example.org/iati/",
    )
    yield Place(options, way, tmp_path)
    way.shutdown()
    way.server_close()


# --- SFTP -------------------------------------------------------------------------------------------------------------


class SshServer:
    """An SSH server of the test's own, which can be killed and started anew."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, _free_port()
        for name in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home / name], check=True)
        (home / "keys").write_text((home / "user_key.pub").read_text())
        (home / "sshd_config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {home / 'host_key'}\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {home / 'keys'}\nStrictModes no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n"
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.start()

    def start(self) -> None:
        """Start, or start anew."""
        command = [str(SSHD), "-D", "-e", "-f", str(self.home / "sshd_config")]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_for(self.port, self.process)

    def kill(self) -> None:
        """Die, without a word."""
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """A real SSH server; skipped where the machine has none."""
    if SSHD is None or shutil.which("ssh-keygen") is None or importlib.util.find_spec("paramiko") is None:
        pytest.skip("needs an SSH server (openssh-server) and the package paramiko")
    server = SshServer(tmp_path_factory.mktemp("sshd"))
    yield server
    server.kill()


@pytest.fixture
def sftp(ssh_server: SshServer, tmp_path: Path) -> Iterator[Place]:
    """A folder of its own behind SFTP."""
    way = Way(ssh_server.port)
    key = (ssh_server.home / "host_key.pub").read_text().rsplit(" ", 1)[0]
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{way.port} {key}\n")
    found = {"known_hosts": str(tmp_path / "known_hosts"), "key_filename": str(ssh_server.home / "user_key")}
    plain = {"look_for_keys": False, "allow_agent": False}
    url = f"sftp://{getpass.getuser()}@127.0.0.1:{way.port}{tmp_path}/far/iati"
    yield Place(StoreOptions(url=url, options=found | plain), way, tmp_path)
    way.shutdown()
    way.server_close()


# --- Any --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    """A folder of this machine."""
    return Place(StoreOptions(url=f"file://{tmp_path}/far/iati"), Way(0), tmp_path)


@pytest.fixture(params=["folder", "s3", "sftp"])
def place(request: pytest.FixtureRequest) -> Place:
    """A store of each kind."""
    found: Place = request.getfixturevalue(request.param)
    return found


def _read(place: Place, name: str) -> bytes | None:
    if not (place.options.url or "").startswith("s3://"):
        path = place.folder / "far" / "iati" / name
        return path.read_bytes() if path.is_file() else None
    import requests

    bucket = (place.options.url or "").removeprefix("s3://")
    url = f"http://127.0.0.1:{place.way.target}/{bucket}/{name}"
    found = requests.get(url, timeout=10, auth=None, headers={"Authorization": "AWS a:b"})
    return found.content if found.status_code == 200 else None
