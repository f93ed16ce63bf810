"""SFTP, to hosts that are known: an unknown key is refused, as it is by `ssh` itself when nobody is there to ask."""

from __future__ import annotations

import logging
from typing import Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

TIMEOUT = 60.0
# What goes wrong comes as an exception; the library's own account of it, tracebacks and all, is for who asks for it.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class KnownHost(SFTPFileSystem):  # type: ignore[misc] # fsspec is untyped
    """A host whose key stands in the file of known hosts (`known_hosts`; the user's own unless the options say)."""

    def __init__(self, host: str, *, known_hosts: str | None = None, **options: Any) -> None:  # noqa: ANN401
        if username := options.pop("user", None):
            options.setdefault("username", username)
        self._known_hosts = known_hosts
        super().__init__(host, **options)

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_system_host_keys(self._known_hosts)
        self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            self.client.connect(self.host, **self.ssh_kwargs)
            self.ftp = self.client.open_sftp()
            self.ftp.get_channel().settimeout(TIMEOUT)
        except BaseException:
            self.client.close()
            raise
