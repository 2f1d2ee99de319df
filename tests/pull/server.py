"""A vendor to pull from: a real HTTP server on loopback, with routes, a log, and faults by the number of the request.

A further vendor is a class with `routes()`; see `GitHub` and `Page` below. A fault is a function from the true reply to
another one (or to the same, after doing something): `served(..., faults={3: refused(502)})`, the third request's.
"""

from __future__ import annotations

import hashlib
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request: path, query (the last of each name), headers by lower-case name, and a POST's JSON."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    url: str  # of the server


@dataclass(frozen=True)
class Reply:
    """An answer. `cut`: the connection is closed behind so many bytes. `delay`: seconds before anything is sent."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    delay: float = 0.0
    sent: Callable[[], None] = lambda: None  # what happens once it was sent


Route = Callable[[Asked], Reply]
Fault = Callable[[Reply], Reply]


def as_json(document: Any, **headers: str) -> Reply:
    told = {"Content-Type": "application/json; charset=utf-8", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return Reply(json.dumps(document).encode(), headers=told)


def conditional(asked: Asked, reply: Reply) -> Reply:
    """The reply with its ETag; 304 where the request has it already."""
    tag = f'W/"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
    if asked.headers.get("if-none-match") == tag:
        return Reply(status=304, headers={"ETag": tag})
    return replace(reply, headers={**reply.headers, "ETag": tag})


def paged(asked: Asked, rows: list[Any], limit: int) -> Reply:
    """A page of rows as GitHub cuts them, with its Link; `limit` is the most rows the server gives."""
    size = min(int(asked.query.get("per_page", "30")), limit)
    number = int(asked.query.get("page", "1"))
    links = []
    if number * size < len(rows):
        onward = urlencode({**asked.query, "page": number + 1})
        links = [f'<{asked.url}{asked.path}?{onward}>; rel="next"', f'<{asked.url}{asked.path}?page=9>; rel="last"']
    reply = as_json(rows[(number - 1) * size : number * size])
    return conditional(
        asked, replace(reply, headers={**reply.headers, **({"Link": ", ".join(links)} if links else {})})
    )


# --- faults -----------------------------------------------------------------------------------------------------------


def refused(status: int, said: str = "no", **headers: str) -> Fault:
    return lambda true: replace(as_json({"message": said}, **headers), status=status)


def cut_at(size: int) -> Fault:
    """The connection breaks in the middle of the body."""
    return lambda true: replace(true, cut=size)


def shortened(true: Reply) -> Reply:
    """A proxy gave up half way and says that this is all."""
    return replace(true, body=true.body[: len(true.body) // 2])


def slow(seconds: float) -> Fault:
    return lambda true: replace(true, delay=seconds)


def instead(reply: Reply) -> Fault:
    return lambda true: reply


def after(do: Callable[[], None]) -> Fault:
    """Something happens at the vendor once this page is out."""
    return lambda true: replace(true, sent=do)


# --- the server -------------------------------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """It serves in a thread; `log` has every request, `replies` every true reply."""

    daemon_threads = True

    def __init__(self, routes: Mapping[str, Route], faults: Mapping[int, Fault] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.routes = {re.compile(pattern): route for pattern, route in routes.items()}
        self.faults = dict(faults or {})
        self.log: list[Asked] = []
        self.replies: list[Reply] = []
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def reply(self, asked: Asked) -> Reply:
        self.log.append(asked)
        number = len(self.log)
        found = next((route for pattern, route in self.routes.items() if pattern.fullmatch(asked.path)), None)
        true = found(asked) if found else replace(as_json({"message": "Not Found"}), status=404)
        self.replies.append(true)
        fault = self.faults.pop(number, None)
        return fault(true) if fault else true

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # one packet an answer: two would wait for each other
    server: Server

    def log_message(self, *_: Any) -> None:
        """Nothing: the log is the server's."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_CONNECT(self) -> None:
        self._answer()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(size)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.loads(content) if content else None
        reply = self.server.reply(Asked(self.command, parts.path, query, headers, body, self.server.url))
        time.sleep(reply.delay)
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 304:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: reply.cut])
        self.wfile.flush()
        reply.sent()
        if reply.cut is not None:
            self.close_connection = True


@contextmanager
def served(
    routes: Mapping[str, Route], faults: Mapping[int, Fault] | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    server = Server(routes, faults)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


# --- GitHub -----------------------------------------------------------------------------------------------------------

REPOSITORY = "pod-example/platform"


def _stamp(minute: int) -> str:
    return f"2026-10-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z"


class GitHub:
    """A repository of invented issues with timelines; some are pull requests, some share one moment."""

    def __init__(self, issues: int = 12, limit: int = 5, api: str = "https://api.github.com") -> None:
        self.limit, self.api = limit, api
        self.issues: dict[int, dict[str, Any]] = {}
        self.timelines: dict[int, list[dict[str, Any]]] = {}
        self.releases: list[dict[str, Any]] = []
        self.deployments: list[dict[str, Any]] = []
        for number in range(1, issues + 1):
            # Six of them were changed by a bot in one and the same second: more than fit on a page.
            minute = 600 if number in range(4, 10) else number * 60
            self.issues[number] = self._issue(number, minute)
            self.timelines[number] = [self._event(number, n, minute) for n in range(number % 8)]

    def routes(self) -> dict[str, Route]:
        home = f"(?:/api/v3)?/repos/{REPOSITORY}"
        return {
            f"{home}/issues": self._list,
            rf"{home}/issues/\d+/timeline": self._timeline,
            f"{home}/releases": lambda asked: paged(asked, self.releases, self.limit),
            f"{home}/deployments": lambda asked: paged(asked, self.deployments, self.limit),
            rf"{home}/deployments/\d+/statuses": self._statuses,
        }

    def edit(self, number: int, minute: int, word: str) -> None:
        """Somebody labels an issue."""
        self.issues[number]["updated_at"] = _stamp(minute)
        self.issues[number]["labels"].append({"name": word})
        label = {"event": "labeled", "label": {"name": word}, "created_at": _stamp(minute)}
        self.timelines[number].append({**self._event(number, 90 + minute, minute), **label})

    def delete(self, number: int) -> None:
        del self.timelines[number]

    def _list(self, asked: Asked) -> Reply:
        since = asked.query["since"]
        found = [issue for issue in self.issues.values() if issue["updated_at"] >= since]
        assert asked.query["sort"] == "updated" and asked.query["direction"] == "asc"
        return paged(asked, sorted(found, key=lambda i: (i["updated_at"], i["number"])), self.limit)

    def _timeline(self, asked: Asked) -> Reply:
        number = int(asked.path.split("/")[-2])
        if number not in self.timelines:
            return replace(as_json({"message": "This issue was deleted"}), status=410)
        return paged(asked, self.timelines[number], self.limit)

    def _statuses(self, asked: Asked) -> Reply:
        number = int(asked.path.split("/")[-2])
        return paged(asked, [{"id": number * 10, "state": "success", "deployment_url": f"{self.api}/x/{number}"}], 5)

    def _issue(self, number: int, minute: int) -> dict[str, Any]:
        kind = "pull" if number % 5 == 0 else "issues"
        home, site = f"{self.api}/repos/{REPOSITORY}", self.api.removesuffix("/api/v3").replace("api.", "")
        issue: dict[str, Any] = {
            "url": f"{home}/issues/{number}",
            "html_url": f"{site}/{REPOSITORY}/{kind}/{number}",
            "id": 9000 + number,
            "number": number,
            "title": f"Sends fail, part {number}",
            "state": "open",
            "labels": [],
            "created_at": _stamp(number),
            "updated_at": _stamp(minute),
            "body": f"503 again ({number})",
            "user": {"login": "carla-venn", "type": "User"},
        }
        return {**issue, "pull_request": {"url": "..."}} if kind == "pull" else issue

    def _event(self, number: int, n: int, minute: int) -> dict[str, Any]:
        id = number * 1000 + n
        told: dict[str, Any] = {
            "id": id,
            "url": f"{self.api}/repos/{REPOSITORY}/issues/events/{id}",
            "actor": {"login": "dev-okafor", "type": "User"},
            "event": "labeled" if n % 2 else "assigned",
            "created_at": _stamp(max(minute - 60 + n, number)),
        }
        if n == 0:  # the first of a timeline has neither id nor address: only the page's own tells whose it is
            del told["id"], told["url"]
            source = {"issue": {"html_url": f"https://github.com/{REPOSITORY}/issues/77"}}
            return {**told, "event": "cross-referenced", "source": source}
        more = {"label": {"name": f"P{n % 4}"}} if n % 2 else {"assignee": {"login": "ana-lind", "type": "User"}}
        return {**told, **more}


# --- Statuspage -------------------------------------------------------------------------------------------------------

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Pod - Incident History</title>
<entry><id>tag:status.pod.example,2005:Incident/1</id><published>2026-10-03T14:10:00Z</published>
<updated>2026-10-03T15:00:00Z</updated><link rel="alternate" href="https://status.pod.example/incidents/abcdef123456"/>
<title>Sends fail</title><content type="html">&lt;p&gt;&lt;small&gt;Oct  3, 15:00 UTC&lt;/small&gt;&lt;br&gt;
&lt;strong&gt;Resolved&lt;/strong&gt; - Over.&lt;/p&gt;</content></entry></feed>
"""


class Page:
    """A status page with one incident, whose latest post can be edited in place."""

    def __init__(self) -> None:
        self.body, self.updated = "We are looking.", "2026-10-03T14:11:00Z"

    def routes(self) -> dict[str, Route]:
        return {
            "/api/v2/incidents.json": lambda asked: self._told(asked, incidents=[self._incident()]),
            "/api/v2/scheduled-maintenances.json": lambda asked: self._told(asked, scheduled_maintenances=[]),
            "/api/v2/summary.json": lambda asked: self._told(asked, incidents=[self._incident()], components=[]),
            "/history.atom": lambda asked: conditional(asked, Reply(FEED.encode(), headers={"Content-Type": "x/atom"})),
        }

    def _told(self, asked: Asked, **lists: Any) -> Reply:
        page = {"id": "podpage", "name": "Pod", "time_zone": "Etc/UTC", "updated_at": self.updated}
        return conditional(asked, as_json({"page": page, **lists}))

    def _incident(self) -> dict[str, Any]:
        post = {"id": "u1", "status": "investigating", "body": self.body, "updated_at": self.updated,
                "created_at": "2026-10-03T14:10:00Z", "display_at": "2026-10-03T14:10:00Z"}  # fmt: skip
        return {"id": "abcdef123456", "name": "Sends fail", "status": "investigating", "impact": "major",
                "created_at": "2026-10-03T14:10:00Z", "updated_at": self.updated, "incident_updates": [post],
                "shortlink": "https://stspg.io/x"}  # fmt: skip
