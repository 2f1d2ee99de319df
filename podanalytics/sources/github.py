"""GitHub issues: REST pages, timelines, issue events, comments, and webhooks.

The list of issues contains pull requests; they are counted and not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Told
from podanalytics.sources import Source
from podanalytics.sources._github_records import NAME, record
from podanalytics.sources._github_webhooks import ABOUT_CHANGES, named, webhook
from podanalytics.sources._hooks import opened
from podanalytics.sources._manifest import address_of
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import Item, each, first_json, head, whole_json

LISTS = ("items", "timeline")
_TIMELINE = re.compile(r"/repos/[\w.-]+/[\w.-]+/issues/\d+/timeline(?:\?|$)")
_HOST = re.compile(r"github\.com|/api/v3/repos/")  # the second: a GitHub Enterprise Server, at any address
_HOME = re.compile(r'"issue_url"\s*:\s*"([^"]+)"')


def owns(path: Path) -> bool:
    """Issues, a timeline with its issue, issue events or comments of the REST API; webhooks not about a change."""
    if _home(path):
        return True
    document = first_json(path)
    if isinstance(document, dict) and document.get("items") == [] and "total_count" in document:
        return True
    found = sample(path, *LISTS)
    if event := named(found):
        return event not in ABOUT_CHANGES
    if found and "event" in found and _pulled(path):
        return True
    address = str(found.get("url") or found.get("html_url") or found.get("issue_url")) if found else ""
    if found is None or not _HOST.search(address):
        return False
    keys = set(found)
    return bool(
        {"number", "state", "title"} <= keys or {"event", "created_at"} <= keys or {"issue_url", "body"} <= keys
    )


def parse(path: Path) -> Iterator[Told]:
    """Issues, events and comments, in the file's order; a timeline's own issue first."""
    home = _home(path)
    if home:
        yield from each(NAME, _own_issue(path), lambda item, origin: record(item, origin, home))
    issue = home or _pulled(path)
    yield from each(NAME, records(path, NAME, *LISTS), lambda item, o: _read(item, o, issue))


def _read(item: dict[str, Any], origin: str, home: str | None) -> Iterator[Told]:
    return webhook(opened(item, origin)) if home is None and named(item) else record(item, origin, home)


def _own_issue(path: Path) -> Iterator[Item]:
    """The issue that stands beside its timeline, if it does and the file is whole."""
    document = whole_json(path)
    if isinstance(document, dict) and isinstance(document.get("issue"), dict):
        yield f"{path.name}#/issue", document["issue"]


def _home(path: Path) -> str | None:
    """The issue that a timeline is of; None for any other file. Looked for as text where the file is cut off."""
    if not head(path, 4096).lstrip().startswith("{"):
        return None
    document = first_json(path)
    if not isinstance(document, dict):
        before, timeline, _ = head(path).partition('"timeline"')
        written = _HOME.search(before) if timeline else None
        return written[1] if written else None
    issue = document.get("issue")
    found = str(document.get("issue_url") or (issue.get("url") if isinstance(issue, dict) else issue))
    return found if isinstance(document.get("timeline"), list) and "github.com" in found else None


def _pulled(path: Path) -> str | None:
    """The address of a timeline's page that `pull` kept as it came: nothing in it says which issue it is of."""
    address = address_of(path)
    return address if _TIMELINE.search(address) else None


source = Source(
    title="GitHub issues",
    manual="https://docs.github.com/en/rest/issues",
    owns=owns,
    parse=parse,
    group="tracker",
    takes="REST API: issues and what happened to them; webhooks",
    known_by="records with an address on github.com",
)
