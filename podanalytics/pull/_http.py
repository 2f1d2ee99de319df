"""Asking: one connection a vendor, polite and patient. Nobody else knows the HTTP library or the one that retries.

Requests are serial, with a least pause between two to one host. What may pass is tried again, after the wait that the
vendor asked for or one that grows; never more often than ATTEMPTS, never longer in all than the budget. The token goes
to the stream's own origin and nowhere else: a redirect or a next page elsewhere is refused. Proxies and certificates
are the environment's (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE).
"""

from __future__ import annotations

import json as json_
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree.ElementTree import ParseError

import httpx2
import stamina
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from podanalytics import __version__
from podanalytics.errors import PullError
from podanalytics.pull import Answer, Check
from podanalytics.pull._refusals import Access, RefusedError, UnfitError, lasting, sentence
from podanalytics.pull._waits import asked_for, growing, is_limit, passes

ATTEMPTS = 6
TIMEOUT = 30.0  # seconds without a byte
LARGEST = 100 << 20  # bytes of one answer
MOVES = 3
_MOVED = (301, 302, 307, 308)
AGENT = f"podanalytics/{__version__} (incident review; pulls serially)"


class Kept(Protocol):
    """What a conditional request needs: the page that was kept for an address, with its ETag and Link."""

    def known(self, url: str) -> tuple[bytes, Mapping[str, str]] | None:
        """The body and the headers kept for that address, if they are still there and whole."""
        ...


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    but: Sequence[int]


@dataclass
class Line:
    """A vendor's connection: its budget of waiting, its pace, and who is told when it waits. Use as a context."""

    access: Access
    budget: float  # seconds of waiting in all
    pace: float = 0.0
    timeout: float = TIMEOUT
    tell: Callable[[str], None] = lambda doing: None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    dice: random.Random = field(default_factory=random.Random)
    waited: float = 0.0
    asked: int = 0
    _last: dict[str, float] = field(default_factory=dict)

    def __enter__(self) -> Line:
        stamina.instrumentation.set_on_retry_hooks([])  # waits are told by us, and not logged besides
        try:
            self._http = httpx2.Client(timeout=self.timeout, headers={"User-Agent": AGENT}, follow_redirects=False)
        except (ValueError, OSError, httpx2.InvalidURL) as error:
            raise PullError(self.access.scrub.text(f"the environment's proxy or certificates: {error}"), True) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def fetch(self, asked: _Asked, fits: Callable[[Answer], Answer]) -> Answer:
        """The answer, however often it takes. Raises PullError, in a sentence."""
        tries = 0

        def wait(error: Exception) -> bool | float:
            nonlocal tries
            tries += 1
            return self._wait(error, tries)

        @stamina.retry(on=wait, attempts=ATTEMPTS, timeout=None)
        def once() -> Answer:
            answer = self._once(asked)
            return answer if answer.status in asked.but else fits(answer)

        try:
            return once()
        except (httpx2.HTTPError, httpx2.InvalidURL, RefusedError, UnfitError) as error:
            raise sentence(error, asked.url, self.access, self.budget, self.clock()) from None

    def _wait(self, error: Exception, tries: int) -> bool | float:
        """For stamina: False to give up, else the seconds to wait."""
        if tries >= ATTEMPTS or not isinstance(error, httpx2.HTTPError | RefusedError | UnfitError) or lasting(error):
            return False
        seconds = growing(tries)
        if isinstance(error, RefusedError):
            asked = asked_for(error.status, error.headers, error.body, self.clock())
            if asked is None and not passes(error.status):
                return False
            seconds = seconds if asked is None else asked
        seconds += self.dice.uniform(0, min(1.0, 0.1 + seconds / 10))
        if self.waited + seconds > self.budget:
            return False
        self.waited += seconds
        self.tell(self.access.scrub.text(f"waiting {seconds:.0f} s: {error or type(error).__name__}"))
        return seconds

    def _once(self, asked: _Asked) -> Answer:
        there = asked.url
        headers = {**self.access.headers, **asked.headers}
        for _ in range(MOVES):
            self._pause(urlsplit(there).netloc)
            self.asked += 1
            with self._http.stream(asked.method, there, headers=headers, content=asked.content) as response:
                body = _bounded(response)
                told = {name.lower(): value for name, value in response.headers.items()}
                if response.status_code in _MOVED and "location" in told:
                    there = within(asked.url, urljoin(there, told["location"]))
                    continue
                status = response.status_code
                if status >= 400 and (status not in asked.but or is_limit(status, told, body)):
                    raise RefusedError(status, told, body)
                return Answer(asked.url, status, told, body)
        raise UnfitError("it leads from address to address")

    def _pause(self, host: str) -> None:
        if self.pace and host in self._last:
            left = self._last[host] + self.pace - self.clock()
            if left > 0:
                self.sleep(left)
        self._last[host] = self.clock()


def _bounded(response: httpx2.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > LARGEST:
            raise PullError(f"an answer is larger than {LARGEST >> 20} MiB: not read")
        parts.append(part)
    return b"".join(parts)


def within(home: str, url: str) -> str:
    """The address, if it has the origin of `home`. Raises PullError: the token goes nowhere else."""
    wanted, given = urlsplit(home), urlsplit(url)
    if (wanted.scheme, wanted.netloc) != (given.scheme, given.netloc):
        raise PullError(
            f"{wanted.scheme}://{wanted.netloc} leads on to {given.scheme}://{given.netloc.rpartition('@')[2]}, where "
            "nothing is asked: if that is the right address, write it into pod.toml"
        )
    return url


class Asking:
    """A stream's `Client`: its address, its memory of what was kept, and the vendor's line."""

    def __init__(self, line: Line, base_url: str, kept: Kept) -> None:
        self._line, self._base, self._kept = line, base_url, kept

    def get(
        self,
        url: str,
        params: Mapping[str, str | int] | None = None,
        *,
        form: str = "json",
        check: Check | None = None,
        but: Sequence[int] = (),
    ) -> Answer:
        """See `podanalytics.pull.Client`."""
        full = self._full(url, params)
        known = self._kept.known(full)
        condition = {"If-None-Match": known[1]["etag"]} if known and known[1].get("etag") else {}

        def fits(answer: Answer) -> Answer:
            if answer.status == 304 and known:
                answer = Answer(answer.url, 200, {**known[1], **answer.headers}, known[0], fresh=False)
            return _whole(answer, form, check)

        return self._line.fetch(_Asked("GET", full, condition, None, but), fits)

    def post(self, url: str, json: Any, *, check: Check | None = None, but: Sequence[int] = ()) -> Answer:
        """See `podanalytics.pull.Client`."""
        headers, content = {"Content-Type": "application/json"}, json_.dumps(json).encode()
        asked = _Asked("POST", self._full(url, None), headers, content, but)
        return self._line.fetch(asked, lambda answer: _whole(answer, "json", check))

    def _full(self, url: str, params: Mapping[str, str | int] | None) -> str:
        full = within(self._base, url if "://" in url else f"{self._base}/{url.lstrip('/')}")
        return f"{full}{'&' if '?' in full else '?'}{urlencode(params)}" if params else full


def _whole(answer: Answer, form: str, check: Check | None) -> Answer:
    """The answer with its JSON, once it is whole and fits. Raises UnfitError."""
    if form == "json":
        answer = Answer(answer.url, answer.status, answer.headers, answer.body, _json(answer), answer.fresh)
    elif form == "xml":
        try:
            fromstring(answer.body)
        except (ParseError, DefusedXmlException, ValueError) as error:
            raise UnfitError(f"the page breaks off or is no XML ({error})", _is_page(answer)) from None
    if check and (reason := _checked(check, answer)):
        raise UnfitError(reason)
    return answer


def _json(answer: Answer) -> Any:
    try:
        return json_.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise UnfitError(f"the page breaks off or is no JSON ({error})", _is_page(answer)) from None


def _is_page(answer: Answer) -> bool:
    """Whether a web page came where data was asked for: a login, or a proxy's own words."""
    return "html" in answer.headers.get("content-type", "")


def _checked(check: Check, answer: Answer) -> str:
    try:
        return check(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"it is of another form ({type(error).__name__}: {error})"
