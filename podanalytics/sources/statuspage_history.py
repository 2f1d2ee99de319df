"""Statuspage's history: the Atom feed of a page, and the lines that github-statuses (mrshu) makes of such feeds.

The feed knows what the API's summary forgets: how an incident ended. Its times are stamped to the minute, its updates
have no ids, so an update's key is made of what both forms know: incident, minute and words.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Precision, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso
from podanalytics.sources._read import Item, each, head, json_lines, open_bytes

NAME = "statuspage"
ATOM = "{http://www.w3.org/2005/Atom}"
_UPDATE = re.compile(r"<small>\s*(.*?)</small>\s*<br\s*/?>\s*<strong>(.*?)</strong>\s*-\s*(.*?)</p>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_STAMP = re.compile(r"^([A-Z][a-z]{2}) (\d{1,2}), (\d{2}):(\d{2}) (\w+)$")


def owns(path: Path) -> bool:
    """An Atom feed of incidents, or lines with a sequence of statuses and the updates."""
    start = head(path, 8192)
    if "http://www.w3.org/2005/Atom" in start:
        return ("/history" in start and ":Incident/" in start) or "Incident History" in start
    return start.startswith("{") and '"status_sequence"' in start and '"updates"' in start


def parse(path: Path) -> Iterator[Told]:
    """Every incident of the history, in the file's order."""
    if head(path, 1).startswith("{"):
        yield from each(NAME, json_lines(path, NAME), _line)
    else:
        yield from each(NAME, _entries(path), _entry)


def _line(item: dict[str, Any], origin: str) -> Iterator[Event]:
    updates = [(iso(u["at"]), str(u["status"]), str(u["message"])) for u in item["updates"]]
    return _events(item["url"], item["title"], updates, origin, item.get("impact"))


def _entries(path: Path) -> Iterator[Item | Fault]:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import parse as parse_xml

    try:
        with open_bytes(path) as file:
            root = parse_xml(file).getroot()
    except (ParseError, DefusedXmlException) as error:
        yield Fault(NAME, path.name, f"not an Atom feed: {error}")
        return
    for number, entry in enumerate(root.findall(f"{ATOM}entry")):
        link = entry.find(f"{ATOM}link")
        fields = {
            name: entry.findtext(f"{ATOM}{name}") or "" for name in ("id", "title", "published", "updated", "content")
        }
        yield f"{path.name}#/entry/{number}", {**fields, "url": link.get("href") if link is not None else ""}


def _entry(item: dict[str, Any], origin: str) -> Iterator[Event]:
    latest = max(iso(item["published"]), iso(item["updated"]))
    updates = []
    for stamp, status, body in _UPDATE.findall(item["content"]):
        # The feed gives no year and the newest first: each update lies at or before the one above it.
        latest = _moment(_plain(stamp), latest)
        updates.append((latest, _plain(status), _plain(body)))
    if not updates:
        raise ValueError("no update found in the entry's content")
    return _events(item["url"], item["title"], list(reversed(updates)), origin, None)


def _plain(markup: str) -> str:
    text = html.unescape(_TAG.sub("", re.sub(r"<br\s*/?>", "\n", markup)))
    return "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()


def _moment(stamp: str, before: datetime) -> datetime:
    hit = _STAMP.match(stamp)
    if not hit or hit[5] not in ("UTC", "GMT"):
        raise ValueError(f"time {stamp!r} is not of the form 'Aug 21, 00:37 UTC'")
    for year in (before.year, before.year - 1):
        moment = datetime.strptime(f"{year} {hit[1]} {hit[2]} {hit[3]}:{hit[4]} +0000", "%Y %b %d %H:%M %z")
        if moment <= before + timedelta(minutes=1):
            return moment
    raise ValueError(f"time {stamp!r} does not come before {before.isoformat()}")


def _events(
    url: str, title: str, updates: list[tuple[datetime, str, str]], origin: str, impact: str | None
) -> Iterator[Event]:
    id = url.rstrip("/").rsplit("/", 1)[-1]
    base: dict[str, Any] = {"source": NAME, "subject": id, "origin": origin, "url": url, "precision": Precision.MINUTE}
    first = updates[0][0]
    kind = "maintenance" if impact == "maintenance" else "status_incident"
    yield Event(kind=Kind.DECLARED, key=f"{id}/history/created", occurred_at=first, value=kind, text=title, **base)
    if impact:
        yield Event(kind=Kind.SEVERITY, key=f"{id}/history/{impact}", occurred_at=first, value=impact, **base)
    for at, status, text in updates:
        words = hashlib.sha256(f"{status}\x1f{' '.join(text.split())}".encode()).hexdigest()[:8]
        key = f"{id}/history/{at:%Y-%m-%dT%H:%M}/{words}"
        yield Event(kind=Kind.NOTICE, key=key, occurred_at=at, value=status, text=text, **base)
        if status.lower() == "resolved":
            yield Event(kind=Kind.STATUS, key=f"{key}/status", occurred_at=at, value=status, **base)


source = Source(
    "Statuspage history feed",
    "https://support.atlassian.com/statuspage/docs/enable-subscriptions-to-your-status-page/",
    owns,
    parse,
)
