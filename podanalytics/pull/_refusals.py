"""What went wrong, in a sentence that says what to do: a missing permission, a proxy, a certificate, a broken page."""

from __future__ import annotations

import json
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from podanalytics.errors import PullError
from podanalytics.pull import Refusal
from podanalytics.pull._secrets import Scrubber
from podanalytics.pull._waits import asked_for, is_limit

_TOO_LONG = 200


@dataclass(frozen=True)
class Access:
    """What is known of a vendor when it is asked: its name, the headers that open it, and what must not be told."""

    title: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    scrub: Scrubber = field(default_factory=Scrubber, repr=False)
    token: str = ""  # the environment's variable
    with_token: bool = False
    permission: str = ""
    refused: Callable[[Refusal], str] = lambda refusal: ""


class RefusedError(Exception):
    """An answer of 400 or above."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"refused with {status}")
        self.status, self.headers, self.body = status, headers, body


class UnfitError(Exception):
    """An answer that breaks off or does not fit the request. `is_page`: a web page came in its place."""

    def __init__(self, reason: str, is_page: bool = False) -> None:
        super().__init__(reason)
        self.is_page = is_page


def lasting(error: Exception) -> bool:
    """Whether trying again cannot help."""
    if isinstance(error, UnfitError):
        return error.is_page
    name = type(error).__name__
    if name in ("UnsupportedProtocol", "LocalProtocolError"):
        return True
    return _certificate(error) is not None or (name == "ProxyError" and "407" in str(error))


def sentence(error: Exception, url: str, access: Access, budget: float, now: float) -> PullError:
    """The failure for the user, without secrets. Where the cause is not this one page, `whole` is set."""
    if isinstance(error, RefusedError):
        told, whole = _refused(error, url, access, budget, now)
    elif isinstance(error, UnfitError):
        told, whole = _unfit(error, access)
    else:
        told, whole = _unreached(error, url, access)
    place = f" [{access.scrub.text(url)}]" if url else ""
    return PullError(access.scrub.text(told) + place, whole)


def _refused(error: RefusedError, url: str, access: Access, budget: float, now: float) -> tuple[str, bool]:
    status, title = error.status, access.title
    if is_limit(status, error.headers, error.body):
        seconds = asked_for(status, error.headers, error.body, now) or 0
        until = datetime.fromtimestamp(now + seconds, UTC)
        advice = (
            f"pull waits {budget / 60:.0f} min in all (`max_wait_minutes` in [pull]). Run it again later: it goes on "
            "where it stopped"
        )
        more = f"; with a token in {access.token} more requests are allowed" if _tokenless(access) else ""
        return f"{title} allows no more requests before {until:%H:%M:%S} UTC ({status}); {advice}{more}", True
    refusal = Refusal(status, error.headers, url, _said(error.body), access.with_token)
    own = access.refused(refusal)
    said = f"; it says: {refusal.said}" if refusal.said else ""
    return f"{own or _by_status(status, access)} ({status}){said}", status == 401


def _by_status(status: int, access: Access) -> str:
    title, asks = access.title, f"; it needs {access.permission}" if access.permission else ""
    if status == 401 and access.with_token:
        return f"{title} does not accept the token in {access.token}: it is wrong, expired or revoked"
    if status in (401, 403) and _tokenless(access):
        return f"{title} asks for a token: put one into the environment's {access.token}{asks}"
    if status == 403:
        return f"{title} does not allow this: a permission is missing{asks}"
    if status in (404, 410):
        return f"{title} knows no such thing, or does not show it to you: look at its name in pod.toml{asks}"
    if status == 407:
        return f"the proxy {_proxy()} wants a user and a password"
    if status >= 500:
        return f"{title} has trouble of its own, try after try; run pull again later: it goes on where it stopped"
    return f"{title} refused the request"


def _tokenless(access: Access) -> bool:
    return bool(access.token) and not access.with_token


def _said(body: bytes) -> str:
    """The message in a refusal's JSON, on one line and not too long."""
    try:
        document = json.loads(body[:65_536])
    except (ValueError, RecursionError):
        return ""
    named = document if isinstance(document, dict) else {}
    found = named.get("message") or named.get("error") or named.get("errorMessages")
    if isinstance(found, list):
        found = "; ".join(map(str, found))
    if isinstance(found, dict):
        found = found.get("message")
    return " ".join(str(found).split())[:_TOO_LONG] if found else ""


def _unfit(error: UnfitError, access: Access) -> tuple[str, bool]:
    if error.is_page:
        return (
            f"a web page came in place of {access.title}'s data: a login, or a proxy that answers for it; try the "
            "address in a browser",
            True,
        )
    return f"{access.title}'s answer is damaged each time: {error}; it was not kept", False


def _unreached(error: Exception, url: str, access: Access) -> tuple[str, bool]:
    host = urlsplit(url).netloc.rpartition("@")[2] or access.title
    proxy = _proxy(urlsplit(url).scheme or "https", urlsplit(url).hostname or "")
    if trouble := _certificate(error):
        return (
            f"{host} cannot be trusted: {trouble}. If your company's proxy opens encrypted connections, name its "
            "certificates in SSL_CERT_FILE",
            True,
        )
    name, why = type(error).__name__, " ".join(str(error).split())[:_TOO_LONG] or type(error).__name__
    if name == "ProxyError":
        hint = "; it wants a user and a password: HTTPS_PROXY=http://user:password@host:port" if "407" in why else ""
        return f"the proxy {proxy} does not let us through to {host}: {why}{hint}", True
    if name in ("ReadError", "RemoteProtocolError", "DecodingError"):
        return (
            f"the connection to {host} was cut in the middle of a page, try after try ({why}); it was not kept",
            False,
        )
    if name == "ReadTimeout":
        return f"{host} did not finish its answer in time, try after try; run pull again: it goes on", False
    by = f" by way of the proxy {proxy} (HTTPS_PROXY, NO_PROXY)" if proxy else ""
    return f"{host} cannot be reached{by}: {why}", name != "ReadTimeout"


def _certificate(error: BaseException | None) -> str | None:
    """Why TLS failed, if it did: the reason lies deep in the chain of causes."""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message or "its certificate is not valid"
        if isinstance(error, ssl.SSLError) and error.reason:
            return f"no TLS with it ({error.reason.replace('_', ' ').lower()})"
        error, seen = error.__cause__ or error.__context__, seen + 1
    return None


def _proxy(scheme: str = "https", host: str = "") -> str:
    """The proxy that the environment names for it, without its user; empty for none."""
    found = urllib.request.getproxies()
    given = found.get(scheme) or found.get("all") or ""
    if not given or (host and urllib.request.proxy_bypass(host)):
        return ""
    return urlsplit(given).netloc.rpartition("@")[2] or Path(given).name
