"""Pulling: one file a vendor, which says what to ask for in which order. Each offers `vendor = Vendor(...)`.

Fetching is not parsing: a vendor looks into an answer only as far as paging needs, and every answer is kept as it came,
below `data/raw/<vendor>/`, where `load` reads it like any export. `_run` drives the streams, `_http` asks and waits,
`_raw` keeps pages and cursors, `_secrets` holds tokens.

This module and the vendors' are light: they are imported whenever pod.toml has a table `[pull]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Protocol
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from podanalytics.plugins import discover

if TYPE_CHECKING:
    from podanalytics.pull._secrets import Secret

MAX_WAIT_MINUTES = 15
OWN = "max_wait_minutes"  # the one key of [pull] that is no vendor's

Cursor = Mapping[str, Any]  # JSON; empty where a stream begins
Check = Callable[
    ["Answer"], str
]  # why an answer does not fit its request, so that it is asked for again; "" if it does


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `url` as asked, headers by their lower-case names, the body as it came, and its JSON as `data`.

    `fresh` is false where the vendor said that nothing changed and `body` is the page that was kept.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    data: Any = None
    fresh: bool = True


class Client(Protocol):
    """What a vendor asks through. Waits, retries, conditional requests and tokens are not its business."""

    def get(
        self,
        url: str,
        params: Mapping[str, str | int] | None = None,
        *,
        form: str = "json",
        check: Check | None = None,
        but: Sequence[int] = (),
    ) -> Answer:
        """The answer to GET: `url` is a path of the stream's own address, or a whole address below it.

        `form` is json, xml or text: what must be whole. Statuses in `but` (404 ...) come back as answers, all others
        from 400 on raise PullError, once retrying did not help.
        """
        ...

    def post(self, url: str, json: Any, *, check: Check | None = None, but: Sequence[int] = ()) -> Answer:
        """The same for a POST that only reads."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to keep, and the cursor behind it, which is saved once the answer is safe.

    `place` is the file's name in the stream's folder, without its ending. It must follow from what was asked alone: the
    same request, the same place. Without an answer only the cursor moves on. `note` is told to the user.
    """

    cursor: Cursor
    answer: Answer | None = None
    place: str = ""
    ending: str = ".json"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """One thing to follow: the issues of a repository. `name` is its folder below `data/raw/<vendor>/`.

    `pull(client, cursor, since)` goes on from the cursor; where that is empty, it begins with what changed at `since`.
    What it yields at last has the cursor the next pull begins with. It may be stopped behind every page, for good.
    """

    name: str
    base_url: str
    pull: Callable[[Client, Cursor, datetime], Iterator[Page]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that a vendor is asked to explain: 401, 403, 404 ... `said` is the vendor's own message."""

    status: int
    headers: Mapping[str, str]
    url: str
    said: str
    with_token: bool


def _no_words(refusal: Refusal) -> str:
    return ""


def _no_headers(settings: Any, token: Secret | None) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Vendor:
    """The whole plugin contract of a vendor.

    `settings` is the model of pod.toml's `[pull.<name>]`, `streams` what they ask for. `token` names the environment's
    variable (and the key store's entry) that holds the secret, `headers` says how it is sent, `permission` which least
    permission it must have. `refused` may explain a refusal better than we can; empty words leave it to us.
    """

    name: str
    title: str
    settings: type[VendorSettings]
    streams: Callable[[Any], Sequence[Stream]]
    token: str = ""
    needs_token: bool = False
    permission: str = ""
    headers: Callable[[Any, Secret | None], Mapping[str, str]] = _no_headers
    refused: Callable[[Refusal], str] = _no_words


class VendorSettings(BaseModel):
    """What every `[pull.<name>]` may say; `pace` is the least number of seconds between two requests to one host."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pace: Annotated[float, Field(ge=0, le=60)] = 0


def _address(given: str) -> str:
    parts = urlsplit(given)
    if parts.username or parts.password:
        raise ValueError("an address must not hold a user or a password")
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{given!r} is no address: write it as https://host/path")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(f"{given!r} would be asked without encryption: write https://")
    return given.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


@cache
def all_vendors() -> dict[str, Vendor]:
    """Every vendor that can be pulled from, by name."""
    return dict(discover("podanalytics.pull", "vendor"))


def checked(given: Any) -> Any:
    """pod.toml's table `[pull]`, each vendor's part as its own model. Raises ValueError that says what to write."""
    if not isinstance(given, Mapping):
        raise ValueError("write it as a table for each vendor: [pull.github]")
    vendors, found = all_vendors(), dict(given)
    for name, told in given.items():
        if name == OWN:
            if isinstance(told, bool) or not isinstance(told, int) or not 0 <= told <= 24 * 60:
                raise ValueError(f"{OWN}: write a whole number of minutes, at most {24 * 60}")
        elif name not in vendors:
            raise ValueError(f"{name}: nothing is known of that vendor; there are {', '.join(vendors)}, and {OWN}")
        else:
            found[name] = _model(vendors[name], told)
    return found


def _model(vendor: Vendor, told: Any) -> VendorSettings:
    if isinstance(told, vendor.settings):
        return told
    try:
        return vendor.settings.model_validate(told)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, (vendor.name, *e['loc'])))}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors(include_input=False, include_url=False)
        )
        raise ValueError(f"{faults} (known there: {', '.join(vendor.settings.model_fields)})") from None
