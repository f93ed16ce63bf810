"""A web server on loopback: it answers each path as the test says, to GET and to HEAD, and notes what came."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar


@dataclass
class Page:
    """What stands under a path. `head` are the headers of HEAD where they differ; `cut` is how much is really sent."""

    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    head: dict[str, str] | None = None
    head_status: int | None = None
    cut: int | None = None
    wait: Callable[[], object] = lambda: None


class Served(dict[str, "Page | list[Page]"]):
    """A folder as pages; what was put under a path stands before the file."""

    HEADERS: ClassVar = {"Content-Type": "application/xml", "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def get(self, path, default=None):
        file = self.folder / path.lstrip("/")
        if path in self or not file.is_file():
            return super().get(path, default)
        return Page(file.read_bytes(), self.HEADERS)


class Site:
    """The server; `pages` may be changed at any time, a list is answered one by one."""

    def __init__(self) -> None:
        self.pages: dict[str, Page | list[Page]] = {}
        self.posted: list[bytes] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"site": self}))
        self.server.daemon_threads = True
        self.scheme = "http"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    def start(self) -> Site:
        self._thread.start()
        return self

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://127.0.0.1:{self.server.server_port}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the other side gave up, as some tests want it to
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            self.close_connection = True

    def do_GET(self) -> None:
        self.site.asked.append((self.command, self.path, dict(self.headers)))
        page = self.site.pages.get(self.path, Page(status=404))
        if isinstance(page, list):
            page = page[0] if len(page) == 1 else page.pop(0)
        page.wait()
        head = self.command == "HEAD"
        self.send_response(page.head_status or page.status if head else page.status)
        headers = page.headers if page.head is None or not head else page.head
        for name, value in ({"Content-Length": str(len(page.body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if not head:
            self.wfile.write(page.body[: page.cut])
            self.close_connection = page.cut is not None

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        self.site.posted.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.do_GET()
