"""Statuspage's history: the Atom feed of a page, and the lines that github-statuses (mrshu) makes of such feeds.

The feed knows what the API's summary forgets: how an incident ended. Its times are stamped to the minute, its updates
have no ids, so an update's key is made of what both forms know: incident, minute and words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from podanalytics.model import Event, Fault, FaultRule, Kind, Precision, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_or_refused
from podanalytics.sources._read import (
    DAMAGED,
    MAX_DOCUMENT,
    Item,
    TooLargeError,
    backdated,
    digest,
    each,
    head,
    json_lines,
    open_bytes,
    reason_of,
)

NAME = "statuspage"
MAINTENANCE = {"scheduled", "in progress", "verifying", "completed"}  # statuses that no incident has
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ATOM = "{http://www.w3.org/2005/Atom}"
_BEFORE_STATUS = re.compile(r"\s*<br\s*/?>\s*<strong>")
_BEFORE_TEXT = re.compile(r"\s*-\s*")
_TAG = re.compile(r"<[^<>]+>")
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
    known = iso(item["updated_at"]) if item.get("updated_at") else None
    return _events(item["url"], item["title"], updates, origin, item.get("impact"), known)


def _entries(path: Path) -> Iterator[Item | Fault]:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    number, open_ = 0, []
    try:
        with open_bytes(path) as file:
            for event, element in iterparse(_Limited(file), events=("start", "end")):
                if event == "start":
                    open_.append(element)
                    continue
                open_.pop()
                if element.tag == f"{ATOM}entry":
                    yield f"{path.name}#/entry/{number}", _fields(element)
                    number += 1
                if len(open_) == 1:  # nothing of what the feed holds is kept, be it an entry or not
                    open_[0].clear()
    except (ParseError, DefusedXmlException, ValueError, LookupError, OSError, *DAMAGED) as error:
        place = f"{path.name}#/entry/{number}"
        why = f"the feed breaks off here: {reason_of(error)}"
        yield Fault(NAME, place, why, rule=FaultRule.CUT_SHORT)


class _Limited:
    """A file of which no more is read than of any document."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, MAX_DOCUMENT

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise TooLargeError(f"larger than {MAX_DOCUMENT >> 20} MB")
        return data


def _fields(entry: Any) -> dict[str, str]:
    names = ("id", "title", "published", "updated", "content")
    link = entry.find(f"{ATOM}link")
    address = link.get("href") if link is not None else ""
    return {**{name: entry.findtext(f"{ATOM}{name}") or "" for name in names}, "url": address or ""}


def _entry(item: dict[str, Any], origin: str) -> Iterator[Event]:
    latest = max(iso(item["published"]), iso(item["updated"]))
    updates = []
    _, *parts = item["content"].split("<small>")
    for stamp, status, body in filter(None, map(_update, parts)):
        # The feed gives no year and the newest first: each update lies at or before the one above it.
        latest = _moment(_plain(stamp), latest)
        updates.append((latest, _plain(status), _plain(body)))
    if len(updates) != len(parts):
        raise ValueError(f"{len(parts) - len(updates)} of its updates are of another form")
    return _events(item["url"], item["title"], list(reversed(updates)), origin, None, iso(item["updated"]))


def _update(part: str) -> tuple[str, str, str] | None:
    """Time, status and words of an update; None where it is of another form.

    Taken apart step by step: a pattern for the whole would go over a damaged one again and again.
    """
    stamp, _, rest = part.partition("</small>")
    if not (found := _BEFORE_STATUS.match(rest)):
        return None
    status, _, rest = rest[found.end() :].partition("</strong>")
    if not (found := _BEFORE_TEXT.match(rest)):
        return None
    body, end, _ = rest[found.end() :].partition("</p>")
    return (stamp.lstrip(), status, body) if end else None


def _plain(markup: str) -> str:
    text = html.unescape(_TAG.sub("", re.sub(r"<br\s*/?>", "\n", markup)))
    return "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()


def _moment(stamp: str, before: datetime) -> datetime:
    hit = _STAMP.match(stamp)
    if not hit or hit[5] not in ("UTC", "GMT") or hit[1] not in MONTHS:
        raise ValueError(f"time {stamp!r} is not of the form 'Aug 21, 00:37 UTC'")
    for year in (before.year, before.year - 1):
        moment = iso_or_refused(f"{year}-{MONTHS.index(hit[1]) + 1:02}-{int(hit[2]):02}T{hit[3]}:{hit[4]}Z")
        if moment and moment <= before + timedelta(minutes=1):
            return moment
    raise ValueError(f"time {stamp!r} is no moment of the year before {before.isoformat()}")


def _events(
    url: str,
    title: str,
    updates: list[tuple[datetime, str, str]],
    origin: str,
    impact: str | None,
    known: datetime | None,
) -> Iterator[Event]:
    """An incident's events; `known` is when it was last updated, and so how late its title is known to be right."""
    if not updates:
        raise ValueError("it holds no update")
    id = url.rstrip("/").rsplit("/", 1)[-1]
    base: dict[str, Any] = {"source": NAME, "subject": id, "origin": origin, "url": url, "precision": Precision.MINUTE}
    first = updates[0][0]
    planned = impact == "maintenance" or any(status.lower() in MAINTENANCE for _, status, _ in updates)
    kind = "maintenance" if planned else "status_incident"
    declared = Event(kind=Kind.DECLARED, key=f"{id}/history/created", occurred_at=first, value=kind, text=title, **base)
    yield backdated(declared, max(first, known)) if known else declared
    if impact:
        yield Event(kind=Kind.SEVERITY, key=f"{id}/history/{impact}", occurred_at=first, value=impact, **base)
    for at, status, text in updates:
        key = f"{id}/history/{at:%Y-%m-%dT%H:%M}/{digest(f'{status} {text}')}"
        yield Event(kind=Kind.NOTICE, key=key, occurred_at=at, value=status, text=text, **base)
        if status.lower() == "resolved":
            yield Event(kind=Kind.STATUS, key=f"{key}/status", occurred_at=at, value=status, **base)


source = Source(
    title="Statuspage history feed",
    manual="https://support.atlassian.com/statuspage/docs/enable-subscriptions-to-your-status-page/",
    owns=owns,
    parse=parse,
    group="status page",
    takes="Atom feed",
    known_by="a feed of incidents",
)
