"""A mail server on loopback: EHLO, STARTTLS or TLS, AUTH, and the mails that it took."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailHost:
    """The server. `users` are those that may send, nobody must sign in where there are none; `refuses` is a status with
    which every mail is refused.
    """

    def __init__(self, context: ssl.SSLContext | None = None, *, at_once: bool = False) -> None:
        self.mails: list[EmailMessage] = []
        self.users: dict[str, str] = {}
        self.refuses: int | None = None
        self.context, self.at_once = context, at_once
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), type("Bound", (_Talk,), {"host": self}))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Talk(socketserver.StreamRequestHandler):
    host: MailHost

    def setup(self) -> None:
        self.safe = self.host.at_once
        if self.safe:
            self.request = self.host.context.wrap_socket(self.request, server_side=True)
        self.admitted = False
        super().setup()

    def handle(self) -> None:
        try:
            self._say("220 stand-in")
            while line := self.rfile.readline():
                word, _, rest = line.decode().strip().partition(" ")
                if word.upper() == "QUIT":
                    self._say("221 bye")
                    return
                self._say(self._answer(word.upper(), rest))
                if word.upper() == "STARTTLS":
                    self._go_safe()
        except OSError:  # the other side gave up, as some tests want it to
            return

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.request.close()

    def _go_safe(self) -> None:
        self.request = self.host.context.wrap_socket(self.request, server_side=True)
        self.safe = True
        socketserver.StreamRequestHandler.setup(self)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _answer(self, word: str, rest: str) -> str:
        if word == "EHLO":
            can = [] if self.safe or self.host.context is None else ["STARTTLS"]
            lines = ["stand-in", *can, *(["AUTH PLAIN"] if self.host.users else [])]
            return "\r\n".join(f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines)
        if word == "STARTTLS":
            return "220 go on"
        if word == "AUTH":
            _, user, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
            self.admitted = self.host.users.get(user) == password
            return "235 come in" if self.admitted else f"535 not {user} with {password}"
        if word == "MAIL" and self.host.users and not self.admitted:
            return "530 sign in"
        if word == "DATA":
            self._say("354 go on")
            raw = b"".join(iter(self.rfile.readline, b".\r\n"))
            if self.host.refuses:
                return f"{self.host.refuses} not now"
            self.host.mails.append(message_from_bytes(raw, policy=policy.default))
        return "250 well"
