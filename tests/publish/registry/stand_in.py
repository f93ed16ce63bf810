"""A stand-in for Register Your Data and for its identity server, over real HTTP: as strict, and as odd, as they are.

Own code, from what the real server (0.3.7) was seen to answer. Its oddities are kept: a trailing slash is not found,
what is wrong with a request is status 400, a PATCH is not partial, kinds and licences and URLs are not looked at, an
owner that is no UUID is a fault. `mishap` lets something go wrong on the way.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus, urlsplit
from uuid import UUID, uuid4

FIELDS = ("human_readable_name", "licence_id", "short_name", "source_type", "url", "visibility")
BASE = "/api/v1"
ALL_SCOPES = "ryd ryd:reporting_org ryd:dataset ryd:dataset:update ryd:dataset:delete"
SECRETS = {"CLIENT_SECRET": "the client's secret!"}
"""What the environment of a client holds that may come in."""
URLS = {"activities.xml": "https://data.example.org/iati/activities.xml"}
REPORTER = "XM-DAC-41119"
NOT_ADMITTED = "The credentials are not good."


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    status: int


class Grant(NamedTuple):
    """What a token stands for."""

    scopes: frozenset[str]
    expired: bool = False
    client_known: bool = True


Happens = Callable[["Handler", Callable[[], Any]], None]


class Refusal(Exception):  # noqa: N818
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class StandIn:
    """Both servers in one; `api` and `tokens_url` are their addresses."""

    def __init__(self) -> None:
        self.organisations: dict[str, dict[str, Any]] = {}
        self.datasets: dict[str, dict[str, Any]] = {}
        self.grants: dict[str, Grant] = {}
        self.clients = {"our-client": SECRETS["CLIENT_SECRET"]}
        self.refresh_tokens: set[str] = set()
        self.scopes = ALL_SCOPES
        self.expires_in: float | None = 3600
        self.rotates = False
        self.actions_key = "actions"
        self.page_cap = 500
        self.asked: list[Asked] = []
        self.mishaps: list[tuple[str, str, Happens]] = []
        self.before_page: Callable[[int], None] = lambda _page: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"home": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.api = self.origin + BASE
        self.tokens_url = self.origin + "/oauth2/token"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # --- What a test puts there, and looks at ---

    def organisation(self, identifier: str = REPORTER, role: str | None = "editor", **metadata: Any) -> str:
        key = str(uuid4())
        facts = {"organisation_identifier": identifier, "short_name": "agency", "registry_approved": True, **metadata}
        self.organisations[key] = {"id": key, "metadata": facts, "reporting_org_actions": [], "user_role": role}
        return key

    def dataset(self, owner: str, short_name: str, **facts: str) -> str:
        key = str(uuid4())
        whole = {
            "human_readable_name": short_name,
            "licence_id": "cc-by",
            "source_type": "primary_source",
            "url": f"https://example.org/{short_name}.xml",
            "visibility": "public",
        }
        self.datasets[key] = {"owner": owner, "facts": {**whole, "short_name": short_name, **facts}}
        return key

    def token(self, scopes: str | None = None, **grant: bool) -> str:
        """A new access token, of the form of a JWT."""
        granted = self.scopes if scopes is None else scopes
        lasts = {} if self.expires_in is None else {"exp": int(time.time()) + self.expires_in}
        parts = ({"alg": "RS256"}, {"scope": granted, "sub": str(uuid4()), **lasts})
        coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
        made = ".".join([*coded, uuid4().hex])
        self.grants[made] = Grant(frozenset(granted.split()), **grant)
        return made

    def mishap(self, call: str, happens: Happens) -> None:
        """Let something happen, once, to the next call of this kind (`POST /datasets`)."""
        method, _, path = call.partition(" ")
        self.mishaps.append((method, path, happens))

    def calls(self) -> list[str]:
        """What was asked, in order: method and path, ids left out."""
        return [f"{each.method} {re.sub(r'[0-9a-f-]{36}', '{}', each.path)}" for each in self.asked]

    def facts(self) -> list[dict[str, str]]:
        return [each["facts"] for each in self.datasets.values()]


# --- What may go wrong on the way -------------------------------------------------------------------------------------


def fault(handler: Handler, _work: Callable[[], Any]) -> None:
    handler.send(500, handler.failed(500, "Internal Server Error"))


def fault_after(handler: Handler, work: Callable[[], Any]) -> None:
    work()
    fault(handler, work)


def silence_after(handler: Handler, work: Callable[[], Any]) -> None:
    """The work is done, and no answer comes before the other side gives up."""
    work()
    time.sleep(0.6)
    handler.close_connection = True


def silence(handler: Handler, _work: Callable[[], Any]) -> None:
    time.sleep(0.6)
    handler.close_connection = True


def cut_after(handler: Handler, work: Callable[[], Any]) -> None:
    """The work is done, and the answer breaks off."""
    work()
    handler.start(201, "application/json", 5000)
    handler.wfile.write(b'{"data":')
    handler.close_connection = True


def expire(handler: Handler, work: Callable[[], Any]) -> None:
    """All tokens end at this moment."""
    grants = handler.home.grants
    grants.update({token: grant._replace(expired=True) for token, grant in grants.items()})
    handler.send(*handler.judged())


def answer(status: int, body: bytes, kind: str = "application/json", **headers: str) -> Any:
    def happens(handler: Handler, _work: Callable[[], Any]) -> None:
        handler.start(status, kind, len(body), **{name.replace("_", "-"): value for name, value in headers.items()})
        handler.wfile.write(body)

    return happens


# --- The server -------------------------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    home: StandIn
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one go: else each answer waits for the other side's acknowledgement

    def log_message(self, *_: object) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:  # the other side gave up, as some tests want it to
            self.close_connection = True

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_PUT = do_GET  # noqa: N815

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        self.at, self.query = parts.path, dict(parse_qsl(parts.query))
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.form = dict(parse_qsl(raw.decode())) if self.at == "/oauth2/token" else {}
        self.body = None if self.form or not raw else json.loads(raw)
        known = self.at.removeprefix(BASE)
        for mishap in self.home.mishaps:
            if mishap[0] == self.command and re.fullmatch(mishap[1].replace("{}", "[^/]+"), known):
                self.home.mishaps.remove(mishap)
                self._note(0)
                mishap[2](self, self.judged)
                return
        status, told = self.judged()
        self._note(status)
        self.send(status, told)

    def judged(self) -> tuple[int, dict[str, Any]]:
        """What the request comes to."""
        try:
            if self.at == "/oauth2/token":
                return self._token()
            self.grant = self._admitted()
            result = self._work()
        except Refusal as refused:
            return refused.status, self.failed(refused.status, refused.message)
        return result

    def _work(self) -> Any:
        routes = {
            ("GET", "/access-check"): self._access_check,
            ("GET", "/reporting-orgs"): self._organisations,
            ("GET", "/reporting-orgs/{}"): self._organisation,
            ("GET", "/reporting-orgs/{}/datasets"): self._datasets,
            ("GET", "/reporting-orgs/{}/tools"): self._not_made,
            ("POST", "/datasets"): self._create,
            ("GET", "/datasets/{}"): self._dataset,
            ("PATCH", "/datasets/{}"): self._update,
            ("DELETE", "/datasets/{}"): self._delete,
        }
        known = self.at.removeprefix(BASE) if self.at.startswith(BASE) else ""
        for (method, pattern), act in routes.items():
            found = re.fullmatch(pattern.replace("{}", "([^/]+)"), known)
            if found and method == self.command:
                return act(*found.groups())
        raise Refusal(404, "Not Found")

    # --- Who asks ---

    def _admitted(self) -> Grant:
        header = self.headers.get("Authorization")
        if header is None:
            raise Refusal(401, "No credentials were given.")
        scheme, _, token = header.partition(" ")
        grant = self.home.grants.get(token)
        if scheme != "Bearer" or grant is None or grant.expired:
            raise Refusal(401, NOT_ADMITTED)
        return grant

    def _needs(self, *scopes: str) -> None:
        if not {"ryd", *scopes} <= self.grant.scopes:
            raise Refusal(403, NOT_ADMITTED)

    def _known_client(self) -> None:
        if not self.grant.client_known:
            raise Refusal(400, f"Not processed (invalid client ID). Ask IATI Support, trace_id: {uuid4()}")

    def _own(self, owner: str) -> None:
        if owner not in self.home.organisations:
            raise Refusal(403, NOT_ADMITTED)

    # --- Reading ---

    def _access_check(self) -> Any:
        self._needs()
        return 200, self.said({"message": "Access token is valid"})

    def _organisations(self) -> Any:
        self._needs("ryd:reporting_org")
        return self._page(list(self.home.organisations.values()))

    def _organisation(self, key: str) -> Any:
        self._needs("ryd:reporting_org")
        self._is_uuid("org_id", key)
        if key not in self.home.organisations:
            raise Refusal(404, f"There is no reporting org with ID {key} in the Registry.")
        return 200, self.said(self.home.organisations[key])

    def _datasets(self, owner: str) -> Any:
        self._needs("ryd:dataset")
        self._is_uuid("org_id", owner)
        self._own(owner)
        return self._page([self._shown(key) for key, each in self.home.datasets.items() if each["owner"] == owner])

    def _dataset(self, key: str) -> Any:
        self._needs("ryd:dataset")
        return 200, self.said(self._shown(self._there(key)))

    def _page(self, items: list[Any]) -> Any:
        page, size = int(self.query.get("page", 1)), int(self.query.get("page_size", 100))
        if size > 500:
            raise Refusal(400, "Data validation error: Field 'page_size': Input should be less than or equal to 500.")
        if page < 1:
            raise Refusal(400, "Data validation error: Field 'page': Input should be greater than or equal to 1.")
        self.home.before_page(page)
        size = min(size, self.home.page_cap)
        pages = max(1, -(-len(items) // size))
        link = lambda number: f"{self.home.origin}{self.at}?page={number}&page_size={size}"  # noqa: E731
        links = {"first": link(1), "last": link(pages)}
        links |= {
            "next": link(page + 1) if page < pages else None,
            "prev": link(page - 1) if page > 1 else None,
        }
        about = {"page": page, "page_size": size, "total_pages": pages, "total_records": len(items), "links": links}
        told = {"error": None, "status": "success", "data": items[(page - 1) * size : page * size]}
        return 200, told | {"pagination": about}

    # --- Writing ---

    def _create(self) -> Any:
        self._needs("ryd:dataset")
        self._known_client()
        self._complete(("human_readable_name", "licence_id", "owner_organisation_id", *FIELDS[2:]))
        try:
            UUID(self.body["owner_organisation_id"])
        except ValueError:
            raise Refusal(500, "Internal Server Error") from None
        self._own(self.body["owner_organisation_id"])
        self._not_taken(self.body["short_name"])
        key = str(uuid4())
        facts = {name: self.body[name] for name in FIELDS}
        self.home.datasets[key] = {"owner": self.body["owner_organisation_id"], "facts": facts}
        return 201, self.said(self._shown(key))

    def _update(self, key: str) -> Any:
        self._needs("ryd:dataset", "ryd:dataset:update")
        self._known_client()
        self._complete(FIELDS[:-1])
        held = self.home.datasets[self._there(key)]
        if self.body["short_name"] != held["facts"]["short_name"]:
            self._not_taken(self.body["short_name"])
        held["facts"] |= {name: self.body[name] for name in FIELDS if name in self.body}
        return 200, self.said(self._shown(key))

    def _delete(self, key: str) -> Any:
        self._needs("ryd:dataset:delete")
        del self.home.datasets[self._there(key)]
        return 200, self.said(None)

    def _not_made(self, _key: str) -> Any:
        raise Refusal(501, "Not yet implemented")

    def _complete(self, needed: tuple[str, ...]) -> None:
        missing = [f"Field '{name}': Field required." for name in needed if name not in (self.body or {})]
        wrong = "Value error, String must contain only lowercase alphanumeric characters, hyphens, or underscores."
        if not missing and not re.fullmatch("[a-z0-9_-]+", self.body["short_name"]):
            missing = [f"Field 'short_name': {wrong}"]
        if missing:
            raise Refusal(400, "Data validation error: " + " ".join(missing))

    def _is_uuid(self, field: str, key: str) -> None:
        try:
            UUID(key)
        except ValueError:
            raise Refusal(400, f"Data validation error: Field '{field}': Input should be a valid UUID.") from None

    def _there(self, key: str) -> str:
        self._is_uuid("dataset_id", key)
        if key not in self.home.datasets:
            raise Refusal(404, f"There is no dataset with ID {key} in the Registry.")
        return key

    def _not_taken(self, short_name: str) -> None:
        if any(each["facts"]["short_name"] == short_name for each in self.home.datasets.values()):
            raise Refusal(409, f"There is already a dataset with short_name '{short_name}' in the Registry.")

    def _shown(self, key: str) -> dict[str, Any]:
        held = self.home.datasets[key]
        dates = dict.fromkeys(("last_url_update_date", "last_metadata_update_date"), "2026-11-23T17:02:57+00:00")
        shown = {"id": key, "owner_organisation_id": held["owner"], "metadata": held["facts"] | dates}
        return shown | {self.home.actions_key: held.get("actions", [])}

    # --- The identity server ---

    def _token(self) -> tuple[int, dict[str, Any]]:
        if not self._is_client():
            return 401, {"error": "invalid_client", "error_description": f"said was {self.headers} {self.form}"}
        answer: dict[str, Any] = {"token_type": "Bearer"}
        if self.form.get("grant_type") == "refresh_token":
            old = self.form.get("refresh_token", "")
            if old not in self.home.refresh_tokens:
                return 400, {"error": "invalid_grant", "error_description": f"unknown refresh token {old}"}
            if self.home.rotates:
                answer["refresh_token"] = f"refresh-{uuid4().hex}"
                self.home.refresh_tokens = {answer["refresh_token"]}
        elif self.form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        granted = " ".join(each for each in self.form.get("scope", "").split() if each in self.home.scopes.split())
        answer |= {"access_token": self.home.token(granted), "scope": granted}
        return 200, answer | ({} if self.home.expires_in is None else {"expires_in": self.home.expires_in})

    def _is_client(self) -> bool:
        scheme, _, coded = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            name, _, secret = base64.b64decode(coded).decode().partition(":")
            name, secret = unquote_plus(name), unquote_plus(secret)
        else:
            name, secret = self.form.get("client_id", ""), self.form.get("client_secret")
        public = secret is None and name in self.home.clients
        return public or self.home.clients.get(name) == secret

    # --- Answering ---

    def said(self, data: Any) -> dict[str, Any]:
        return {"data": data, "error": None, "status": "success"}

    def failed(self, status: int, message: str) -> dict[str, Any]:
        return {"status": "failed", "data": None, "error": {"status_code": status, "error_msg": message}}

    def send(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.start(status, "application/json", len(body))
        self.wfile.write(body)

    def start(self, status: int, kind: str, length: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _note(self, status: int) -> None:
        body = self.form or self.body
        self.home.asked.append(
            Asked(self.command, self.at.removeprefix(BASE), self.query, dict(self.headers), body, status)
        )
