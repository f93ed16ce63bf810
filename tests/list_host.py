"""A host of codelists on loopback: every list of the package in the official form, until a test offers another."""

import contextlib
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ssc_iati.standard import codelists, org_id

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def as_official(name, items, *, embedded=None):
    """A list in the official form, from the items as the package keeps them."""
    head = json.loads(codelists.packaged(name))
    embedded = head["embedded"] if embedded is None else embedded
    rows = "".join(_row(code, item) for code, item in items.items())
    return (
        f'{XML}<codelist name="{name}" xml:lang="en" embedded="{int(embedded)}">'
        f"<codelist-items>{rows}</codelist-items></codelist>"
    ).encode()


def _row(code, item):
    dates = {"status": "status", "from": "activation-date", "to": "withdrawal-date"}
    said = "".join(f' {name}="{item[key]}"' for key, name in dates.items() if key in item)
    french = f'<narrative xml:lang="fr">{_escaped(item["fr"])}</narrative>' if "fr" in item else ""
    category = f"<category>{item['category']}</category>" if "category" in item else ""
    name = f"<name><narrative>{_escaped(item.get('en', ''))}</narrative>{french}</name>"
    return f"<codelist-item{said}><code>{_escaped(code)}</code>{name}{category}</codelist-item>"


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def packaged_items(name):
    return json.loads(codelists.packaged(name))["items"]


class Host:
    """What the host serves (path -> bytes, or a function that answers), what it was asked, and where it is."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"
        self.files = {f"/lists/{name}.xml": as_official(name, packaged_items(name)) for name in codelists.lists()}
        self.files["/registers.json"] = json.dumps(json.loads(org_id.packaged())["registers"]).encode()
        self.asked = []
        self.tags = True

    def offer(self, name, items, **more):
        self.files[f"/lists/{name}.xml"] = as_official(name, items, **more)


@contextlib.contextmanager
def hosting(certificate=None):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            path = self.path.partition("?")[0]
            host.asked.append((self.path, self.headers.get("If-None-Match")))
            found = host.files.get(path)
            if callable(found):
                found(self)
            elif found is None:
                self.answer(404, b"<html>nothing here</html>")
            elif host.tags and self.headers.get("If-None-Match") == self.tag(found):
                self.answer(304)
            else:
                self.answer(200, found, {"ETag": self.tag(found)} if host.tags else {})

        @staticmethod
        def tag(content):
            return f'"{abs(hash(content)):x}"'

        def answer(self, status, content=b"", headers=()):
            self.send_response(status)
            for name, value in dict(headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host = Host(server.server_port)
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        host.url = host.url.replace("http:", "https:")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
